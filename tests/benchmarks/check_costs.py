"""How the time and the memory of check_dataset.py grow with the set.

    python tests/benchmarks/check_costs.py

Draws sets of 5,000, 10,000 and 20,000 annotated pictures, and single annotations of
25,000, 50,000 and 100,000 objects, runs the command with its HTML report on each, and
prints CPU seconds, peak memory and how both grow when a set doubles. What grows as
n log n takes 2.2 times as long for twice as much. Writes assets/results/check_costs.json.
"""

import json
import math
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np

import measure
from helpers.images import encode, sample_image
from inspection.common import arguments as flags
from inspection.datasets import voc

RESULTS = measure.ROOT / "assets/results/check_costs.json"
FOLDER = measure.ROOT / "build/check_costs"
PICTURES = (5_000, 10_000, 20_000)
OBJECTS = (25_000, 50_000, 100_000)
NAMES = ("leak", "puddle", "stain")
SIDE = 2_000  # pixels, of the picture of many objects
FEW = 3  # objects of a picture of many


def parse_arguments():
    parser = flags.parser(__doc__)
    add = parser.add_argument
    add("--pictures", type=flags.positive_int, nargs="+", default=PICTURES)
    add("--objects", type=flags.positive_int, nargs="+", default=OBJECTS)
    add("--results", type=Path, default=RESULTS)
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    shutil.rmtree(FOLDER, ignore_errors=True)
    found = {
        "pictures": costs_of(draw_pictures, arguments.pictures),
        "objects of one picture": costs_of(draw_objects, arguments.objects),
    }
    result = {
        "what": "check_dataset.py with --html on drawn sets, CPU s and peak MB",
        "command": " ".join(["python tests/benchmarks/check_costs.py", *sys.argv[1:]]),
        "machine": measure.describe_machine(),
        **found,
        "growth": {what: growth(costs) for what, costs in found.items()},
    }
    arguments.results.parent.mkdir(parents=True, exist_ok=True)
    arguments.results.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    measure.print_result("checking large sets", result["growth"])


def costs_of(draw, counts):
    """Return {count: {cpu_s, peak_mb}} of the command on sets of so many."""
    costs = {}
    for count in counts:
        folder = FOLDER / f"{draw.__name__}_{count}"
        draw(folder, count)
        costs[str(count)] = run_check(folder)
        print(f"{draw.__name__} {count:,}: {costs[str(count)]}", flush=True)
        shutil.rmtree(folder)
    return costs


def draw_pictures(folder, count):
    """Write so many different small pictures, each with FEW boxes."""
    rng = np.random.default_rng(0)
    folder.mkdir(parents=True)
    for number in range(count):
        path = folder / f"scene_{number:06}.jpg"
        path.write_bytes(encode(sample_image(number), "JPEG"))
        write_boxes(path, (64, 48), FEW, rng)


def draw_objects(folder, count):
    """Write one picture with so many boxes."""
    folder.mkdir(parents=True)
    path = folder / "scene.jpg"
    path.write_bytes(encode(sample_image(0, (SIDE, SIDE)), "JPEG"))
    write_boxes(path, (SIDE, SIDE), count, np.random.default_rng(0))


def write_boxes(path, size, count, rng):
    """Write the annotation of a picture, its boxes anywhere in it."""
    near = rng.integers(0, np.array(size) - 12, (count, 2))
    corners = np.hstack([near, near + rng.integers(4, 12, (count, 2))]).tolist()
    boxes = tuple(
        voc.Box(NAMES[number % len(NAMES)], *place)
        for number, place in enumerate(corners)
    )
    annotation = voc.Annotation(path, path, *size, boxes, 3, path.name)
    voc.write_annotation(annotation, path.with_suffix(".xml"))


def run_check(folder):
    """Return the CPU seconds and the peak memory of one run of the command."""
    script = measure.SCRIPTS / "check_dataset.py"
    command = [sys.executable, script, "-x", folder, "--html", folder / "report.html"]
    running = subprocess.Popen(list(map(str, command)), stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(running.pid, 0)
    if status:
        sys.exit(f"{' '.join(map(str, command))} ended with {status}")
    seconds = usage.ru_utime + usage.ru_stime
    return {"cpu_s": round(seconds, 1), "peak_mb": round(usage.ru_maxrss / 1024)}


def growth(costs):
    """Return how time and memory grow from each size to the next, and n log n."""
    counts = list(map(int, costs))
    return {
        f"{small} to {large}": {
            "time": round(costs[str(large)]["cpu_s"] / costs[str(small)]["cpu_s"], 2),
            "memory": round(
                costs[str(large)]["peak_mb"] / costs[str(small)]["peak_mb"], 2
            ),
            "n log n": round(large * math.log(large) / (small * math.log(small)), 2),
        }
        for small, large in zip(counts[:-1], counts[1:])
    }


if __name__ == "__main__":
    main()
