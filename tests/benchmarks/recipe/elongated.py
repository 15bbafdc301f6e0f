"""Elongated boxes: a config of the zoo's anchors beside one with anchors fitted to them.

    python tests/benchmarks/recipe/elongated.py
    python tests/benchmarks/recipe/elongated.py --num_steps 20 --seeds 1 \\
        --results build/elongated.json

Draws scratches and long stains, their boxes 4 to 12 times as long as wide, lying and
standing, among spots that are none; trains twice from the bundled weights and measures AP50
on other drawings. Stopped, the same command goes on. Writes assets/results/elongated.json.
"""

from functools import partial
from pathlib import Path

import cv2
import numpy as np
import runs

import bootstrap  # noqa: F401
import measure
from helpers.images import encode
from inspection.common import arguments as flags
from inspection.detection.config import base_configs, label_map, pipeline_config
from inspection.detection.records.fitted_anchors import fit_anchors
from inspection.detection.records.records import Record, write_records

BUILD = measure.BUILD / "elongated"
SIDE = 224  # pixels
ASPECTS, LENGTHS = (4.5, 12), (50, 170)
CLASSES = ("scratch", "stain")
COUNTS = {"train": 400, "test": 150}
START = measure.ROOT / "data/weights/leak_scenes/checkpoint/ckpt-0"
SIZE = "model.ssd.image_resizer.fixed_shape_resizer"


def draw_ground(rng):
    """Return a plate with stripes of light and grain."""
    coarse = rng.normal(0, 12, (8, 8, 1)).astype(np.float32)
    light = cv2.resize(coarse, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)[..., None]
    color = rng.uniform(90, 170, 3)
    return color + light + rng.normal(0, 7, (SIDE, SIDE, 3))


def draw_spots(image, rng):
    for _ in range(rng.integers(2, 6)):
        center = tuple(int(v) for v in rng.integers(10, SIDE - 10, 2))
        tone = rng.uniform(0.6, 1.3)
        mask = np.zeros((SIDE, SIDE), np.uint8)
        cv2.circle(mask, center, int(rng.integers(4, 14)), 1, -1)
        image[mask > 0] *= tone


def draw_object(image, kind, box, rng):
    """Draw a scratch, light and thin, or a stain, dark and broad, into a box.

    Returns the box that it fills.
    """
    top, left, bottom, right = box
    standing = bottom - top > right - left
    length, width = sorted((bottom - top, right - left), reverse=True)
    sway = np.cumsum(rng.normal(0, 0.35, length))
    half = width * (0.25, 0.4)[kind]
    middle = width / 2 + np.clip(sway - sway.mean(), half - width / 2, width / 2 - half)
    across = np.arange(width) + 0.5
    shape = np.abs(across[None] - middle[:, None]) <= half
    shape = shape if standing else shape.T
    image[top:bottom, left:right][shape] *= (1.45, 0.6)[kind]
    rows, columns = (np.flatnonzero(shape.any(axis=axis)) for axis in (1, 0))
    begin, end = (rows[0], columns[0]), (rows[-1] + 1, columns[-1] + 1)
    return tuple(int(v) for v in np.array([*begin, *end]) + [top, left, top, left])


def place_boxes(rng):
    """Return boxes in pixels that do not touch."""
    boxes = []
    for _ in range(rng.integers(1, 6)):
        length = int(rng.integers(*LENGTHS))
        width = max(4, round(length / rng.uniform(*ASPECTS)))
        height, width = (length, width) if rng.random() < 0.5 else (width, length)
        top, left = (
            rng.integers(2, SIDE - height - 2),
            rng.integers(2, SIDE - width - 2),
        )
        box = int(top), int(left), int(top + height), int(left + width)
        if all(apart(box, other) for other in boxes):
            boxes.append(box)
    return boxes


def apart(one, other):
    return any(one[i] > other[i + 2] or other[i] > one[i + 2] for i in (0, 1))


def draw_record(number, split):
    rng = np.random.default_rng([number, len(split)])
    image = draw_ground(rng)
    draw_spots(image, rng)
    boxes = place_boxes(rng)
    kinds = rng.integers(0, len(CLASSES), len(boxes)).tolist()
    boxes = [draw_object(image, kind, box, rng) for box, kind in zip(boxes, kinds)]
    image = cv2.GaussianBlur(image.clip(0, 255), (0, 0), 0.7).astype(np.uint8)
    return Record(
        encoded=encode(image),
        format="png",
        height=SIDE,
        width=SIDE,
        filename=f"{split}_{number:04d}.png",
        boxes=tuple(tuple(v / SIDE for v in box) for box in boxes),
        class_ids=tuple(kind + 1 for kind in kinds),
        class_names=tuple(CLASSES[kind] for kind in kinds),
    )


def make_records():
    BUILD.mkdir(parents=True, exist_ok=True)
    for split, count in COUNTS.items():
        path = BUILD / f"{split}.record"
        if not path.exists():
            write_records((draw_record(i, split) for i in range(count)), path)
    label_map.write_label_map(CLASSES, BUILD / "label_map.pbtxt")


def build(change, name, num_steps):
    config = base_configs.read(base_configs.OWN)
    fields = {
        f"{SIZE}.height": SIDE,
        f"{SIZE}.width": SIDE,
        "model.ssd.num_classes": len(CLASSES),
        "model.ssd.feature_extractor.depth_multiplier": 0.35,
    }
    for field, value in fields.items():
        config.set(field, value)
    pipeline_config.edit(
        config,
        num_steps=num_steps,
        fine_tune_checkpoint=START,
        fine_tune_checkpoint_type="detection",
        train_records=BUILD / "train.record",
        eval_records=BUILD / "test.record",
        label_map=BUILD / "label_map.pbtxt",
    )
    change(config)
    return config, config, name


def main():
    parser = flags.parser(__doc__)
    add = parser.add_argument
    add("--num_steps", type=flags.positive_int, default=800)
    add("--seeds", type=flags.positive_int, default=1, metavar="N")
    results = measure.ROOT / "assets/results/elongated.json"
    add("--results", type=Path, default=results)
    arguments = parser.parse_args()
    make_records()
    head = {
        "data": f"drawn: {COUNTS['train']} pictures to train, {COUNTS['test']} to test, "
        f"boxes {ASPECTS[0]:g} to {ASPECTS[1]:g} times as long as wide",
        "network": f"SSD MobileNetV2 FPNLite, {SIDE} px, alpha 0.35",
        "start": "the bundled detector of leaks",
        "steps": arguments.num_steps,
    }
    found = runs.read_results(arguments.results, head)
    changes = {"anchors of the zoo": lambda config: None, "fitted anchors": fit_anchors}
    variants = {
        name: partial(build, change, name, arguments.num_steps)
        for name, change in changes.items()
    }
    seeds, folder = range(arguments.seeds), BUILD / str(arguments.num_steps)
    runs.run_missing(found, arguments.results, variants, seeds, folder)
    for name, rows in found["runs"].items():
        print(name, *runs.summarize(rows))


if __name__ == "__main__":
    main()
