"""Export a trained U-Net as .tflite with labels inside, as MediaPipe reads it.

    python scripts/export_segmenter.py build/rust_model -o build/rust_model/rust.tflite

--format float16 halves the file, int8 quarters it and needs --images and --masks.
"""

from inspection.common import arguments as flags
from inspection.common.errors import UserError, exit_on_error
from inspection.common.own_outputs import own_outputs
from inspection.tflite.formats import FORMATS


def parse_arguments():
    parser = flags.parser(__doc__, former=["--model"])
    add = parser.add_argument
    add("model", metavar="MODEL", help="folder of the trained model")
    flags.add_output(parser, "--out", metavar="FILE", help=".tflite to write")
    add("--format", default="float32", choices=FORMATS)
    add("--label", metavar="NAME", help="of what is marked (that of the training)")
    add("--images", metavar="DIR", help="pictures for int8, or a set")
    add("--masks", metavar="DIR", help="their masks (those of the set)")
    add(
        "--foreground",
        type=flags.foreground,
        nargs="+",
        metavar="VALUE",
        help="what counts in masks of classes: 2, or 1 3, or all, or '#ff0000'",
    )
    return parser.parse_args()


@exit_on_error()
def main():
    arguments = parse_arguments()
    with own_outputs("export_segmenter.py", [arguments.output]):
        export_from(arguments)


def export_from(arguments):
    """Write the model, with the pictures that int8 needs where they are named."""
    if arguments.masks and not arguments.images:
        raise UserError("--masks belong to pictures: name their folder with --images")
    if not arguments.images:
        write_model(arguments, [])
        return
    from inspection.datasets.layouts.opening import masks_of
    from inspection.datasets.mask_pairs import read_pairs

    with masks_of(arguments.images, arguments.masks) as found:
        pairs = read_pairs(found.images, found.partners, arguments.foreground)
        write_model(arguments, pairs)


def write_model(arguments, pairs):
    """Write the model; pairs: pictures with masks, which int8 needs."""
    from inspection.segmentation.export import export
    from inspection.segmentation.training import load

    network, settings = load(arguments.model)
    labels = ("background", arguments.label or settings.class_name)
    output, format = arguments.output, arguments.format
    threshold = settings.threshold
    size = export(network, settings.size, output, pairs, format, labels, threshold)
    print(f"wrote {output}: {size / 1e6:.2f} MB, {format}")


if __name__ == "__main__":
    main()
