"""Make the label map of a detector: which class has which id.

    python scripts/make_label_map.py --classes leak puddle -o build/label_map.pbtxt
    python scripts/make_label_map.py -x data/leaks/annotations -o build/label_map.pbtxt
    python scripts/make_label_map.py -l build/label_map.pbtxt -o build/labels.txt
    python scripts/make_label_map.py --classes_file build/labels.txt -o build/map.pbtxt

The order is the id, so never reorder classes after training. Classes from annotations
are sorted by name. Running it again writes the same file; an older map whose ids would
change is refused unless --overwrite is given.
"""

from inspection.common import arguments as flags
from inspection.common.errors import exit_on_error
from inspection.common.own_outputs import own_outputs
from inspection.datasets import voc
from inspection.detection.config import label_map


def parse_arguments():
    parser = flags.parser(__doc__)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument(
        "--classes", nargs="+", metavar="NAME", help="in the id's order"
    )
    source.add_argument("--classes_file", help="text file, one class a line")
    source.add_argument("-x", "--xml_dir", help="folder of Pascal VOC annotations")
    source.add_argument("-l", "--label_map", help="a label map, to write as text")
    flags.add_output(parser, "--output_path", metavar="FILE", help=".pbtxt or .txt")
    parser.add_argument("--overwrite", action="store_true", help="renumber an old map")
    return parser.parse_args()


@exit_on_error()
def main():
    arguments = parse_arguments()
    names = class_names(arguments)
    if arguments.output.endswith(".txt"):
        inputs = [
            path for path in (arguments.classes_file, arguments.label_map) if path
        ]
        with own_outputs("make_label_map.py", [arguments.output], inputs):
            label_map.write_names(names, arguments.output)
    else:
        label_map.update_label_map(names, arguments.output, arguments.overwrite)
    listed = ", ".join(f"{i} {name}" for i, name in enumerate(names, start=1))
    print(f"{arguments.output}: {len(names)} classes: {listed}")


def class_names(arguments):
    """Return the class names in the order of their ids."""
    if arguments.classes:
        return arguments.classes
    if arguments.classes_file:
        return label_map.read_names(arguments.classes_file)
    if arguments.label_map:
        return list(label_map.read_label_map(arguments.label_map))
    annotations = voc.read_folder(arguments.xml_dir)
    return sorted({box.name for a in annotations for box in a.boxes})


if __name__ == "__main__":
    main()
