"""Write TFRecord files for training from annotated pictures.

    python scripts/generate_tfrecord.py -x data/leaks/annotations \\
        -i data/leaks/images -l data/leaks/label_map.pbtxt -o build/leaks.record
    python scripts/generate_tfrecord.py --csv_input=build/train_labels.csv \\
        --image_dir=data/leaks/images --label_map=data/leaks/label_map.pbtxt \\
        --output_path=build/train.record

Bytes of sound JPEG and PNG files are kept as they are; pictures that lie on their side
(EXIF), CMYK, 16-bit and other formats become upright RGB JPEG. Pictures without
objects are kept, broken ones left out; boxes without area are dropped, boxes that reach
out of their picture clipped: the summary lists them, --strict refuses them. An unknown
class, a missing picture or nothing to write is an error, and no file is written.

-x takes the folder of a whole set, too, as of Roboflow, Kaggle or VOCdevkit; where it is
split already, --split train, val or test says what to write.

--runner converts by Apache Beam (requirements-beam.txt), the records are the same; see
docs/at_scale.md.
"""

from pathlib import Path

from inspection.common import arguments as flags
from inspection.common.atomic_files import together
from inspection.common.errors import DatasetError, UserError, exit_on_error
from inspection.common.own_outputs import own_outputs
from inspection.datasets import csv_boxes, csv_table, voc
from inspection.datasets.csv_inputs import Inputs
from inspection.datasets.splitting.split_lists import read_splits
from inspection.detection.config import label_map
from inspection.detection.records import record_sources
from inspection.detection.records.record_builder import build_records
from inspection.detection.records.tfrecord import shard_paths


def parse_arguments():
    parser = flags.parser(__doc__)
    add = parser.add_argument
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("-x", "--xml_dir", metavar="DIR", help="folder of VOC .xml")
    source.add_argument("--csv_input", metavar="CSV", help="boxes of xml_to_csv.py")
    add("-i", "--image_dir", metavar="DIR", help="pictures (that of the annotations)")
    add(
        "-l",
        "--labels_path",
        "--label_map",
        "--labelmap",
        metavar="PBTXT",
        help="the label map, or a .txt with one class a line",
    )
    add("-o", "--output_path", required=True, metavar="RECORD")
    add("-c", "--csv_path", metavar="CSV", help="write the boxes as CSV, too")
    add(
        "--split",
        metavar="TXT",
        help="only the pictures that this file lists; of a set with a split: train, ...",
    )
    add(
        "--num_shards",
        type=flags.positive_int,
        default=1,
        help="files to spread over (1)",
    )
    add(
        "--max_width",
        type=flags.positive_int,
        metavar="PIXELS",
        help="store wider pictures at this width, such as 640: trains much faster",
    )
    add("--strict", action="store_true", help="let dropped boxes and pictures fail")
    flags.add_runner(parser)
    return parser.parse_args()


@exit_on_error()
def main():
    arguments = parse_arguments()
    if arguments.csv_input:
        write_records(
            arguments, arguments.image_dir or Path(arguments.csv_input).parent
        )
        return
    from inspection.datasets.layouts.for_commands import boxes_of

    with boxes_of(arguments.xml_dir, arguments.image_dir) as found:
        arguments.labels_path = find_label_map(arguments)
        if found.splits:
            arguments.split = choose_part(arguments, found.splits)
        arguments.xml_dir = found.partners
        write_records(arguments, found.images)


def choose_part(arguments, splits):
    """Return the list of the part that --split names, of a set with its own split."""
    parts = list(read_splits([splits]))
    if arguments.split and arguments.split not in parts:
        return arguments.split
    if not arguments.split:
        raise DatasetError(
            f"{arguments.xml_dir} has a split of its own ({', '.join(parts)}): give one "
            "of them with --split, and make a record of each"
        )
    return Path(splits) / f"{arguments.split}.txt"


def write_records(arguments, image_dir):
    """Write the records, and with --csv_path the table, of what was chosen."""
    files = shard_paths(arguments.output_path, arguments.num_shards)
    files += [arguments.csv_path] if arguments.csv_path else []
    inputs = [arguments.csv_input, arguments.split, arguments.labels_path]
    with own_outputs("generate_tfrecord.py", files, filter(None, inputs)):
        write_files(arguments, image_dir)


def write_files(arguments, image_dir):
    sources = read_sources(arguments, image_dir)
    table = None
    if arguments.csv_path:
        table = csv_table.make_table(Inputs(sources, [], has_images=True))
    class_ids = read_class_ids(find_label_map(arguments))
    with together():
        summary = build_records(
            sources,
            image_dir,
            class_ids,
            arguments.output_path,
            arguments.num_shards,
            arguments.strict,
            arguments.max_width,
            converter_of(arguments),
        )
        if table:
            csv_table.write_tables({arguments.csv_path: table})
    print(f"{arguments.output_path}: ", end="")
    print(*summary.lines(), sep="\n")
    if table:
        print(f"{arguments.csv_path}: {len(table.rows)} boxes")


def converter_of(arguments):
    """Return what converts on the engine of --runner, None for this computer alone."""
    if arguments.runner is None:
        if arguments.runner_options:
            raise UserError("--runner_options needs a --runner, whose they are")
        return None
    from inspection.at_scale.conversion import converter_on

    return converter_on(
        arguments.output_path, arguments.runner, arguments.runner_options
    )


def read_sources(arguments, image_dir):
    """Return what to convert: paths of XML, or annotations where a CSV is involved."""
    if arguments.csv_input:
        sources = csv_boxes.read_csv(arguments.csv_input, image_dir)
    elif arguments.csv_path:
        sources = voc.read_folder(arguments.xml_dir, image_dir)
    else:
        sources = voc.list_annotations(arguments.xml_dir)
    if arguments.split:
        sources = record_sources.select_split(sources, arguments.split, image_dir)
    return sources


def find_label_map(arguments):
    """Return the label map given, or the one .pbtxt beside the CSV or the output."""
    if arguments.labels_path:
        return arguments.labels_path
    places = [arguments.csv_input or arguments.xml_dir, arguments.output_path]
    found = {p for place in places for p in Path(place).parent.glob("*.pbtxt")}
    if len(found) == 1:
        return found.pop()
    listed = ", ".join(map(str, sorted(found))) or "none"
    raise DatasetError(f"which label map? Give it with --label_map (beside: {listed})")


def read_class_ids(path):
    """Return {name: id} of a label map; one is written beside a list of names."""
    if label_map.is_list_file(path):
        path = label_map.write_map_beside(path)
        print(f"wrote {path}, which pipeline.config needs")
    return label_map.read_label_map(path)


if __name__ == "__main__":
    main()
