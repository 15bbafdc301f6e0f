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
split already, --split train, val or test says what to write. The flags of the well-known
scripts of this name are understood: see inspection/datasets/dialects.py.

--runner converts by Apache Beam (requirements-beam.txt), the records are the same; see
docs/at_scale.md.
"""

import sys
from pathlib import Path

from inspection.common import arguments as flags
from inspection.common.atomic_files import together
from inspection.common.errors import DatasetError, UserError, exit_on_error
from inspection.common.own_outputs import own_outputs
from inspection.datasets import csv_boxes, csv_table, dialects, voc
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
    add_classes(parser)
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
    return parser.parse_args(dialects.translate(sys.argv[1:]))


def add_classes(parser):
    classes = parser.add_mutually_exclusive_group()
    classes.add_argument(
        "-l",
        "--labels_path",
        "--label_map",
        "--labelmap",
        metavar="PBTXT",
        help="the label map, or a .txt with one class a line",
    )
    classes.add_argument(
        "--classes",
        nargs="+",
        metavar="NAME",
        help="in place of a label map: the names, in the id's order",
    )


@exit_on_error()
def main():
    arguments = parse_arguments()
    settle_label_map(arguments)
    if arguments.csv_input:
        images = arguments.image_dir or dialects.images_of_csv(arguments.csv_input)
        write_records(arguments, images)
        return
    from inspection.datasets.layouts.for_commands import boxes_of

    with boxes_of(arguments.xml_dir, arguments.image_dir) as found:
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
    class_ids = read_class_ids(arguments)
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


def settle_label_map(arguments):
    """Find a label map where no classes are given, and say which one."""
    if arguments.labels_path or arguments.classes:
        return
    source = arguments.csv_input or arguments.xml_dir
    found = dialects.find_label_map(source, arguments.output_path)
    print(f"the ids of the classes are those of {found}")
    arguments.labels_path = found


def read_class_ids(arguments):
    """Return {name: id}; a label map is written beside a list of names."""
    if arguments.classes:
        label_map.render_label_map(arguments.classes)  # refuses what cannot be names
        return {name: i for i, name in enumerate(arguments.classes, start=1)}
    path = arguments.labels_path
    if label_map.is_list_file(path):
        path = label_map.write_map_beside(path)
        print(f"wrote {path}, which pipeline.config needs")
    return label_map.read_label_map(path)


if __name__ == "__main__":
    main()
