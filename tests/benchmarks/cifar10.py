"""Train on CIFAR-10 with the course's command on two cores, and measure it once.

    python tests/benchmarks/cifar10.py --data ../shared/data/cifar10_jpeg.tar \\
        --weights ../shared/data/weights/mobilenet_v2_0.35_224_notop.npz

ResNet-9 to the end, ResNet-50 for a few epochs, and with --weights what the wrong scale
costs a pretrained backbone. Runs lie in build/cifar10; a stopped one goes on. The
figures go to assets/results/cifar10.json with data, seed, machine and times.
"""

import json
import os
import platform
import subprocess
import sys
from pathlib import Path

import pandas as pd

import measure
from inspection.common import arguments as flags

ROOT = measure.ROOT
BUILD = ROOT / "build/cifar10"
SEED = 0
PROBE = {"network": "mobilenetv2_035", "enlarged": 96, "per_class": 300}
RUNS = {
    "resnet9": ["--epochs", "24", "--batch_size", "128"],
    "resnet50": ["--epochs", "2", "--batch_size", "64", "--learning_rate", "0.05"],
}


def parse_arguments():
    parser = flags.parser(__doc__)
    add = parser.add_argument
    add("--data", required=True, type=Path, help="the JPEG copy of CIFAR-10")
    add("--weights", type=Path, metavar="NPZ", help="MobileNetV2 0.35 from ImageNet")
    add("--only", choices=[*RUNS, "scale"], nargs="+", default=[*RUNS, "scale"])
    add("--results", type=Path, default=ROOT / "assets/results/cifar10.json")
    return parser.parse_args()


def train(network, data):
    """Train with the command, going on where a run stopped; return its figures."""
    flags = ["--data", str(data), "--network", network, *RUNS[network]]
    flags += ["--seed", str(SEED), "-o", str(BUILD / network)]
    print("$ python scripts/train_cifar10.py", *flags, flush=True)
    command = [sys.executable, str(ROOT / "scripts/train_cifar10.py"), *flags]
    subprocess.run(command, check=True)
    history = pd.read_csv(BUILD / network / "history.csv")
    report = json.loads((BUILD / network / "report.json").read_text())
    return {
        "command": f"train_cifar10.py --network {network} {' '.join(RUNS[network])}",
        "epochs": len(history),
        "training_minutes": round(history["seconds"].sum() / 60, 1),
        "minutes_of_two_cores": round(history["cpu_seconds"].sum() / 120, 1),
        "loss_of_each_epoch": history["loss"].round(3).tolist(),
        **report,
    }


def measure_scale(data, weights):
    """Return the accuracy of a last layer on features of rightly and wrongly scaled."""
    from inspection.classification.cifar10 import transfer
    from inspection.datasets.cifar10 import image_arrays

    images = image_arrays.subsample(image_arrays.read(data), PROBE["per_class"], SEED)
    figures = {}
    for title, scale in (
        ("own_scale", 1.0),
        ("divided_by_255", transfer.TO_UNIT),
    ):
        backbone = transfer.enlarged_backbone(
            PROBE["network"], 32, PROBE["enlarged"], weights, scale
        )
        figures[title] = round(transfer.probe(backbone, images, seed=SEED), 4)
    return {"frozen_backbone": "MobileNetV2 0.35, ImageNet weights", **PROBE, **figures}


def main():
    arguments = parse_arguments()
    result = {
        "data": "CIFAR-10, a JPEG copy: 15,000 training and 3,000 test pictures",
        "seed": SEED,
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, no GPU, "
        "with other work on it",
    }
    if arguments.results.exists():
        result |= json.loads(arguments.results.read_text())
    for network in RUNS:
        if network in arguments.only:
            result[network] = train(network, arguments.data.resolve())
    if "scale" in arguments.only and arguments.weights:
        result["wrong_scale"] = measure_scale(arguments.data, arguments.weights)
    arguments.results.parent.mkdir(parents=True, exist_ok=True)
    arguments.results.write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
