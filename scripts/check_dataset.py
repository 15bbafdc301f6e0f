"""Look a set of annotated pictures over: what is in it, what is wrong, how to mend it.

    python scripts/check_dataset.py -x data/leaks/annotations -i data/leaks/images \\
        -l data/leaks/label_map.pbtxt --splits data/leaks/splits --html report.html

Annotations are Pascal VOC, one XML for each picture. With -x alone, the folder of a whole
set is taken as well: train/, valid/ and test/ as of Roboflow or Kaggle, VOCdevkit; its own
split is checked with it. Exit status: 0 fit for training,
1 errors (with --strict: errors or warnings), 2 nothing that could be looked at.
"""

import sys

from inspection.common import arguments as flags
from inspection.common.errors import exit_on_error


def parse_arguments():
    parser = flags.parser(__doc__)
    add = parser.add_argument
    add("-x", "--xml_dir", required=True, metavar="DIR", help="folder of the .xml")
    add("-i", "--image_dir", metavar="DIR", help="folder of the pictures (that of -x)")
    add(
        "-l",
        "--labels_path",
        "--label_map",
        metavar="PBTXT",
        help="label map to hold the classes against",
    )
    add(
        "--splits",
        nargs="+",
        metavar="TXT",
        help="split lists, or a folder of train.txt, val.txt, test.txt",
    )
    add(
        "--source",
        metavar="REGEX",
        help='what tells the source of tiles or video frames, such as "(.+)_tile"',
    )
    add(
        "--size",
        type=flags.positive_int,
        default=320,
        help="input size of the network (320)",
    )
    add("--html", metavar="FILE", help="write the report with pictures of every fault")
    add("--strict", action="store_true", help="let warnings fail, too")
    return parser.parse_args()


@exit_on_error()
def main():
    arguments = parse_arguments()
    from inspection.datasets.checking.check import check_dataset
    from inspection.datasets.checking.check_text import format_report
    from inspection.datasets.layouts.for_commands import boxes_of
    from inspection.datasets.splitting.split_lists import read_splits

    with boxes_of(arguments.xml_dir, arguments.image_dir) as found:
        splits = arguments.splits or ([found.splits] if found.splits else None)
        report = check_dataset(
            found.partners,
            found.images,
            label_map=_label_map(arguments.labels_path),
            splits=read_splits(splits) if splits else None,
            pattern=arguments.source,
            input_size=arguments.size,
        )
        print(format_report(report))
        if arguments.html:
            from inspection.datasets.checking.check_report import write_report

            print(f"wrote {write_report(report, arguments.html)}")
    sys.exit(report.exit_code(arguments.strict))


def _label_map(path):
    if path is None:
        return None
    from inspection.detection.config.label_map import read_label_map

    return read_label_map(path)


if __name__ == "__main__":
    main()
