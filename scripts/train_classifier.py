"""Train one classifier on a folder of class folders, and save it for use.

    python scripts/train_classifier.py data/cracks/concrete --source "(.+)_tile" \\
        --weights data/weights/walls.npz --size 128 -o build/cracks
    python scripts/train_classifier.py my_pictures --backbone resnet50v2 \\
        --weights imagenet --tune_epochs 5 -o build/mine

The folder holds one folder for each class, two or more, in the order of the alphabet or
of --classes. Of two the last one is what is looked for, from a threshold on that follows
from what errors cost; of more the most probable is said. Written are model.keras and
model.tflite, both with their labels, answers.csv, history.csv and figures.json. Features
are kept in build/features, so that a second run starts at once.
"""

from pathlib import Path

from inspection.classification import command_arguments
from inspection.common import arguments as flags
from inspection.common.errors import exit_on_error
from inspection.common.own_outputs import own_outputs

WRITTEN = ("model.keras", "model.tflite", "answers.csv", "history.csv", "figures.json")


def parse_arguments():
    parser = flags.parser(__doc__)
    add = parser.add_argument
    command_arguments.add_images(parser)
    flags.add_output(parser, "--out", metavar="DIR", help="gets model and figures")
    add("--backbone", default="mobilenetv2_035", help="(mobilenetv2_035)")
    add("--weights", default="imagenet", help="imagenet, none, or a .h5 or .npz file")
    command_arguments.add_training(parser)
    return parser.parse_args()


@exit_on_error()
def main():
    arguments = parse_arguments()
    set_up = command_arguments.prepare(arguments)
    print_notes(set_up)
    out = Path(arguments.output)
    with own_outputs("train_classifier.py", [out / name for name in WRITTEN]):
        train(set_up, arguments, out)
    print(f"wrote {out}: model.keras, model.tflite, answers.csv, figures.json")


def train(set_up, arguments, out):
    """Train, choose the threshold, and write model and figures."""
    from inspection.classification import comparison, experiment, saved
    from inspection.common.atomic_files import atomic_write, together

    trained = comparison.train_network(
        set_up.images,
        set_up.splits,
        arguments.backbone,
        arguments.size,
        arguments.weights,
        command_arguments.settings_of(arguments),
        cache_dir=arguments.features,
    )
    costs = command_arguments.costs_of(arguments)
    trained = experiment.choose_threshold(trained, set_up, *costs)
    found = experiment.report([trained], set_up, {})
    with together():
        saved.save_classifier(trained.classifier, out / "model.keras")
        saved.save_tflite(trained.classifier, out / "model.tflite")
        experiment.write_answers([trained], set_up, out / "answers.csv")
        with atomic_write(out / "history.csv") as draft:
            trained.history.to_csv(draft)
        experiment.write_json(found, out / "figures.json")
    print_figures(found, trained)


def print_notes(set_up):
    for split, counts in set_up.counts().items():
        print(f"{split:6}" + ", ".join(f"{n:,} {name}" for name, n in counts.items()))
    notes = set_up.images.notes
    for note in notes[:5]:
        print(f"note: {note}")
    if len(notes) > 5:
        print(f"note: ... and {len(notes) - 5:,} more of this kind")


def print_figures(found, trained):
    if "thresholds" in found:
        print(f"threshold {trained.threshold:.3f}, the cheapest on validation pictures")
    row = dict(found["test"][trained.title])
    accuracy, low, high = (row.pop(name) for name in ("accuracy", "low", "high"))
    others = ", ".join(f"{name} {value:.4f}" for name, value in row.items())
    print(f"test: accuracy {accuracy:.4f} ({low:.4f} to {high:.4f}), {others}")
    if "thresholds" not in found:
        print_classes(found["classes, test"][trained.title])


def print_classes(rows):
    import pandas as pd

    table = pd.DataFrame(rows).T.astype({"pictures": int})
    print(f"\n{table.round(3).rename_axis('class').to_string()}\n")


if __name__ == "__main__":
    main()
