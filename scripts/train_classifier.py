"""Train one classifier on a folder of class folders, and save it for use.

    python scripts/train_classifier.py data/cracks/concrete --source "(.+)_tile" \\
        --weights data/weights/walls.npz --size 128 -o build/cracks
    python scripts/train_classifier.py my_pictures --backbone resnet50v2 \\
        --weights imagenet --tune_epochs 5 -o build/mine

The folder holds one folder for each class; the last one, by the alphabet or by
--classes, is what is looked for. Written are model.keras and model.tflite, both with
their labels, answers.csv, history.csv and figures.json. Features are kept in
build/features, so that a second run starts at once.
"""

from pathlib import Path

from inspection.common import arguments as flags
from inspection.common.errors import exit_on_error

FEATURES = Path(__file__).resolve().parent.parent / "build" / "features"


def parse_arguments():
    parser = flags.parser(__doc__)
    add = parser.add_argument
    add("folder", metavar="DIR", help="one folder for each class inside")
    flags.add_output(parser, "--out", metavar="DIR", help="gets model and figures")
    add("--backbone", default="mobilenetv2_035", help="(mobilenetv2_035)")
    add("--weights", default="imagenet", help="imagenet, none, or a .h5 or .npz file")
    add(
        "--size",
        type=flags.positive_int,
        default=224,
        help="pixels the network sees (224)",
    )
    add("--classes", nargs="+", metavar="NAME", help="their order (alphabetical)")
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
    add("--head_epochs", type=flags.positive_int, default=100, help="of the head (100)")
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
    from inspection.classification import comparison, experiment, saved

    set_up = experiment.prepare(
        arguments.folder,
        arguments.classes,
        arguments.source,
        arguments.photographs,
        arguments.seed,
    )
    experiment.need_two_classes(set_up.images)
    print_notes(set_up)
    trained = comparison.train_network(
        set_up.images,
        set_up.splits,
        arguments.backbone,
        arguments.size,
        arguments.weights,
        comparison.TrainingSettings(
            head_epochs=arguments.head_epochs,
            tune_epochs=arguments.tune_epochs,
            rate=arguments.rate,
            seed=arguments.seed,
        ),
        cache_dir=arguments.features,
    )
    costs = arguments.miss_cost, arguments.alarm_cost
    trained = experiment.choose_threshold(trained, set_up, *costs)
    out = Path(arguments.output)
    saved.save_classifier(trained.classifier, out / "model.keras")
    saved.save_tflite(trained.classifier, out / "model.tflite")
    experiment.write_answers([trained], set_up, out / "answers.csv")
    trained.history.to_csv(out / "history.csv")
    found = experiment.report([trained], set_up, {})
    experiment.write_json(found, out / "figures.json")
    print_figures(found, trained)
    print(f"wrote {out}: model.keras, model.tflite, answers.csv, figures.json")


def print_notes(set_up):
    for split, counts in set_up.counts().items():
        print(f"{split:6}" + ", ".join(f"{n:,} {name}" for name, n in counts.items()))
    notes = set_up.images.notes
    for note in notes[:5]:
        print(f"note: {note}")
    if len(notes) > 5:
        print(f"note: ... and {len(notes) - 5:,} more of this kind")


def print_figures(found, trained):
    row = found["test"][trained.title]
    print(f"threshold {trained.threshold:.3f}, the cheapest on validation pictures")
    print(
        f"test: accuracy {row['accuracy']:.4f} ({row['low']:.4f} to {row['high']:.4f}), "
        f"precision {row['precision']:.4f}, recall {row['recall']:.4f}, "
        f"F1 {row['F1']:.4f}, ROC-AUC {row['ROC-AUC']:.4f}"
    )


if __name__ == "__main__":
    main()
