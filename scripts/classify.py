"""Say what class pictures are of, or scan a large photograph tile by tile.

    python scripts/classify.py build/cracks/model.keras data/cracks/other/crack
    python scripts/classify.py build/cracks/model.tflite a.jpg b.jpg -o build/classified
    python scripts/classify.py build/cracks/model.keras data/cracks/slab.jpg \\
        --scan build/slab_cracks.jpg

The model is a .keras of train_classifier.py or a .tflite with metadata. -o writes the
scores of all classes into classes.csv, --csv FILE into a file of your own. With --scan
the picture is cut into tiles, and a map of the probability of the last class is laid
over it.
"""

import csv
from pathlib import Path

from inspection.common import arguments as flags
from inspection.common.errors import UserError, exit_on_error
from inspection.common.own_outputs import own_outputs


def parse_arguments():
    parser = flags.parser(__doc__)
    add = parser.add_argument
    add("model", metavar="MODEL", help=".keras or .tflite")
    add("sources", nargs="+", metavar="SOURCE", help="pictures, or folders of them")
    flags.add_output(parser, required=False, metavar="DIR", help="gets classes.csv")
    add("--csv", metavar="FILE", help="write all scores here")
    add(
        "--threshold",
        type=flags.threshold,
        help="of the last of two classes (of the model itself, or 0.5)",
    )
    add("--scan", metavar="JPG", help="scan one large picture, write the map here")
    add("--tile", type=flags.positive_int, help="pixels of a tile (as in training)")
    add(
        "--stride",
        type=flags.positive_int,
        help="pixels from tile to tile (half a tile)",
    )
    return parser.parse_args()


@exit_on_error()
def main():
    arguments = parse_arguments()
    from inspection.classification.model_files import load_model_file
    from inspection.datasets.images.image_folder import is_image_name, list_images
    from inspection.datasets.images.moving import refuse_moving
    from inspection.datasets.images.value_range import find_range

    if arguments.csv and is_image_name(arguments.csv):
        raise UserError(f"--csv {arguments.csv} is the name of a picture: name a .csv")
    paths = list_images(arguments.sources)
    refuse_moving(paths)
    find_range(paths)
    model = load_model_file(arguments.model)
    model.check_threshold(arguments.threshold)
    outputs = [arguments.scan] if arguments.scan else tables_of(arguments)
    with own_outputs("classify.py", outputs, [arguments.model, *paths]):
        if arguments.scan:
            scan_one(model, paths, arguments)
        else:
            classify(model, paths, arguments)


def tables_of(arguments):
    """Return the CSV files that are wanted: that of -o, and that of --csv."""
    output = arguments.output and Path(arguments.output) / "classes.csv"
    return list(filter(None, (output, arguments.csv)))


def classify(model, paths, arguments):
    """Print the class of each picture, and write the scores where that is wanted."""
    scores = model.scores_of_files(paths)
    said = model.interpret(scores, arguments.threshold)
    names = [model.labels[place] for place in said.predicted]
    for path, name, row in zip(paths, names, scores):
        print(f"{path}  {name}  {row[model.labels.index(name)]:.3f}")
    for table in tables_of(arguments):
        write_csv(table, model.labels, paths, names, scores)
        print(f"wrote {table}")


def scan_one(model, paths, arguments):
    """Scan one picture, write the map, print in how many tiles the class was found."""
    from PIL import Image

    from inspection.classification.scan import overlay, scan
    from inspection.common.atomic_files import atomic_write
    from inspection.datasets.images.image_file import read_rgb

    if len(paths) != 1:
        raise UserError(f"--scan takes one picture, not {len(paths):,}")
    image = read_rgb(paths[0])
    tile = arguments.tile or model.tile or model.size
    heat, boxes, scores = scan(image, model.scores, tile, arguments.stride)
    with atomic_write(arguments.scan) as temporary:
        Image.fromarray(overlay(image, heat)).save(temporary, "JPEG", quality=90)
    found = model.interpret(scores, arguments.threshold).finds_last.sum()
    print(f"{model.labels[-1]} in {found:,} of {len(boxes):,} tiles of {tile} pixels")
    print(f"wrote {arguments.scan}")


def write_csv(path, labels, paths, names, scores):
    from inspection.common.atomic_files import atomic_write

    with atomic_write(path) as temporary:
        with open(temporary, "w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["image", "class", *labels])
            for one, name, row in zip(paths, names, scores):
                writer.writerow([one, name, *(f"{score:.5f}" for score in row)])


if __name__ == "__main__":
    main()
