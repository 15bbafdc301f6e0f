"""Measure a trained U-Net against drawn masks: IoU, F1, boundary F1, area, speed.

    python scripts/evaluate_segmentation.py --model build/rust_model \\
        --images data/rust/images --masks data/rust/masks --errors build/rust_errors

Without --splits the pictures are those that training kept aside for the test. --errors
writes each picture with what is right in green, wrongly found in red, missed in blue.
"""

import argparse
import os
from pathlib import Path

from inspection.common.errors import exit_on_error
from inspection.datasets.mask_pairs import read_pairs, split_pairs
from inspection.datasets.masks import parse_foreground

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # before TensorFlow is imported


def parse_arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--model", required=True, metavar="DIR", help="folder of the trained model")
    add("--images", required=True, metavar="DIR", help="folder of the pictures")
    add("--masks", required=True, metavar="DIR", help="folder of the masks")
    add(
        "--foreground",
        type=parse_foreground,
        nargs="+",
        metavar="VALUE",
        help="what counts in masks of classes: 2, or 1 3, or all, or '#ff0000'",
    )
    add("--splits", metavar="DIR", help="folder of the lists (those of training)")
    add("--side", default="test", help="list to measure on (test)")
    add("--errors", metavar="DIR", help="folder for pictures of the errors")
    return parser.parse_args()


@exit_on_error()
def main():
    arguments = parse_arguments()
    pairs = read_pairs(arguments.images, arguments.masks, arguments.foreground)
    splits = arguments.splits or Path(arguments.model) / "splits"
    chosen = split_pairs(pairs, splits=splits)[arguments.side]
    from inspection.segmentation.evaluation import evaluate, write_errors

    result = evaluate(arguments.model, chosen)
    print(f"{len(chosen)} pictures of {arguments.side}")
    print(result.table.round(3).to_string())
    print(f"area of rust: {result.describe_area()}")
    if arguments.errors:
        write_errors(result, arguments.errors)
        print(f"wrote {len(chosen)} pictures to {arguments.errors}")


if __name__ == "__main__":
    main()
