"""Train several classifiers on one split and compare them, also on another set.

    python scripts/compare_classifiers.py data/cracks/concrete --source "(.+)_tile" \\
        --models texture mobilenetv2_035=data/weights/walls.npz --size 128 \\
        --other data/cracks/other -o build/comparison
    python scripts/compare_classifiers.py my_pictures -o build/mine \\
        --models texture vgg16=imagenet resnet50=imagenet resnet50v2=imagenet

A model is texture, or backbone=weights with weights imagenet, a .h5 or .npz file, or
none. Written are comparison.json, answers.csv and the figures as .png.
"""

from pathlib import Path

from inspection.common import arguments as flags
from inspection.common.errors import UserError, exit_on_error

FEATURES = Path(__file__).resolve().parent.parent / "build" / "features"
MODELS = ["texture", "vgg16=imagenet", "resnet50=imagenet", "resnet50v2=imagenet"]


def parse_arguments():
    parser = flags.parser(__doc__)
    add = parser.add_argument
    add("folder", metavar="DIR", help="one folder for each class inside")
    flags.add_output(parser, "--out", metavar="DIR", help="gets tables and figures")
    add("--models", nargs="+", default=MODELS, metavar="MODEL", help="see above")
    add(
        "--size",
        type=flags.positive_int,
        default=224,
        help="pixels the networks see (224)",
    )
    add("--classes", nargs="+", metavar="NAME", help="their order (alphabetical)")
    add("--other", metavar="DIR", help="another set of the same question to test on")
    add("--other_classes", nargs="+", metavar="NAME", help="their names there")
    add("--source", metavar="REGEX", help='what pictures of one source share: "(.+)_t"')
    add(
        "--photographs",
        type=flags.positive_int,
        metavar="N",
        help="of how many they were cut",
    )
    add("--features", default=FEATURES, metavar="DIR", help="cache (build/features)")
    add_training(add)
    return parser.parse_args()


def add_training(add):
    """Add how the network learns, and what its errors cost."""
    rate, cost = flags.learning_rate, flags.non_negative_float
    add(
        "--head_epochs", type=flags.positive_int, default=100, help="of the heads (100)"
    )
    add(
        "--tune_epochs",
        type=flags.non_negative_int,
        default=0,
        help="of fine-tuning (0: none)",
    )
    add("--rate", type=rate, default=1e-4, help="learning rate of fine-tuning (1e-4)")
    add("--miss_cost", type=cost, default=10, help="of a missed crack (10)")
    add("--alarm_cost", type=cost, default=1, help="of a false alarm (1)")
    add("--seed", type=flags.seed, default=0, help="of split and training (0)")


@exit_on_error()
def main():
    arguments = parse_arguments()
    models = [parse_model(text) for text in arguments.models]
    from inspection.classification import experiment
    from inspection.datasets.class_folders import read_class_folders

    set_up = experiment.prepare(
        arguments.folder,
        arguments.classes,
        arguments.source,
        arguments.photographs,
        arguments.seed,
    )
    experiment.need_two_classes(set_up.images)
    others = {}
    if arguments.other:
        other = read_class_folders(arguments.other, arguments.other_classes)
        experiment.need_two_classes(other)
        others[other.folder.name] = other
    trained = [train(name, weights, set_up, arguments) for name, weights in models]
    out = Path(arguments.output)
    experiment.write_answers(trained, set_up, out / "answers.csv")
    found = experiment.report(trained, set_up, others)
    experiment.write_json(found, out / "comparison.json")
    draw(trained, set_up, found, others, out)
    print_tables(found)
    print(f"wrote {out}: comparison.json, answers.csv and figures")


def parse_model(text):
    """Return (name, weights) of `backbone=weights`, or of `texture`."""
    name, _, weights = text.partition("=")
    if name != "texture" and not weights:
        raise UserError(
            f"{text}: say which weights, as in {name}=imagenet or {name}=none"
        )
    return name, weights


def train(name, weights, set_up, arguments):
    from inspection.classification import comparison, experiment

    print(f"{name} ...", flush=True)
    if name == "texture":
        one = comparison.train_texture(set_up.images, set_up.splits, arguments.size)
    else:
        one = comparison.train_network(
            set_up.images,
            set_up.splits,
            name,
            arguments.size,
            weights,
            comparison.TrainingSettings(
                head_epochs=arguments.head_epochs,
                tune_epochs=arguments.tune_epochs,
                rate=arguments.rate,
                seed=arguments.seed,
            ),
            cache_dir=arguments.features,
        )
    costs = arguments.miss_cost, arguments.alarm_cost
    return experiment.choose_threshold(one, set_up, *costs)


def draw(trained, set_up, found, others, out):
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    import pandas as pd

    from inspection.classification import experiment, figures

    answers = experiment.test_answers(trained, set_up)
    tables = {"test": pd.DataFrame(found["test at 0.5"]).T}
    for name in others:
        tables[f"on {name}"] = pd.DataFrame(found[f"on {name} at 0.5"]).T
    drawings = {
        "accuracy": lambda: figures.comparison(tables),
        "precision_recall": lambda: figures.precision_recall(
            answers, set_up.labels("test")
        ),
    }
    for name, drawing in drawings.items():
        drawing()
        plt.savefig(out / f"{name}.png", dpi=120, bbox_inches="tight")
        plt.close()


def print_tables(found):
    import pandas as pd

    with pd.option_context("display.width", 120, "display.max_columns", 20):
        for title, rows in found.items():
            if title.startswith(("test", "on ", "costs")):
                print(f"\n{title}\n{pd.DataFrame(rows).T.round(4)}")


if __name__ == "__main__":
    main()
