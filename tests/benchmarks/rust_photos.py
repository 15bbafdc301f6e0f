"""Rust or no rust on real photographs: texture, transfer, area rule, ensemble.

    python tests/benchmarks/rust_photos.py --photos ../shared/data/rust_photos \\
        --weights ../shared/data/weights/mobilenet_v2_0.35_224_notop.npz \\
        --model build/benchmarks/segmentation/rust_masks

Learns from train/, compares on validation/, measures on test/, the set's own parts.
--model is the folder of a U-Net trained by segmentation.py; without it the area rule is
left out. Writes assets/results/rust_photos.json.
"""

import json
import os
import platform
import time
from pathlib import Path

import numpy as np

import measure
from inspection.classification.image_classifiers import (
    AreaRule,
    TextureClassifier,
    TransferClassifier,
    score_classifiers,
)
from inspection.common import arguments as flags
from inspection.datasets.images import image_file as images
from inspection.datasets.images.image_folder import ImageFolder
from inspection.segmentation.deep_features import FrozenEncoder
from inspection.segmentation.segmenter import Segmenter

ROOT = measure.ROOT
CLASSES = ("NOCORROSION", "CORROSION")
PARTS = ("train", "validation", "test")


def parse_arguments():
    parser = flags.parser(__doc__)
    add = parser.add_argument
    add("--photos", required=True, type=Path)
    add("--weights", required=True, type=Path, help=".npz of MobileNetV2 0.35")
    add("--model", type=Path, help="folder of a trained U-Net")
    return parser.parse_args()


def read_part(folder):
    """Return (pictures, labels) of the two folders of a part."""
    views, labels = [], []
    for label, name in enumerate(CLASSES):
        paths = ImageFolder(folder / name).paths
        views += [images.read_rgb(path) for path in paths]
        labels += [label] * len(paths)
    return views, np.array(labels)


def make_classifiers(arguments):
    found = {
        "texture + random forest": TextureClassifier("forest"),
        "texture + SVM": TextureClassifier("svm"),
        "transfer learning": TransferClassifier(FrozenEncoder(arguments.weights)),
    }
    if arguments.model:
        segmenter = Segmenter(arguments.model)
        found["U-Net area rule"] = AreaRule(segmenter.mask)
    return found


def main():
    arguments = parse_arguments()
    parts = {part: read_part(arguments.photos / part) for part in PARTS}
    classifiers, minutes = make_classifiers(arguments), {}
    for name, classifier in classifiers.items():
        started = time.perf_counter()
        classifier.fit(*parts["train"])
        minutes[name] = round((time.perf_counter() - started) / 60, 2)
    tables = {}
    for part in PARTS[1:]:
        views, labels = parts[part]
        probabilities = {
            name: one.probability(views) for name, one in classifiers.items()
        }
        probabilities["ensemble (mean)"] = np.mean([*probabilities.values()], axis=0)
        tables[part] = score_classifiers(labels, probabilities)
    best = tables["validation"]["accuracy"].idxmax()
    result = {
        "data": "rust_photos, its own parts: "
        + ", ".join(f"{len(labels)} {part}" for part, (_, labels) in parts.items()),
        "weights": "MobileNetV2 0.35, ImageNet, frozen; logistic regression on them",
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, no GPU, shared",
        "seed": 0,
        "fit_minutes": minutes,
        "best_on_validation": best,
        **{part: table.round(4).T.to_dict() for part, table in tables.items()},
    }
    path = ROOT / "assets/results/rust_photos.json"
    path.write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps({k: v for k, v in result.items() if k not in PARTS}, indent=2))
    for part, table in tables.items():
        print(part, table.round(3).to_string(), sep="\n")


if __name__ == "__main__":
    main()
