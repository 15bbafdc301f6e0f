"""Watch a long film with detect.py: does its memory stay flat, is no frame lost?

    python tests/benchmarks/endurance/long_film.py
    python tests/benchmarks/endurance/long_film.py --frames 2000

Draws a leak that starts, repeats it to a film of 640x480 at 25 frames a second, lets
`detect.py` write the film with boxes, the table and the alarms, and looks at the memory
of its process twice a second. Prints that of three thirds of the time, and the frames
that were written. Ends with status 1 where frames are missing, or the memory has grown by
more than a tenth from the first third to the last.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import av
import psutil

import bootstrap  # noqa: F401
import measure
from inspection.common import arguments as flags
from inspection.synthetic.leaks.video import leak_frames

WEIGHTS = measure.ROOT / "data/weights/leak_scenes"
FPS, SECONDS = 25, 10  # of what is drawn and repeated
GROWTH = 1.1
STARTING = 10  # seconds, in which the model is loaded and the memory grows
LEAST = 1000  # frames: less is over before it has started


def export(folder):
    """Return the path of the bundled detector as a file of float32."""
    measure.run_process(
        measure.SCRIPTS / "export_tflite_graph_tf2.py",
        f"--pipeline_config_path={WEIGHTS / 'pipeline.config'}",
        f"--trained_checkpoint_dir={WEIGHTS / 'checkpoint'}",
        f"--label_map={WEIGHTS / 'label_map.pbtxt'}",
        f"--output_directory={folder}",
    )
    measure.run_process(
        measure.SCRIPTS / "convert_to_tflite.py",
        f"--saved_model_dir={folder / 'saved_model'}",
        f"--output_directory={folder}",
        *("--name=leaks", "--formats", "float32"),
    )
    return folder / "leaks_float32.tflite"


def write_film(path, count):
    """Write `count` frames: one scene, again and again."""
    drawn = list(leak_frames(seed=2026, number=14, seconds=SECONDS, fps=FPS))
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=FPS)
        stream.height, stream.width = drawn[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        for number in range(count):
            pixels = drawn[number % len(drawn)]
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def frames_of(path):
    """Return how many frames a film holds."""
    with av.open(str(path)) as container:
        return sum(packet.size > 0 for packet in container.demux(video=0))


def watch(*arguments):
    """Run Python to its end; return (status, MB twice a second once it has started)."""
    command = [sys.executable, *map(str, arguments)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    asked, seen = psutil.Process(process.pid), []
    while process.poll() is None:
        seen.append(asked.memory_info().rss / 1e6)
        time.sleep(0.5)
    return process.returncode, seen[2 * STARTING :]


def thirds(values):
    """Return the median of each third."""
    step = max(len(values) // 3, 1)
    parts = values[:step], values[step : 2 * step], values[2 * step :]
    return [round(statistics.median(part), 1) for part in parts if part]


def main():
    parser = flags.parser(__doc__)
    parser.add_argument("--frames", type=flags.positive_int, default=36_000)
    frames = parser.parse_args().frames
    if frames < LEAST:
        parser.error(f"--frames must be {LEAST} at least")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        model, film = export(folder), write_film(folder / "film.mp4", frames)
        script, out = measure.SCRIPTS / "detect.py", folder / "found"
        begun = time.perf_counter()
        status, seen = watch(script, model, film, "-o", out, "--alarm", "leak")
        result = {
            "what": f"{frames:,} frames of 640x480, float32, two threads",
            "status": status,
            "frames_written": frames_of(out / "film.mp4"),
            "frames_per_s": round(frames / (time.perf_counter() - begun)),
            "memory_mb_thirds": thirds(seen),
        }
    measure.print_result("a long film", result)
    first, *_, last = result["memory_mb_thirds"]
    return int(status or result["frames_written"] != frames or last > GROWTH * first)


if __name__ == "__main__":
    sys.exit(main())
