"""Train several classifiers on one split and compare them, also on another set.

    python scripts/compare_classifiers.py data/cracks/concrete --source "(.+)_tile" \\
        --models texture mobilenetv2_035=data/weights/walls.npz --size 128 \\
        --other data/cracks/other -o build/comparison
    python scripts/compare_classifiers.py my_pictures -o build/mine \\
        --models texture vgg16=imagenet resnet50=imagenet resnet50v2=imagenet

A model is texture, or backbone=weights with weights imagenet, a .h5 or .npz file, or
none. The folder holds one folder for each class, two or more; the other set has the same
classes, or --other_classes says what they are called there. Written are comparison.json,
answers.csv and the figures as .png.
"""

from pathlib import Path

from inspection.classification import command_arguments
from inspection.common import arguments as flags
from inspection.common.errors import UserError, exit_on_error
from inspection.common.own_outputs import own_outputs

FIGURES = ("accuracy", "precision_recall", "confusion", "classes")
WRITTEN = ("answers.csv", "comparison.json", *(f"{name}.png" for name in FIGURES))
MODELS = ["texture", "vgg16=imagenet", "resnet50=imagenet", "resnet50v2=imagenet"]


def parse_arguments():
    parser = flags.parser(__doc__)
    add = parser.add_argument
    command_arguments.add_images(parser)
    flags.add_output(parser, "--out", metavar="DIR", help="gets tables and figures")
    add("--models", nargs="+", default=MODELS, metavar="MODEL", help="see above")
    add("--other", metavar="DIR", help="another set of the same question to test on")
    add("--other_classes", nargs="+", metavar="NAME", help="(as in the first set)")
    command_arguments.add_training(parser)
    return parser.parse_args()


@exit_on_error()
def main():
    arguments = parse_arguments()
    models = [parse_model(text) for text in arguments.models]
    from inspection.classification import comparison, experiment

    set_up = command_arguments.prepare(arguments)
    others = {}
    if arguments.other:
        names = arguments.other_classes
        other = experiment.read_other(arguments.other, names, set_up.images)
        others[other.folder.name] = other
    out = Path(arguments.output)
    with own_outputs("compare_classifiers.py", [out / name for name in WRITTEN]):
        trained = [train(name, weights, set_up, arguments) for name, weights in models]
        trained = comparison.tell_apart(trained)
        costs = command_arguments.costs_of(arguments)
        trained = experiment.choose_thresholds(trained, set_up, *costs)
        found = experiment.report(trained, set_up, others)
        write(trained, set_up, found, others, out)
    print_tables(found)
    print(f"wrote {out}: comparison.json, answers.csv and figures")


def write(trained, set_up, found, others, out):
    """Write tables and figures, all or none."""
    from inspection.classification import experiment
    from inspection.common.atomic_files import together

    with together():
        experiment.write_answers(trained, set_up, out / "answers.csv")
        experiment.write_json(found, out / "comparison.json")
        draw(trained, set_up, found, others, out)


def parse_model(text):
    """Return (name, weights) of `backbone=weights`, or of `texture`."""
    name, _, weights = text.partition("=")
    if name != "texture" and not weights:
        raise UserError(
            f"{text}: say which weights, as in {name}=imagenet or {name}=none"
        )
    return name, weights


def train(name, weights, set_up, arguments):
    from inspection.classification import comparison

    print(f"{name} ...", flush=True)
    if name == "texture":
        return comparison.train_texture(set_up.images, set_up.splits, arguments.size)
    return comparison.train_network(
        set_up.images,
        set_up.splits,
        name,
        arguments.size,
        weights,
        command_arguments.settings_of(arguments),
        cache_dir=arguments.features,
    )


def draw(trained, set_up, found, others, out):
    """Write the figures: accuracy, precision_recall, confusion, classes."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    from inspection.classification import comparison_figures, experiment, figures
    from inspection.common.atomic_files import atomic_write

    class_names, labels = set_up.images.class_names, set_up.labels("test")
    answers = experiment.test_answers(trained, set_up)
    data = answers, labels, class_names
    drawings = {
        "accuracy": lambda: figures.comparison(
            accuracies(found, others), len(class_names)
        ),
        "precision_recall": lambda: figures.precision_recall(*data),
        "confusion": lambda: figures.confusions(comparison_figures.matrices(*data)),
        "classes": lambda: comparison_figures.class_recalls(*data),
    }
    for name, drawing in drawings.items():
        drawing()
        with atomic_write(out / f"{name}.png") as draft:
            plt.savefig(draft, dpi=120, bbox_inches="tight")
        plt.close()


def accuracies(found, others):
    """Return {set: DataFrame} of the figures, of two classes those at one half."""
    import pandas as pd

    at = " at 0.5" if "thresholds" in found else ""
    names = ["test", *(f"on {name}" for name in others)]
    return {name: pd.DataFrame(found[f"{name}{at}"]).T for name in names}


def print_tables(found):
    import pandas as pd

    with pd.option_context("display.width", 120, "display.max_columns", 20):
        for title, rows in found.items():
            if title.startswith(("test", "on ", "costs")):
                print(f"\n{title}\n{pd.DataFrame(rows).T.round(4)}")
        if "thresholds" not in found:
            rows = found["classes, test"].items()
            shares = {
                t: {n: r["recall"] for n, r in table.items()} for t, table in rows
            }
            print(f"\nshare found of each class\n{pd.DataFrame(shares).T.round(4)}")


if __name__ == "__main__":
    main()
