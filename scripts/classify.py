"""Say what class pictures are of, or scan a large photograph tile by tile.

    python scripts/classify.py build/cracks/model.keras data/cracks/other/crack
    python scripts/classify.py build/cracks/model.tflite photo.jpg --csv answers.csv
    python scripts/classify.py build/cracks/model.keras data/cracks/slab.jpg \\
        --scan build/slab_cracks.jpg

The model is a .keras of train_classifier.py or a .tflite with metadata. With --scan the
picture is cut into tiles, and a map of the probability is laid over it.
"""

import argparse
import csv
import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # before TensorFlow is imported

import numpy as np  # noqa: E402

from inspection.common.atomic_files import whole_file  # noqa: E402
from inspection.common.errors import UserError, exit_on_error  # noqa: E402
from inspection.datasets.images import image_file  # noqa: E402
from inspection.datasets.images.image_folder import is_image_name  # noqa: E402
from inspection.datasets.images.resizing import to_square  # noqa: E402
from inspection.datasets.images.value_range import find_range  # noqa: E402


def parse_arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("model", metavar="MODEL", help=".keras or .tflite")
    add("pictures", nargs="+", metavar="PICTURE", help="files, or folders of them")
    add("--csv", metavar="FILE", help="write all scores here")
    add(
        "--threshold",
        type=float,
        help="of the last of two classes (the .keras file's own, or 0.5)",
    )
    add("--scan", metavar="JPG", help="scan one large picture, write the map here")
    add("--tile", type=int, help="pixels of a tile (as in training)")
    add("--stride", type=int, help="pixels from tile to tile (half a tile)")
    return parser.parse_args()


@exit_on_error()
def main():
    arguments = parse_arguments()
    paths = find_images(arguments.pictures)
    model = load(arguments.model)
    threshold = arguments.threshold
    if threshold is None:
        threshold = model.threshold
    if arguments.scan:
        scan_one(model, paths, arguments, threshold)
        return
    scores = np.stack([model.scores([image_file.read_rgb(path)])[0] for path in paths])
    names = [name_class(model, row, threshold) for row in scores]
    for path, name, row in zip(paths, names, scores):
        print(f"{path}  {name}  {row[model.labels.index(name)]:.3f}")
    if arguments.csv:
        write_csv(arguments.csv, model.labels, paths, names, scores)
        print(f"wrote {arguments.csv}")


def find_images(given):
    """Return picture files; a folder stands for those in it and below it."""
    paths = []
    for path in map(Path, given):
        if path.is_dir():
            paths += sorted(p for p in path.rglob("*") if is_image_name(p.name))
        else:
            paths.append(path)
    missing = [str(path) for path in paths if not path.is_file()]
    if missing or not paths:
        where = ", ".join(missing or map(str, given))
        raise UserError(f"no pictures: {where}; looked from {Path.cwd()}")
    find_range(paths)
    return paths


class Loaded:
    """A model of either kind: labels, threshold, tile and `scores(pictures)`."""

    def __init__(self, labels, threshold, tile, size, score):
        self.labels, self.threshold, self.tile = list(labels), threshold, tile
        self.size, self._score = size, score

    def scores(self, images):
        """Return float32 [N, C] for uint8 RGB pictures of any size."""
        return self._score([to_square(image, self.size) for image in images])


def load(path):
    """Return the Loaded model of a .keras or .tflite file."""
    if Path(path).suffix == ".tflite":
        from inspection.deploy.runtime import load_model

        model = load_model(path)
        if model.kind != "classifier":
            raise UserError(f"{path} is a {model.kind}, not a classifier")
        height, _ = model.input_size

        def score(images):
            return np.stack([found.scores for found in model.predict_batch(images)])

        return Loaded(model.labels, 0.5, height, height, score)
    from inspection.classification.saved import load_classifier

    found = load_classifier(path)
    facts = found.facts
    return Loaded(
        facts.class_names, facts.threshold, facts.tile, facts.size, found.scores
    )


def name_class(model, row, threshold):
    if len(model.labels) == 2:
        return model.labels[int(row[1] >= threshold)]
    return model.labels[int(np.argmax(row))]


def scan_one(model, paths, arguments, threshold):
    from PIL import Image

    from inspection.classification.scan import overlay, scan

    if len(paths) != 1:
        raise UserError(f"--scan takes one picture, not {len(paths):,}")
    image = image_file.read_rgb(paths[0])
    tile = arguments.tile or model.tile or model.size
    heat, boxes, found = scan(
        image,
        lambda tiles: model.scores(tiles)[:, -1],
        tile,
        arguments.stride,
    )
    with whole_file(arguments.scan) as temporary:
        Image.fromarray(overlay(image, heat)).save(temporary, "JPEG", quality=90)
    reported = int(np.sum(found >= threshold))
    print(
        f"{model.labels[-1]} in {reported:,} of {len(boxes):,} tiles of {tile} pixels"
    )
    print(f"wrote {arguments.scan}")


def write_csv(path, labels, paths, names, scores):
    with whole_file(path) as temporary:
        with open(temporary, "w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["picture", "class", *labels])
            for one, name, row in zip(paths, names, scores):
                writer.writerow([one, name, *(f"{score:.5f}" for score in row)])


if __name__ == "__main__":
    main()
