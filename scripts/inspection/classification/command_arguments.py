"""What the commands that train classifiers ask for alike; no network library is loaded."""

from pathlib import Path

from inspection.common import arguments as flags
from inspection.common.errors import UserError
from inspection.common.text import plural

FEATURES = Path(__file__).resolve().parents[3] / "build" / "features"
MISS_COST, ALARM_COST = 10.0, 1.0


def add_images(parser):
    """Add which pictures are learned from, and how large a network sees them."""
    add = parser.add_argument
    add("folder", metavar="DIR", help="one folder for each class inside")
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


def add_training(parser):
    """Add how a network learns, and what the errors of two classes cost."""
    add, cost = parser.add_argument, flags.non_negative_float
    add("--head_epochs", type=flags.positive_int, default=100, help="of the head (100)")
    add(
        "--tune_epochs",
        type=flags.non_negative_int,
        default=0,
        help="of fine-tuning (0: none)",
    )
    add(
        "--rate",
        type=flags.learning_rate,
        default=1e-4,
        help="learning rate of fine-tuning (1e-4)",
    )
    add("--miss_cost", type=cost, help="of a missed last one of two classes (10)")
    add("--alarm_cost", type=cost, help="of a false alarm, of two classes (1)")
    add("--seed", type=flags.seed, default=0, help="of split and training (0)")


def prepare(arguments):
    """Return the Experiment of the pictures; refuse costs that would decide nothing."""
    from inspection.classification import experiment

    set_up = experiment.prepare(
        arguments.folder,
        arguments.classes,
        arguments.source,
        arguments.photographs,
        arguments.seed,
    )
    given = [arguments.miss_cost, arguments.alarm_cost] != [None, None]
    class_names = set_up.images.class_names
    if given and len(class_names) > 2:
        raise UserError(
            f"--miss_cost and --alarm_cost are for two classes, and {arguments.folder} "
            f"holds {plural(len(class_names), 'class')}: leave them out; the most "
            "probable class is said"
        )
    return set_up


def settings_of(arguments):
    """Return the TrainingSettings that were asked for."""
    from inspection.classification.comparison import TrainingSettings

    return TrainingSettings(
        head_epochs=arguments.head_epochs,
        tune_epochs=arguments.tune_epochs,
        rate=arguments.rate,
        seed=arguments.seed,
    )


def costs_of(arguments):
    """Return (cost of a miss, cost of a false alarm)."""
    given = (arguments.miss_cost, MISS_COST), (arguments.alarm_cost, ALARM_COST)
    return tuple(usual if cost is None else cost for cost, usual in given)
