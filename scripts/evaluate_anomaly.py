"""Measure what train_anomaly.py learnt on parts with defects, by kind of defect.

    python scripts/evaluate_anomaly.py build/parts_model data/parts
    python scripts/evaluate_anomaly.py build/mine --good new/good --bad new/bad \\
        --masks new/masks --json figures.json

A set has test/good, a folder in test/ for each kind of defect, and for figures by pixel
a mask of each in ground_truth/. --bad may hold a folder for each kind, or pictures.
Good pictures that were learnt from are left out.
"""

from inspection.common import arguments as flags
from inspection.common.errors import UserError, exit_on_error
from inspection.common.own_outputs import own_outputs


def parse_arguments():
    parser = flags.parser(__doc__)
    add = parser.add_argument
    add("model", metavar="MODEL", help="folder of the trained model")
    add("set", nargs="?", metavar="SET", help="folder with test/ and ground_truth/")
    add("--good", metavar="DIR", help="good parts, in place of a set")
    add("--bad", metavar="DIR", help="parts with defects, in place of a set")
    add("--masks", metavar="DIR", help="their masks")
    add("--json", metavar="FILE", help="write the figures here")
    return parser.parse_args()


@exit_on_error()
def main():
    arguments = parse_arguments()
    parts = find_parts(arguments)
    outputs = [arguments.json] if arguments.json else []
    with own_outputs("evaluate_anomaly.py", outputs, parts.all()):
        measure(arguments, parts)


def find_parts(arguments):
    """Return the parts to measure on, of a set or of two folders."""
    from inspection.datasets.good_parts import find_test, gather_test

    folders = [arguments.good, arguments.bad]
    if bool(arguments.set) == any(folders) or any(folders) != all(folders):
        raise UserError("name a SET, or two folders with --good and --bad")
    if arguments.set:
        return find_test(arguments.set)
    return gather_test(arguments.good, arguments.bad, arguments.masks)


def measure(arguments, parts):
    """Print the figures, and write them where that is wanted."""
    from inspection.anomaly.evaluation import evaluate

    result = evaluate(arguments.model, parts)
    print(result.table.round(3).to_string())
    low, high = result.interval
    print(
        f"false alarms: {result.false_alarms:.1%} of the good ones, expected "
        f"{low:.1%} to {high:.1%}; {result.milliseconds:.0f} ms a picture"
    )
    if arguments.json:
        write_json(arguments.json, result)


def write_json(path, result):
    import json

    from inspection.common.atomic_files import write_text

    figures = {
        "kinds": result.table.to_dict(orient="index"),
        "false_alarms": result.false_alarms,
        "interval": result.interval,
        "milliseconds": result.milliseconds,
    }
    write_text(path, json.dumps(figures, indent=2) + "\n")
    print(f"wrote {path}")


if __name__ == "__main__":
    main()
