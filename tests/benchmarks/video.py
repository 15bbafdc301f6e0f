"""Measure detect.py on a real and on a generated video, in an environment of its own.

    python tests/benchmarks/video.py --video ../shared/data/leaking_pipe.mp4
    python tests/benchmarks/video.py --seconds 4 --threads 1

Exports the bundled detector, makes an environment of requirements-edge.txt alone (once,
in build/edge), draws a leak that starts, and runs scripts/detect.py there. Plays what
came of it in Chromium where that is there. Writes assets/results/video.json.
"""

import json
import re
import subprocess
import sys
import time
from pathlib import Path

import measure
from helpers import browser
from inspection.common import arguments as flags
from inspection.deploy.video_writer import open_video
from inspection.synthetic.leaks.video import leak_frames

WORK = measure.BUILD / "video"
EDGE = measure.ROOT / "build/edge"
WEIGHTS = measure.ROOT / "data/weights/leak_scenes"
PICTURES = measure.ROOT / "data/leaks/images"
RESULT = measure.ROOT / "assets/results/video.json"
SEED, SCENE, FPS = 2026, 14, 25
FORMATS = ("float32", "int8")


def parse_arguments():
    parser = flags.parser(__doc__)
    add = parser.add_argument
    add("--video", type=Path, metavar="FILE", help="a video to measure, too")
    add(
        "--seconds",
        type=flags.positive_float,
        default=10.0,
        help="of the generated video (10)",
    )
    add("--threads", type=flags.positive_int, default=2, help="of the model (2)")
    return parser.parse_args()


def export_models():
    """Return {format: path of the bundled detector}."""
    measure.run_process(
        measure.SCRIPTS / "export_tflite_graph_tf2.py",
        f"--pipeline_config_path={WEIGHTS / 'pipeline.config'}",
        f"--trained_checkpoint_dir={WEIGHTS / 'checkpoint'}",
        f"--label_map={WEIGHTS / 'label_map.pbtxt'}",
        f"--output_directory={WORK}",
    )
    measure.run_process(
        measure.SCRIPTS / "convert_to_tflite.py",
        f"--saved_model_dir={WORK / 'saved_model'}",
        f"--images={PICTURES}",
        f"--output_directory={WORK}",
        *("--name=leaks", "--formats", *FORMATS),
    )
    return {format: WORK / f"leaks_{format}.tflite" for format in FORMATS}


def make_environment():
    """Return the Python of an environment that holds requirements-edge.txt alone."""
    python = EDGE / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", EDGE], check=True)
    wanted = measure.ROOT / "requirements-edge.txt"
    command = [python, "-m", "pip", "install", "--quiet", "-r", wanted]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return python


def packages_of(python):
    done = subprocess.run(
        [python, "-m", "pip", "list", "--format=json"],
        capture_output=True,
        text=True,
        check=True,
    )
    return {entry["name"]: entry["version"] for entry in json.loads(done.stdout)}


def draw_video(seconds):
    path = WORK / f"generated_{seconds:g}s.mp4"
    if not path.exists():
        with open_video(path, FPS) as writer:
            for i, frame in enumerate(leak_frames(SEED, SCENE, seconds, FPS)):
                writer.write(frame, i / FPS)
    return path


def run_detect(python, model, video, threads):
    """Return what one run of detect.py took and found."""
    out = WORK / model.stem
    command = [python, measure.SCRIPTS / "detect.py", model, video, "-o", out]
    command += ["--threshold", "0.4", "--alarm", "leak", "--threads", str(threads)]
    wall, cpu = time.perf_counter(), measure.cpu_of_children()
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    wall, cpu = time.perf_counter() - wall, measure.cpu_of_children() - cpu
    frames, seconds = re.search(r"(\d+) frames in ([\d.]+) s", done.stdout).groups()
    return {
        "frames": int(frames),
        "frames_per_s": round(int(frames) / float(seconds), 1),
        "cpu_ms_per_frame": round(1000 * cpu / int(frames), 1),
        "wall_s_with_start": round(wall, 1),
        "alarms": re.findall(r"alarm: (.+)", done.stdout),
        "plays_in_chromium": plays(out / f"{video.stem}.mp4"),
    }


def plays(video):
    """Return what a browser makes of a video: size, seconds played, length."""
    if browser.missing():
        return f"not tried, needs {browser.missing()}"
    width, height, played, seconds = browser.play(video)
    return {"size": f"{width}x{height}", "played_s": played, "length_s": seconds}


def main():
    arguments = parse_arguments()
    WORK.mkdir(parents=True, exist_ok=True)
    models, python = export_models(), make_environment()
    videos = {"generated": draw_video(arguments.seconds)}
    if arguments.video:
        videos["real"] = arguments.video.resolve()
    result = {
        "what": "scripts/detect.py: read, detect, track, draw, encode H.264",
        "command": " ".join(["python tests/benchmarks/video.py", *sys.argv[1:]]),
        "data": f"leak_frames(seed {SEED}, scene {SCENE}), {arguments.seconds:g} s; "
        f"{arguments.video.name if arguments.video else 'no real video'}",
        "model": "data/weights/leak_scenes, 224 px, depth multiplier 0.35",
        "threads": arguments.threads,
        "machine": measure.describe_machine(),
        "environment": packages_of(python),
    }
    for name, video in videos.items():
        for format, model in models.items():
            result[f"{name} {format}"] = run_detect(
                python, model, video, arguments.threads
            )
    measure.print_result("video", result)
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print(f"\n{RESULT.relative_to(measure.ROOT)}")


if __name__ == "__main__":
    main()
