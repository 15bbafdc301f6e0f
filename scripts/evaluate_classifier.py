"""Measure a saved classifier on a folder of class folders it was not trained on.

    python scripts/evaluate_classifier.py build/cracks/model.keras data/cracks/other
    python scripts/evaluate_classifier.py model.tflite my_pictures --classes ok cracked \\
        --threshold 0.3 --json figures.json

Prints accuracy with its 95 % interval, precision, recall, F1, ROC-AUC and the confusion
matrix. --classes names the folders in the order of the model's classes, where they are
called otherwise.
"""

from inspection.common import arguments as flags
from inspection.common.errors import UserError, exit_on_error


def parse_arguments():
    parser = flags.parser(__doc__)
    add = parser.add_argument
    add("model", metavar="MODEL", help=".keras or .tflite")
    add("folder", metavar="DIR", help="one folder for each class inside")
    add("--classes", nargs="+", metavar="NAME", help="folders, in the model's order")
    add(
        "--threshold",
        type=flags.threshold,
        help="of the last class (the .keras file's, or 0.5)",
    )
    add("--json", metavar="FILE", help="write the figures here")
    return parser.parse_args()


@exit_on_error()
def main():
    arguments = parse_arguments()
    from inspection.classification.model_files import load_model_file
    from inspection.datasets.class_folders import read_class_folders

    model = load_model_file(arguments.model)
    if len(model.labels) != 2:
        raise UserError(f"this takes two classes, not {', '.join(model.labels)}")
    images = read_class_folders(arguments.folder, arguments.classes or model.labels)
    if len(images.class_names) != 2:
        raise UserError(f"--classes takes two names, {', '.join(model.labels)}")
    threshold = arguments.threshold
    if threshold is None:
        threshold = model.threshold
    measure(model, images, threshold, arguments.json)


def measure(model, images, threshold, path):
    """Print how a model does on a ClassFolders; write the figures to path, if any."""
    import numpy as np

    from inspection.classification import comparison, measures
    from inspection.classification.experiment import write_json
    from inspection.common.progress import bar
    from inspection.datasets.images.image_file import read_rgb

    shown = bar(images.paths, "pictures")
    scores = np.array([model.scores([read_rgb(path)])[0, 1] for path in shown])
    answers = {"model": (scores, threshold)}
    row = comparison.figures_table(answers, images.labels).loc["model"]
    predicted = (scores >= threshold).astype(int)
    matrix = measures.confusion(images.labels, predicted, images.class_names)
    print(f"{len(images):,} pictures, threshold {threshold:.3f}\n")
    print(f"{row.round(4).to_string()}\n\n{matrix}")
    if path:
        figures = {"threshold": threshold, **row.to_dict()}
        write_json(figures | {"confusion": matrix.to_numpy().tolist()}, path)
        print(f"\nwrote {path}")


if __name__ == "__main__":
    main()
