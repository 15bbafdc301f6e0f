"""Classify real cracks, with the course's commands: concrete, then other pavements.

    python tests/benchmarks/cracks.py --concrete ../shared/data/concrete_cracks \\
        --pavement ../shared/data/pavement_cracks \\
        --weights ../shared/data/weights/mobilenet_v2_0.35_224_notop.npz
    python tests/benchmarks/cracks.py --untrained --count 240 \\
        --concrete ../shared/data/concrete_cracks \\
        --pavement ../shared/data/pavement_cracks

The first trains MobileNetV2 0.35 from ImageNet weights and the texture baseline on
concrete, split by surface, and tests on what was kept aside and on the other set:
assets/results/cracks.json. The second compares VGG16, ResNet50 and ResNet50V2 at 224
pixels from random weights: assets/results/cracks_untrained.json.
"""

import json
import os
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import measure
from inspection.common import arguments as flags

BUILD = measure.ROOT / "build/crack_benchmark"
RESULTS = measure.ROOT / "assets/results"
CLASSES = ("Negative", "Positive")
OTHER_CLASSES = ("negative", "positive")
PHOTOGRAPHS = 100  # groups of like surface; the set was cut from 458 photographs


def parse_arguments():
    parser = flags.parser(__doc__)
    add = parser.add_argument
    add("--concrete", required=True, type=Path, metavar="DIR")
    add("--pavement", required=True, type=Path, metavar="DIR")
    add("--weights", metavar="NPZ", help="of MobileNetV2 0.35")
    add("--untrained", action="store_true", help="the second comparison")
    add(
        "--count",
        type=flags.positive_int,
        default=240,
        help="pictures of the second (240)",
    )
    add("--tune_epochs", type=flags.non_negative_int, default=3)
    arguments = parser.parse_args()
    if not arguments.untrained and not arguments.weights:
        parser.error("give --weights, or --untrained")
    return arguments


def run(name, *flags):
    """Run compare_classifiers.py; return its figures with command and seconds."""
    out = BUILD / name
    command = ["compare_classifiers.py", *map(str, flags), "-o", str(out)]
    print("$ python", f"scripts/{' '.join(command)}", flush=True)
    started = time.perf_counter()
    script = measure.SCRIPTS / command[0]
    subprocess.run([sys.executable, script, *command[1:]], check=True)
    found = json.loads((out / "comparison.json").read_text(encoding="utf-8"))
    return {"seconds": round(time.perf_counter() - started)} | found


def take_some(folder, count):
    """Copy so many pictures, half of each class, chosen by seed 0; return the folder."""
    some = BUILD / "some"
    shutil.rmtree(some, ignore_errors=True)
    for name in CLASSES:
        (some / name).mkdir(parents=True)
        paths = sorted((folder / name).iterdir())
        for path in random.Random(0).sample(paths, count // 2):
            shutil.copy(path, some / name)
    return some


def pretrained(arguments):
    weights = Path(arguments.weights).resolve()
    shared = ("--classes", *CLASSES, "--other", arguments.pavement)
    shared += ("--other_classes", *OTHER_CLASSES)
    network = f"mobilenetv2_035={weights}"
    groups = ("--photographs", PHOTOGRAPHS)
    head = run(
        "head", arguments.concrete, *shared, *groups, "--models", "texture", network
    )
    tune = ("--tune_epochs", arguments.tune_epochs)
    tuned = run(
        "tuned", arguments.concrete, *shared, *groups, *tune, "--models", network
    )
    mixed = run("mixed", arguments.concrete, "--classes", *CLASSES, "--models", network)
    return {
        "start": "ImageNet weights of MobileNetV2 0.35",
        "split": f"by surface, {PHOTOGRAPHS} groups asked for",
        "head on features": head,
        f"then fine-tuned, {arguments.tune_epochs} epochs": tuned,
        "head, split by near-duplicates alone": mixed,
    }


def untrained(arguments):
    some = take_some(arguments.concrete, arguments.count)
    names = ("vgg16", "resnet50", "resnet50v2")
    flags = ("--models", "texture", *[f"{name}=none" for name in names])
    flags += ("--classes", *CLASSES, "--photographs", 30, "--rate", 0.0003)
    flags += ("--tune_epochs", arguments.tune_epochs)
    return {
        "start": "random weights, all layers trained, 224 pixels",
        "comparison": run("untrained", some, *flags),
    }


def main():
    arguments = parse_arguments()
    measured = untrained(arguments) if arguments.untrained else pretrained(arguments)
    name = "cracks_untrained" if arguments.untrained else "cracks"
    result = {
        "data": "concrete_cracks (METU, 1,000 + 1,000), pavement_cracks (500 + 500)",
        "seed": 0,
        "machine": f"{os.cpu_count()} cores, {measure.platform.machine()}, no GPU",
        **measured,
    }
    text = json.dumps(result, indent=2) + "\n"
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / f"{name}.json").write_text(text, encoding="utf-8")
    print(f"assets/results/{name}.json")


if __name__ == "__main__":
    main()
