"""Draw the first pictures of record files with their boxes: what training sees.

    python scripts/show_records.py build/leaks.record -o build/leaks.png
    python scripts/show_records.py "train.record-*" -n 12 -o sheet.png

Every picture read is checked: a damaged or cut off record is an error that names it.
"""

from inspection.common import arguments as flags
from inspection.common.errors import exit_on_error
from inspection.common.own_outputs import own_outputs


def parse_arguments():
    parser = flags.parser(__doc__)
    add = parser.add_argument
    add("records", nargs="+", metavar="RECORD", help="record files or patterns")
    flags.add_output(parser, "--output_path", metavar="PNG")
    add(
        "-n",
        "--count",
        type=flags.positive_int,
        default=12,
        help="pictures to draw (12)",
    )
    add("--columns", type=flags.positive_int, default=4, help="pictures in a row (4)")
    return parser.parse_args()


@exit_on_error()
def main():
    arguments = parse_arguments()
    from inspection.detection.records.record_sheet import draw_sheet

    with own_outputs("show_records.py", [arguments.output], arguments.records):
        shown, boxes = draw_sheet(
            arguments.records, arguments.output, arguments.count, arguments.columns
        )
    print(f"{arguments.output}: {shown} pictures, {boxes} boxes")


if __name__ == "__main__":
    main()
