"""Make Pascal VOC annotations or masks of YOLO labels, COCO JSON or labelme JSON.

    python scripts/convert_annotations.py my_yolo_set -o build/converted
    python scripts/convert_annotations.py instances_val2017.json --images val2017 \\
        -o build/converted --classes person dog
    python scripts/convert_annotations.py my_labelme_folder --to masks -o build/converted

The format is told by the files. OUTPUT gets annotations/ or masks/, and splits/ where
the set is divided; pictures stay where they are unless they lie in several folders. What
cannot be carried over, such as keypoints, is counted. Values and rounding: pixels to a
hundredth; a pixel is in a mask where its centre is in the outline.
"""

from inspection.common import arguments as flags
from inspection.common.errors import exit_on_error
from inspection.common.text import plural


def parse_arguments():
    parser = flags.parser(__doc__)
    add = parser.add_argument
    add(
        "source", metavar="SOURCE", help="folder or .zip of the set, .json or data.yaml"
    )
    flags.add_output(parser, metavar="DIR", help="a new folder")
    add("--to", choices=("voc", "masks"), default="voc", help="what to make (voc)")
    add("--images", metavar="DIR", help="pictures, where they are not in SOURCE")
    add(
        "--classes",
        nargs="+",
        metavar="CLASS",
        help="only these, in this order; of YOLO without names: by their ids",
    )
    return parser.parse_args()


@exit_on_error()
def main():
    arguments = parse_arguments()
    from inspection.datasets.formats.conversion import convert, summary_lines
    from inspection.datasets.formats.reading import opened, read_labelled

    with opened(arguments.source) as (source, is_temporary):
        kind, labelled = read_labelled(source, arguments.images, arguments.classes)
        written = convert(
            labelled,
            arguments.output,
            arguments.to,
            arguments.classes,
            copy_images=is_temporary and not arguments.images,
        )
    counts = written.counts
    print(
        f"{kind}: {plural(counts['objects'], 'object')} in "
        f"{plural(counts['pictures'], 'picture')} written to {written.partners}"
    )
    notes = [f"{note}: left out" for note in labelled.notes]
    for line in [*summary_lines(written), *notes]:
        print(f"  {line}")
    print_next(written, arguments)


def print_next(written, arguments):
    """Say what to give to the next command, or to a notebook."""
    names = written.class_names
    if arguments.to == "masks" and len(names) > 1:
        values = ", ".join(f"{value} {name}" for value, name in enumerate(names, 1))
        print(f"values in the masks: {values}; FOREGROUND or --foreground takes one")
    else:
        print(f"classes: {' '.join(names)}")
    partner = "MASKS" if arguments.to == "masks" else "ANNOTATIONS"
    print(
        f'in a notebook: IMAGES = "{written.images}", {partner} = "{arguments.output}", '
        'SPLITS = ""'
    )
    if arguments.to == "voc":
        command = f"check_dataset.py -x {written.partners} -i {written.images}"
        splits = f" --splits {written.splits}" if written.splits else ""
        print(f"next: python scripts/{command}{splits}")


if __name__ == "__main__":
    main()
