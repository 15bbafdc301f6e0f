"""Measure a saved classifier on a folder of class folders it was not trained on.

    python scripts/evaluate_classifier.py build/cracks/model.keras data/cracks/other
    python scripts/evaluate_classifier.py model.tflite my_pictures --classes ok cracked \\
        --threshold 0.3 --json figures.json

Prints accuracy with its 95 % interval, precision, recall, F1, ROC-AUC and the confusion
matrix; of more than two classes their means over the classes, and a line for each.
--classes names the folders in the order of the model's classes, where they are called
otherwise.
"""

from inspection.common import arguments as flags
from inspection.common.errors import UserError, exit_on_error
from inspection.common.own_outputs import own_outputs


def parse_arguments():
    parser = flags.parser(__doc__)
    add = parser.add_argument
    add("model", metavar="MODEL", help=".keras or .tflite")
    add("folder", metavar="DIR", help="one folder for each class inside")
    add("--classes", nargs="+", metavar="NAME", help="folders, in the model's order")
    add(
        "--threshold",
        type=flags.threshold,
        help="of the last of two classes (the .keras file's, or 0.5)",
    )
    add("--json", metavar="FILE", help="write the figures here")
    return parser.parse_args()


@exit_on_error()
def main():
    arguments = parse_arguments()
    from inspection.classification.model_files import load_model_file
    from inspection.datasets.class_folders import read_class_folders

    model = load_model_file(arguments.model)
    model.check_threshold(arguments.threshold)
    names = arguments.classes or model.labels
    if len(names) != len(model.labels):
        raise UserError(
            f"--classes takes as many names as {arguments.model} has classes, for "
            f"{', '.join(model.labels)}"
        )
    images = read_class_folders(arguments.folder, names)
    outputs = [arguments.json] if arguments.json else []
    with own_outputs(
        "evaluate_classifier.py", outputs, [arguments.model, *images.paths]
    ):
        measure(model, images, arguments.threshold, arguments.json)


def measure(model, images, threshold, path):
    """Print how a model does on LabelledImages; write the figures to path, if any."""
    from inspection.classification import comparison, measures
    from inspection.classification.experiment import write_json

    said = model.interpret(model.scores_of_files(images.paths), threshold)
    labels, class_names = images.labels, images.class_names
    row = comparison.figures_table({"model": said}, labels).loc["model"]
    classes = measures.class_measures(labels, said.predicted, class_names)
    matrix = measures.confusion(labels, said.predicted, class_names)
    two = len(class_names) == 2
    at = f", threshold {said.threshold:.3f}" if two else ""
    print(f"{len(images):,} pictures{at}\n\n{row.round(4).to_string()}\n")
    if not two:
        print(f"{classes.round(4).to_string()}\n")
    print(matrix.to_string())
    if path:
        figures = {"threshold": said.threshold} if two else {}
        figures |= {**row.to_dict(), "classes": classes.to_dict("index")}
        write_json(figures | {"confusion": matrix.to_numpy().tolist()}, path)
        print(f"\nwrote {path}")


if __name__ == "__main__":
    main()
