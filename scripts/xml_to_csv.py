"""Write the boxes of Pascal VOC annotations as CSV.

    python scripts/xml_to_csv.py -i data/leaks/annotations \\
        --image_dir data/leaks/images --splits data/leaks/splits -o build
    python scripts/xml_to_csv.py -i my_images/train -o train_labels.csv
    python scripts/xml_to_csv.py -i my_images -l label_map.pbtxt

The columns are filename,width,height,class,xmin,ymin,xmax,ymax, as generate_tfrecord.py
takes them with --csv_input. A folder that holds no XML itself but train/ and test/, also
in images/, makes train_labels.csv and test_labels.csv; one with train_labels/ and
test_labels/ gets label_map.pbtxt as well, where it has none. -i and --image_dir may be
a .zip; without -o the CSV lies beside it.
"""

from pathlib import Path

from inspection.common import arguments as flags
from inspection.common.atomic_files import together
from inspection.common.errors import DatasetError, exit_on_error
from inspection.common.own_outputs import own_outputs
from inspection.common.text import plural
from inspection.datasets import dialects
from inspection.datasets.csv_inputs import plan_tables
from inspection.datasets.csv_table import make_tables, write_tables
from inspection.datasets.layouts.for_commands import folders_of, is_zip
from inspection.datasets.splitting.split_lists import read_splits

SHOWN = 10  # boxes named that were cut or left out


def parse_arguments():
    parser = flags.parser(__doc__)
    add = parser.add_argument
    add(
        "-i",
        "--inputDir",
        default=".",
        metavar="DIR",
        help="folder or .zip of the .xml (.)",
    )
    add(
        "-o",
        "--outputFile",
        metavar="PATH",
        help="the CSV (labels.csv in -i); with several, their folder (-i)",
    )
    add("--image_dir", metavar="DIR", help="folder of the pictures (that of the .xml)")
    add(
        "--splits",
        nargs="+",
        metavar="TXT",
        help="split lists, or a folder of train.txt, val.txt, test.txt",
    )
    add(
        "-l",
        "--labels_path",
        "--label_map",
        metavar="PBTXT",
        help="label map: classes are held against it; made from them if absent",
    )
    add(
        "--strict",
        action="store_true",
        help="refuse boxes that must be cut or left out",
    )
    return parser.parse_args()


@exit_on_error()
def main():
    arguments = parse_arguments()
    with folders_of(arguments.inputDir, arguments.image_dir) as (xml_dir, image_dir):
        plan = make_plan(arguments, xml_dir, image_dir)
        with own_outputs("xml_to_csv.py", list(plan)):
            write(plan, arguments, xml_dir)


def make_plan(arguments, xml_dir, image_dir):
    """Return {path of a CSV: Inputs} of folders; of a .zip it lies beside that."""
    # needs numpy, without which the command starts quicker
    from inspection.datasets.checking.given_split import refuse_overlap

    lists = read_splits(arguments.splits) if arguments.splits else None
    folder = dialects.home_of_parts(xml_dir)
    plan = plan_tables(folder, arguments.outputFile, image_dir, lists)
    if lists:
        refuse_overlap(lists, ", ".join(arguments.splits))
    if is_zip(arguments.inputDir) and not arguments.outputFile:
        beside = Path(arguments.inputDir).parent
        plan = {beside / path.name: inputs for path, inputs in plan.items()}
    return plan


def write(plan, arguments, xml_dir):
    """Write the tables of a plan, and the label map where one is to be made."""
    tables = make_tables(plan)
    mended = [fault for table in tables.values() for fault in table.mended]
    if arguments.strict and mended:
        raise DatasetError(f"{plural(len(mended), 'box')} to mend (--strict)", mended)
    with together():
        label_map = arguments.labels_path
        if not (label_map or arguments.splits):
            label_map = dialects.unasked_map(xml_dir, tables)
        if label_map:
            settle_label_map(tables.values(), Path(label_map))
        write_tables(tables)
    for path, table in tables.items():
        print_table(path, table)


def settle_label_map(tables, path):
    """Hold the classes against a label map, or make it where there is none."""
    from inspection.datasets.checking.class_names import nearest
    from inspection.detection.config.label_map import read_label_map, write_label_map

    names = sorted({name for table in tables for name in table.classes()})
    if not path.exists():
        write_label_map(names, path)
        print(f"wrote {path}: {', '.join(names)}")
        return
    known = read_label_map(path)
    unknown = [
        f"class {name!r}, nearest is {nearest(name, known)!r}"
        for name in names
        if name not in known
    ]
    if unknown:
        raise DatasetError(f"{path} ({', '.join(known)}) does not know all", unknown)


def print_table(path, table):
    classes = ", ".join(f"{name} {count:,}" for name, count in table.classes().items())
    print(
        f"wrote {path}: {plural(len(table.rows), 'box')} "
        f"of {plural(table.images, 'picture')} ({classes})"
    )
    for fault in table.mended[:SHOWN]:
        print(f"  {fault.title}: {fault}")
    if len(table.mended) > SHOWN:
        print(f"  ... and {plural(len(table.mended) - SHOWN, 'more box')} like these")
    if table.without_objects:
        print(
            f"  {plural(table.without_objects, 'picture')} without objects: "
            "not in a CSV; generate_tfrecord.py -x keeps them"
        )


if __name__ == "__main__":
    main()
