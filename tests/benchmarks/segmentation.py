"""Every way to segment, on one set: thresholds, texture, U-Net, ensembles.

    python tests/benchmarks/segmentation.py --name rust_masks \\
        --data ../shared/data/rust_masks --encoder mobilenet_v2 --width 16 \\
        --size 384 --crop 256 --epochs 40 \\
        --weights ../shared/data/weights/mobilenet_v2_0.35_224_notop.npz \\
        --nothing ../shared/data/rust_photos/test/NOCORROSION

Trains on train, chooses on val, measures once on test: a split by --seed, copies of one
source on one side. Writes assets/results/segmentation_NAME.json.
"""

import json
import os
import platform
from pathlib import Path

import numpy as np
import pandas as pd

import measure
from inspection.classification.measures import bootstrap
from inspection.common import arguments as flags
from inspection.datasets.images import image_file as images
from inspection.datasets.images.image_folder import ImageFolder
from inspection.datasets.mask_pairs import read_pairs, split_pairs
from inspection.imaging.color import fit_size
from inspection.keras_shared.callbacks import EpochBar
from inspection.segmentation import ensemble, methods, metrics
from inspection.segmentation.area import area_error
from inspection.segmentation.training import Settings
from inspection.segmentation.workflow import train_segmenter

ROOT = measure.ROOT


def parse_arguments():
    parser = flags.parser(__doc__)
    add = parser.add_argument
    add("--name", required=True, help="of the set, for the result")
    add("--data", required=True, type=Path, help="folder of images/ and masks/")
    add("--weights", type=Path, help=".npz of the encoder")
    add("--encoder", default="plain")
    add("--size", type=flags.positive_int, default=256)
    add(
        "--crop",
        type=flags.non_negative_int,
        default=0,
        help="side of the part trained on",
    )
    add("--width", type=flags.positive_int, default=8)
    add("--epochs", type=flags.positive_int, default=20)
    add("--learning_rate", type=flags.learning_rate, default=1e-3)
    add("--seed", type=flags.seed, default=0)
    add("--nothing", type=Path, help="folder of pictures without any rust")
    add("--build", type=Path, default=ROOT / "build/benchmarks/segmentation")
    return parser.parse_args()


def read_splits(arguments):
    pairs = read_pairs(arguments.data / "images", arguments.data / "masks")
    splits = arguments.data / "splits"
    chosen = splits if splits.is_dir() else None
    return split_pairs(pairs, splits=chosen, seed=arguments.seed)


def train(arguments, splits):
    names = ("size", "crop", "width", "encoder", "epochs", "learning_rate", "seed")
    settings = Settings(**{name: getattr(arguments, name) for name in names})
    folder = arguments.build / arguments.name
    bar = EpochBar(settings.epochs, shown=("loss", "val_iou"))
    segmenter = train_segmenter(splits, folder, settings, arguments.weights, [bar])
    history = pd.read_csv(folder / "history.csv")
    return segmenter, {
        "wall_minutes": round(history["seconds"].sum() / 60, 1),
        "cpu_minutes": round(history["cpu_seconds"].sum() / 60, 1),
    }


def members(segmenter, arrays):
    """Return {name: function to a probability} of what the ensembles are made of."""
    train_images, train_masks = arrays["train"]
    classical = methods.classical_methods()
    methods.fit_all(classical, train_images, train_masks)
    forest = methods.fit_forest(arrays["train"], arrays["val"])
    return (
        classical,
        forest,
        {
            "HSV limits": classical["HSV limits"].segment,
            "texture forest": forest.probability,
            "U-Net": segmenter.probability,
            "U-Net, 4 views": lambda image: segmenter.probability(image, 4),
        },
    )


def ensembles(maps, val_images, val_masks):
    """Return {name: function to a mask}, fitted on validation pictures."""
    seen = {n: [f(image) for image in val_images] for n, f in maps.items()}
    pair = ("texture forest", "U-Net, 4 views")
    middle = [
        ensemble.average([seen[n][i] for n in pair]) for i in range(len(val_images))
    ]
    limits = {n: metrics.best_threshold(val_masks, found) for n, found in seen.items()}
    limits["average"] = metrics.best_threshold(val_masks, middle)
    names = ("HSV limits", *pair)
    rows = [[seen[n][i] for n in names] for i in range(len(val_images))]
    stacking = ensemble.Stacking().fit(rows, val_masks)
    judged = [stacking.probability(row) for row in rows]
    limits["stacking"] = metrics.best_threshold(val_masks, judged)
    return {
        "average": lambda i: (
            ensemble.average([maps[n](i) for n in pair]) >= limits["average"]
        ),
        "vote": lambda i: ensemble.vote([maps[n](i) >= limits[n] for n in names]),
        "stacking": lambda i: (
            stacking.probability([maps[n](i) for n in names]) >= limits["stacking"]
        ),
    }, limits


