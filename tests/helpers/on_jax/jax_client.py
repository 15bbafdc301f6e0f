"""Train or look with a detector, in a process of its own: see `helpers.on_jax.jax_python`.

    python jax_client.py train CONFIG MODEL_DIR STEPS EVERY DISTRIBUTE
    python jax_client.py look CONFIG CHECKPOINT IMAGES.npy ANSWERS.npz

EVERY: steps between two checkpoints. DISTRIBUTE: 0 or 1. Each step gets a row in
history.csv.
"""

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "scripts"))

from inspection.common.errors import exit_on_error
from inspection.detection.config import pipeline_config


def train(config, model_dir, steps, every, distribute):
    from inspection.detection.training import training_loop

    training_loop.train(
        config,
        model_dir,
        int(steps),
        checkpoint_every=int(every),
        log_every=1,
        distribute=distribute == "1",
    )


def look(config, path, images, answers):
    """Write outputs as in training and as in use, and detections, of some images."""
    from keras import ops

    from inspection.detection.model.detector import load_detector

    detector, images = load_detector(config, path), np.load(images)
    found = {}
    for mode in (False, True):
        outputs = detector.network(images, training=mode)
        found |= {f"{k} {mode}": ops.convert_to_numpy(v) for k, v in outputs.items()}
    for number, one in enumerate(detector.detect_prepared(images)):
        found |= {f"{name} {number}": value for name, value in vars(one).items()}
    np.savez(answers, **found)


@exit_on_error()
def main():
    task, config, *rest = sys.argv[1:]
    {"train": train, "look": look}[task](pipeline_config.read(config), *rest)


if __name__ == "__main__":
    main()
