"""How a training step grows with the batch and with the side of the pictures.

    python tests/benchmarks/growth/training_growth.py
    python tests/benchmarks/growth/training_growth.py --batches 1 4 16 --sides 96 192 384

SSD MobileNetV2 FPNLite at alpha 0.35 on noise; the median of some steps after the first,
in CPU seconds. Pictures grow with the square of the side. Kept in assets/results/growth.json.
"""

import numpy as np
from slope import keep, slope_of

import bootstrap  # noqa: F401
import measure
from inspection.common import arguments as flags

STEPS = 5
SIDE, BATCH = 192, 4  # of the other series


def make_step(side, batch):
    """Return a function that trains one step on a batch of noise, its graph made."""
    import tensorflow as tf

    from inspection.detection.config import base_configs
    from inspection.detection.training.training_loop import build_trainer

    config = base_configs.read("ssd_mobilenet_v2_fpnlite_320x320")
    config.set("model.ssd.num_classes", 2)
    config.set("model.ssd.feature_extractor.depth_multiplier", 0.35)
    for name in ("height", "width"):
        config.set(f"model.ssd.image_resizer.fixed_shape_resizer.{name}", side)
    config.set("train_config.fine_tune_checkpoint", "")
    trainer = build_trainer(config)
    images = np.random.default_rng(0).uniform(-1, 1, (batch, side, side, 3))
    truth = {
        "boxes": np.tile(np.float32([0.2, 0.2, 0.7, 0.6]), (batch, 1, 1)),
        "classes": np.ones((batch, 1), np.int32),
        "name": np.full(batch, b"noise"),
    }
    batches = tf.data.Dataset.from_tensors((np.float32(images), truth)).repeat()
    trainer.make_train_function()
    source = iter(batches)
    trainer.train_function(source)
    return lambda: trainer.train_function(source)


def seconds_of(side, batch):
    """Return the CPU seconds of a step."""
    return measure.alternate({"step": make_step(side, batch)}, STEPS)["step"]["cpu_s"]


def series(counts, seconds):
    """Return the points of one series and their slope."""
    points = {f"{n:,}": s for n, s in zip(counts, seconds, strict=True)}
    return {"seconds": points, "slope": slope_of(counts, seconds)}


def main():
    parser = flags.parser(__doc__)
    count = flags.positive_int
    parser.add_argument("--batches", type=count, nargs="+", default=[1, 2, 4, 8, 16])
    parser.add_argument("--sides", type=count, nargs="+", default=[96, 192, 320])
    given = parser.parse_args()
    result = {
        "what": f"FPNLite, alpha 0.35, CPU seconds of a step; side {SIDE}, batch {BATCH}",
        "batch": series(given.batches, [seconds_of(SIDE, n) for n in given.batches]),
        "side": series(given.sides, [seconds_of(n, BATCH) for n in given.sides]),
    }
    keep("training", result)


if __name__ == "__main__":
    main()
