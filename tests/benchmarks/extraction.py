"""Train a head on features extracted once, and in place behind a frozen backbone.

    python tests/benchmarks/extraction.py --size 128

5 epochs on the bundled cracks. Both ways train the same head, with batches of one size
and one rate; in place means that every epoch sends every picture through the backbone again.
ResNet50 with random weights shows the time, MobileNetV2 0.35 with the bundled weights
shows that the accuracy is the same. Then the features once more, from the cache on disk.
"""

import tempfile
import time

import numpy as np
import pandas as pd

import measure
from inspection.common import arguments as flags

DATA = measure.ROOT / "data/cracks/concrete"
EPOCHS = 5
RUNS = {
    "resnet50": "none",
    "mobilenetv2_035": measure.ROOT / "data/weights/walls.npz",
}
RATE = 0.003
SEED = 0
MORE_SEEDS = range(1, 5)  # five epochs of a small set: one seed says little


class Clock:
    """Seconds on the clock and of the processor, of a block."""

    def __enter__(self):
        self.start = time.perf_counter(), time.process_time()
        return self

    def __exit__(self, *error):
        self.wall = round(time.perf_counter() - self.start[0], 2)
        self.cpu = round(time.process_time() - self.start[1], 2)

    def figures(self, accuracy=None):
        found = {"wall_s": self.wall, "cpu_s": self.cpu}
        return found if accuracy is None else found | {"val_accuracy": accuracy}


def once(backbone, images, splits, cache, seed=SEED):
    """Return (Clock, accuracy, head) of training on extracted features."""
    from inspection.classification import features, training

    labels = {split: images.labels[splits[split]] for split in ("train", "val")}
    chosen = np.concatenate([splits["train"], splits["val"]])
    with Clock() as clock:
        found = features.extract(backbone, [images.paths[i] for i in chosen], cache)
        cut = len(splits["train"])
        rows = {"train": found[:cut], "val": found[cut:]}
        head, history = training.train_head(
            rows["train"],
            labels["train"],
            (rows["val"], labels["val"]),
            epochs=EPOCHS,
            rate=RATE,
            seed=seed,
        )
    return clock, best_accuracy(history), head


def in_place(backbone, trained, images, splits, size, seed=SEED):
    """Return (Clock, accuracy) of training the same head behind the frozen backbone."""
    import keras

    from inspection.classification import batches, model, training

    # fresh weights, but the scale of the features as measured: that costs a pass
    keras.utils.set_random_seed(seed)
    scale = trained.get_layer("scale")
    head = model.build_head(
        backbone.output_shape[-1], 2, scale.input_mean, scale.input_variance
    )
    classifier = model.join(backbone, head)
    training.freeze(classifier)
    model.compile_for(classifier, RATE)
    with Clock() as clock:
        data = {
            split: batches.make_batches(
                [images.paths[i] for i in splits[split]],
                images.labels[splits[split]],
                size,
                shuffle=split == "train",
                seed=seed,
            )
            for split in ("train", "val")
        }
        done = classifier.fit(
            data["train"], epochs=EPOCHS, validation_data=data["val"], verbose=0
        )
    return clock, best_accuracy(pd.DataFrame(done.history))


def best_accuracy(history):
    """Return the validation accuracy of the epoch with the lowest validation loss."""
    return round(float(history["val_accuracy"][history["val_loss"].idxmin()]), 3)


def spread(accuracies):
    """Return mean and standard deviation as text."""
    return f"{np.mean(accuracies):.3f} +- {np.std(accuracies, ddof=1):.3f}"


def compare(name, weights, size):
    from inspection.classification import backbones
    from inspection.datasets.class_folders import read_class_folders
    from inspection.datasets.splitting import class_split

    images = read_class_folders(DATA)
    splits = class_split.split_images(images, {"val": 0.4, "test": 0.01}, "(.+)_tile")
    backbone = backbones.build_backbone(name, size, weights)
    seeds = () if weights == "none" else MORE_SEEDS
    with tempfile.TemporaryDirectory() as cache:
        first, accuracy, head = once(backbone, images, splits, cache)
        again, same, _ = once(backbone, images, splits, cache)
        others = [once(backbone, images, splits, cache, s)[1] for s in seeds]
    placed, other = in_place(backbone, head, images, splits, size)
    others_placed = [
        in_place(backbone, head, images, splits, size, s)[1] for s in seeds
    ]
    count = len(splits["train"]) + len(splits["val"])
    result = {
        "what": f"{name} at {size} px, {EPOCHS} epochs, "
        f"{len(splits['train'])} pictures to train on, {len(splits['val'])} to validate",
        "pictures": count,
        "in place": placed.figures(other),
        "extracted once": first.figures(accuracy),
        "from the cache": again.figures(same),
        "times faster, wall": round(placed.wall / first.wall, 2),
        "times faster, cpu": round(placed.cpu / first.cpu, 2),
    }
    if seeds:
        result["val_accuracy in place, 5 seeds"] = spread([other, *others_placed])
        result["val_accuracy extracted, 5 seeds"] = spread([accuracy, *others])
    return result


def main():
    parser = flags.parser(__doc__)
    parser.add_argument("--size", type=flags.positive_int, default=128)
    size = parser.parse_args().size
    for name, weights in RUNS.items():
        measure.print_result("extraction", compare(name, weights, size))


if __name__ == "__main__":
    main()
