"""Inspect parts with a model of train_anomaly.py: which are unlike the good, and where.

    python scripts/inspect_parts.py build/parts_model/model.tflite data/parts/test \\
        -o build/inspected
    python scripts/inspect_parts.py model.tflite belt.jpg press.jpg -o build/inspected

maps/ holds copies of the pictures, red where they are unlike good ones, parts.csv the
answer and the score of each, 0 to 1; over 0.5 a part is no good one. Needs only
requirements-edge.txt.
"""

from inspection.common import arguments as flags
from inspection.common.errors import UserError, exit_on_error
from inspection.common.own_outputs import own_outputs
from inspection.common.text import plural


def parse_arguments():
    parser = flags.parser(__doc__)
    add = parser.add_argument
    add("model", metavar="MODEL", help="model.tflite of train_anomaly.py")
    add("sources", nargs="+", metavar="SOURCE", help="pictures, or folders of them")
    flags.add_output(parser, metavar="DIR", help="folder of the results")
    add("--threads", type=flags.positive_int, default=2, help="processor threads (2)")
    return parser.parse_args()


@exit_on_error()
def main():
    arguments = parse_arguments()
    from inspection.deploy import inspect_images
    from inspection.deploy.runtime import load_model

    model = load_model(arguments.model, arguments.threads)
    if model.kind != "anomaly":
        raise UserError(
            f"{arguments.model} is a {model.kind}; this needs a model of train_anomaly.py"
        )
    names = inspect_images.find_parts(arguments.sources, arguments.output)
    outputs = inspect_images.result_files(names, arguments.output)
    with own_outputs("inspect_parts.py", outputs, [arguments.model, *names]):
        rows = inspect_images.inspect_images(model, names, arguments.output)
    bad = sum(row["answer"] != model.labels[0] for row in rows)
    print(f"{plural(len(rows), 'picture')}: {bad} unlike the good ones")
    print(f"wrote {arguments.output}")


if __name__ == "__main__":
    main()
