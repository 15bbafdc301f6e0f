"""Export a trained U-Net as .tflite with labels inside, as MediaPipe reads it.

    python scripts/export_segmentation.py --model build/rust_model \\
        --out build/rust_model/rust.tflite

--format float16 halves the file, int8 quarters it and needs --images and --masks.
"""

import argparse
import os

from inspection.common.errors import exit_on_error
from inspection.datasets.mask_pairs import read_pairs
from inspection.datasets.masks import parse_foreground

FORMATS = ("float32", "float16", "dynamic", "int8")

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # before TensorFlow is imported


def parse_arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--model", required=True, metavar="DIR", help="folder of the trained model")
    add("--out", required=True, metavar="FILE", help=".tflite to write")
    add("--format", default="float32", choices=FORMATS)
    add("--label", default="rust", help="name of what is marked (rust)")
    add("--images", metavar="DIR", help="pictures for int8")
    add("--masks", metavar="DIR", help="their masks")
    add(
        "--foreground",
        type=parse_foreground,
        nargs="+",
        metavar="VALUE",
        help="what counts in masks of classes: 2, or 1 3, or all, or '#ff0000'",
    )
    return parser.parse_args()


@exit_on_error()
def main():
    arguments = parse_arguments()
    both = arguments.images and arguments.masks
    pairs = []
    if both:
        pairs = read_pairs(arguments.images, arguments.masks, arguments.foreground)
    from inspection.segmentation.export import export
    from inspection.segmentation.training import load

    network, settings = load(arguments.model)
    labels = ("background", arguments.label)
    size = export(
        network, settings.size, arguments.out, pairs, arguments.format, labels
    )
    print(f"wrote {arguments.out}: {size / 1e6:.2f} MB, {arguments.format}")


if __name__ == "__main__":
    main()
