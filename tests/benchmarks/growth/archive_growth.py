"""Inspect archives of growing size, killed once and gone on, beside a plain loop.

    python tests/benchmarks/growth/archive_growth.py --counts 100 1000 10000
    python tests/benchmarks/growth/archive_growth.py --model leaks.tflite

Needs requirements-beam.txt. Pictures of 96x72, one in a hundred torn. The plain loop
reads the same pictures by the same functions through the same model, without Beam and
without tables. The model is a detector made by hand, almost free, if none is named:
that shows what all else costs. Kept in assets/results/growth.json.
"""

import shutil
import subprocess
import sys
import time
from pathlib import Path

import psutil
from archive_set import make_archive
from slope import describe, keep

import bootstrap  # noqa: F401
import measure
from helpers import tiny_models
from inspection.common import arguments as flags

LOOP = """
import sys; sys.path.insert(0, {scripts!r})
from inspection.at_scale import places
from inspection.at_scale.inspector import ShardInspector
from inspection.deploy.model_file import read_model_file
look = ShardInspector(read_model_file({model!r}), "unused")
for picture in places.find_pictures([{folder!r}]):
    look.inspect(picture)
"""


def command(model, folder, out):
    script = measure.SCRIPTS / "inspect_archive.py"
    return [script, model, folder, "-o", out, "--shard_size", "500"]


def inspect(model, folder):
    """Return (wall seconds, peak MB) of an inspection into a new folder."""
    out = measure.BUILD / "inspected"
    shutil.rmtree(out, ignore_errors=True)
    begun = time.perf_counter()
    _, peak = watch(command(model, folder, out))
    return time.perf_counter() - begun, peak


def watch(arguments, end=None):
    """Run Python; return (its output, peak MB). end: kills it when that is true."""
    process = psutil.Popen(
        [sys.executable, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    peak = 0
    while process.poll() is None:
        try:
            peak = max(peak, process.memory_info().rss)
        except psutil.Error:  # it has just ended
            break
        if end and end():
            process.kill()
        time.sleep(0.05)
    return process.communicate()[0], round(peak / 1e6)


def kill_and_go_on(model, folder):
    """Kill an inspection at its third shard; return what the second run says and kept."""
    out = measure.BUILD / "killed"
    shutil.rmtree(out, ignore_errors=True)
    watch(command(model, folder, out), lambda: len(done_in(out)) >= 3)
    before = done_in(out)
    said, _ = watch(command(model, folder, out))
    kept = {name: time for name, time in done_in(out).items() if name in before}
    bad = len((out / "bad_pictures.csv").read_text().splitlines()) - 1
    return {
        "said": said.splitlines()[0],
        "finished_shards_done_again": sum(kept[n] != before[n] for n in before),
        "bad_pictures_listed": bad,
    }


def done_in(out):
    return {path.name: path.stat().st_mtime_ns for path in out.glob("pictures-*")}


def compare(counts, model):
    folders = [make_archive(count) for count in counts]
    runs, loops = [], []
    for folder in folders:
        runs.append(inspect(model, folder))
        words = {"scripts": str(measure.SCRIPTS), "model": str(model)}
        code = LOOP.format(folder=str(folder), **words)
        loops.append(measure.run_process("-c", code)[0])
    seconds = [wall for wall, _ in runs]
    gained = (seconds[-1] - seconds[-2]) / (loops[-1] - loops[-2])
    return {
        "what": "96x72 JPEG, 1 % torn, whole processes, shards of 500",
        "inspect_archive": describe(counts, seconds),
        "plain_loop": describe(counts, loops),
        "peak_memory_mb": {f"{n:,}": peak for n, (_, peak) in zip(counts, runs)},
        "ratio_to_loop_whole": round(seconds[-1] / loops[-1], 2),
        "ratio_to_loop_after_start": round(gained, 2),
        "killed_and_gone_on": kill_and_go_on(model, folders[-1]),
        "model": Path(model).name,
    }


def main():
    parser = flags.parser(__doc__)
    add = parser.add_argument
    add("--counts", type=flags.positive_int, nargs="+", default=[100, 1000, 10000])
    add("--model", metavar="TFLITE")
    arguments = parser.parse_args()
    if arguments.model is None:
        measure.BUILD.mkdir(parents=True, exist_ok=True)
        arguments.model = measure.BUILD / "detector.tflite"
        arguments.model.write_bytes(tiny_models.make_detector())
    keep("archive", compare(arguments.counts, arguments.model))


if __name__ == "__main__":
    main()
