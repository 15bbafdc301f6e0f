"""Measure a trained U-Net against drawn masks: IoU, F1, boundary F1, area, speed.

    python scripts/evaluate_segmenter.py build/rust_model \\
        --images data/rust/images --masks data/rust/masks --errors build/rust_errors

Without --splits the pictures are those that training kept aside for the test. --errors
writes each picture with what is right in green, wrongly found in red, missed in blue.
"""

from pathlib import Path

from inspection.common import arguments as flags
from inspection.common.errors import exit_on_error
from inspection.common.own_outputs import own_outputs

SPLITS = ("train", "val", "test")


def parse_arguments():
    parser = flags.parser(__doc__, former=["--model"])
    add = parser.add_argument
    add("model", metavar="MODEL", help="folder of the trained model")
    add(
        "--images", required=True, metavar="DIR", help="folder of pictures, or of a set"
    )
    add("--masks", metavar="DIR", help="folder of the masks (that of --images)")
    add(
        "--foreground",
        type=flags.foreground,
        nargs="+",
        metavar="VALUE",
        help="what counts in masks of classes: 2, or 1 3, or all, or '#ff0000'",
    )
    add("--splits", metavar="DIR", help="folder of the lists (those of training)")
    split = add(
        "--split",
        "--side",
        choices=SPLITS,
        default="test",
        help="list to measure on (test)",
    )
    flags.hide(split, "--side")
    add("--errors", metavar="DIR", help="folder for pictures of the errors")
    return parser.parse_args()


@exit_on_error()
def main():
    arguments = parse_arguments()
    from inspection.datasets.layouts.opening import masks_of
    from inspection.datasets.mask_pairs import read_pairs, split_pairs

    lists = arguments.splits or Path(arguments.model) / "splits"
    with masks_of(arguments.images, arguments.masks, lists) as found:
        pairs = read_pairs(found.images, found.partners, arguments.foreground)
        measure(arguments, split_pairs(pairs, splits=found.splits)[arguments.split])


def measure(arguments, chosen):
    """Print what the model finds on some pairs, and with --errors show where it errs."""
    pictures = []
    if arguments.errors:
        pictures = [Path(arguments.errors, f"{pair.stem}.png") for pair in chosen]
    inputs = [path for pair in chosen for path in (pair.image, pair.mask)]
    with own_outputs("evaluate_segmenter.py", pictures, inputs):
        print_result(arguments, chosen)


def print_result(arguments, chosen):
    from inspection.segmentation.evaluation import evaluate, write_errors

    result = evaluate(arguments.model, chosen)
    print(f"{len(chosen)} pictures of {arguments.split}")
    print(result.table.round(3).to_string())
    print(f"area of {result.class_name}: {result.area_error_text()}")
    if arguments.errors:
        write_errors(result, arguments.errors)
        print(f"wrote {len(chosen)} pictures to {arguments.errors}")


if __name__ == "__main__":
    main()