def all_ways(segmenter, arrays):
    classical, forest, maps = members(segmenter, arrays)
    together, limits = ensembles(maps, *arrays["val"])
    limit = limits["U-Net, 4 views"]
    return {
        **{name: method.segment for name, method in classical.items()},
        "texture forest": forest.segment,
        "U-Net": segmenter.mask,
        "U-Net, 4 views": lambda image: maps["U-Net, 4 views"](image) >= limit,
        "U-Net, checked": lambda image: segmenter.mask(image, clean=True),
        **together,
    }


def with_foreground(ground_truths, masks):
    """Return Dice over the pictures whose drawn mask has any foreground."""
    kept = [i for i, ground_truth in enumerate(ground_truths) if ground_truth.any()]
    return metrics.score([ground_truths[i] for i in kept], [masks[i] for i in kept])[
        "Dice"
    ]


def lead(ground_truths, masks):
    """Return by how many points of IoU U-Net leads the best classical method."""

    def counts(name):
        each = [
            metrics.count(t, m) for t, m in zip(ground_truths, masks[name], strict=True)
        ]
        return np.array([[c.tp, c.tp + c.fp + c.fn] for c in each])

    def iou(rows):
        return np.divide(*rows.sum(axis=0))

    def points(ours, theirs):
        return 100 * (iou(ours) - iou(theirs))

    best = max(methods.classical_methods(), key=lambda name: iou(counts(name)))
    splits = counts("U-Net"), counts(best)
    low, high = bootstrap(points, *splits)
    measured = {"points": points(*splits), "low": low, "high": high}
    return {"over": best, **{name: round(v, 1) for name, v in measured.items()}}


def check_on_nothing(segmenter, folder):
    """Count what is found on pictures that show none of it, before and after."""
    paths = ImageFolder(folder).paths
    views = [fit_size(images.read_rgb(path), 384) for path in paths]
    result = {"pictures": len(views)}
    for name, clean in (("before", False), ("after", True)):
        found = [segmenter.mask(view, clean=clean) for view in views]
        regions = sum(metrics.false_regions(mask * 0, mask) for mask in found)
        area = 100 * float(np.mean([mask.mean() for mask in found]))
        touched = sum(bool(mask.any()) for mask in found)
        result[name] = {
            "false_regions": regions,
            "mean_area_percent": round(area, 2),
            "pictures_with_any": touched,
        }
    return result


def main():
    arguments = parse_arguments()
    splits = read_splits(arguments)
    segmenter, minutes = train(arguments, splits)
    size = arguments.size
    arrays = {
        split: methods.read_arrays(pairs, size) for split, pairs in splits.items()
    }
    images, ground_truths = arrays["test"]
    masks, milliseconds = methods.apply_all(all_ways(segmenter, arrays), images)
    table = metrics.compare(ground_truths, masks, milliseconds)
    table["Dice where any"] = {
        n: with_foreground(ground_truths, m) for n, m in masks.items()
    }
    table["false regions"] = {
        n: sum(map(metrics.false_regions, ground_truths, m)) for n, m in masks.items()
    }
    errors = {n: vars(area_error(ground_truths, m)) for n, m in masks.items()}
    result = {
        "data": f"{arguments.name}: "
        + ", ".join(f"{len(pairs)} {split}" for split, pairs in splits.items()),
        "split": "its own lists"
        if (arguments.data / "splits").is_dir()
        else f"by seed {arguments.seed}, copies of one source on one side",
        "network": f"U-Net, {arguments.encoder}, width {arguments.width}, {size} px"
        + (f", trained on parts of {arguments.crop} px" if arguments.crop else ""),
        "start": "ImageNet weights of the encoder" if arguments.weights else "random",
        "epochs": arguments.epochs,
        "seed": arguments.seed,
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, no GPU, shared",
        "training": minutes,
        "threshold": segmenter.settings.threshold,
        "lead": lead(ground_truths, masks),
        "table": table.round(4).T.to_dict(),
        "area_error_points": {
            n: {k: round(v, 2) for k, v in e.items()} for n, e in errors.items()
        },
    }
    if arguments.nothing:
        result["pictures_without"] = check_on_nothing(segmenter, arguments.nothing)
    path = ROOT / f"assets/results/segmentation_{arguments.name}.json"
    path.write_text(json.dumps(result, indent=2) + "\n")
    print(table.round(3).to_string())
    print(json.dumps({k: v for k, v in result.items() if k != "table"}, indent=2))


if __name__ == "__main__":
    main()
