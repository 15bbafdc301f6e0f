"""Train a network on CIFAR-10, or on a set in its shape, and measure it.

    python scripts/train_cifar10.py --epochs 12 -o build/standin
    python scripts/train_cifar10.py --data cifar10.tar --network resnet9 --epochs 24
    python scripts/train_cifar10.py --data keras --network resnet50 --weights imagenet

--data: "keras" downloads CIFAR-10; or a path: cifar-10-python.tar.gz, an .npz, or
pictures in train/CLASS/ and test/CLASS/ as a folder, .tar or .zip. Without it the
bundled stand-in is taken. Without --weights a network for 32x32 begins at random; with
it a backbone of ImageNet learns a new last layer first, then as a whole.

Stopped? The same command goes on after the last whole epoch. In -o lie history.csv,
report.json and last.keras; --export writes a .tflite for serve.py.
"""

from pathlib import Path

from inspection.common import arguments as flags
from inspection.common.errors import exit_on_error
from inspection.common.own_outputs import own_outputs

ROOT = Path(__file__).resolve().parent.parent
STANDIN = ROOT / "data/cifar10_standin"


def parse_arguments():
    parser = flags.parser(__doc__)
    add = parser.add_argument
    add("--data", default=STANDIN, help='"keras" or a path (the bundled stand-in)')
    flags.add_output(
        parser,
        "--out",
        default="build/cifar10/run",
        metavar="DIR",
        help="folder of this run",
    )
    add(
        "--network",
        default="resnet9",
        help="resnet9, resnet9_small, resnet20, resnet50",
    )
    add("--weights", default="", help='of a backbone: "imagenet", an .h5 or an .npz')
    add("--export", metavar="TFLITE", help="write the network for serve.py")
    add_images(add)
    add_training(add)
    return parser.parse_args()


def add_images(add):
    """Add which pictures are learned from, and how they are shown."""
    count, side = flags.positive_int, flags.non_negative_int
    add("--per_class", type=count, help="take fewer training pictures of each class")
    add("--val_share", type=flags.share, default=0.0, help="held out for curves (0)")
    add("--enlarged", type=count, default=160, help="pixels the backbone sees (160)")
    add("--cutout", type=side, default=8, help="side of the square, 0 for none (8)")
    add("--no_augment", action="store_true", help="show each picture as it is")


def add_training(add):
    """Add how the network learns."""
    count, rate = flags.positive_int, flags.learning_rate
    add("--epochs", type=count, default=24, help="passes over the pictures (24)")
    add("--head_epochs", type=count, default=2, help="of the last layer alone (2)")
    add("--batch_size", type=count, default=128, help="less if memory runs out (128)")
    add("--learning_rate", type=rate, help="the highest (0.1; 0.01 with --weights)")
    add("--label_smoothing", type=flags.share, default=0.1, help="0 for none (0.1)")
    add(
        "--seed",
        type=flags.seed,
        default=0,
        help="of weights, order and augmentation (0)",
    )


def make_settings(arguments, num_classes):
    from inspection.classification.cifar10.training_loop import Settings

    rate = 0.01 if arguments.weights else 0.1
    return Settings(
        network=arguments.network,
        weights=arguments.weights,
        enlarged=arguments.enlarged,
        num_classes=num_classes,
        epochs=arguments.epochs,
        batch_size=arguments.batch_size,
        learning_rate=arguments.learning_rate or rate,
        label_smoothing=arguments.label_smoothing,
        augment=not arguments.no_augment,
        cutout=arguments.cutout,
        seed=arguments.seed,
    )


@exit_on_error()
def main():
    arguments = parse_arguments()
    outputs = [Path(arguments.output) / "report.json"]
    outputs += [arguments.export] if arguments.export else []
    with own_outputs("train_cifar10.py", outputs):
        train_and_measure(arguments)


def train_and_measure(arguments):
    """Train, write the report on the test pictures, and export where wanted."""
    from inspection.classification.cifar10 import source, test_report
    from inspection.datasets.cifar10 import image_arrays
    from inspection.keras_shared import precision

    data = source.read(arguments.data)
    if arguments.per_class:
        data = image_arrays.subsample(data, arguments.per_class, arguments.seed)
    validation = None
    if arguments.val_share:
        data, validation = source.hold_out(data, arguments.val_share)
    print(f"{arguments.data}: {image_arrays.size_text(data)}")
    settings = make_settings(arguments, len(data.class_names))
    network = train(data, settings, validation, arguments)
    report = test_report.measure(network, *data.part("test"), data.class_names)
    file = Path(arguments.output) / "report.json"
    policy = precision.chosen()
    test_report.write_report(file, report, network=network.name, precision=policy)
    print(f"test accuracy {report.accuracy:.4f}; wrote {file}")
    if arguments.export:
        from inspection.classification.cifar10.tflite_export import export

        print(f"wrote {export(network, data, arguments.export)}")


def train(data, settings, validation, arguments):
    from inspection.classification.cifar10 import training_loop, transfer

    if not settings.weights:
        return training_loop.train(data, settings, arguments.output, validation)
    return transfer.train_transfer(
        data, settings, arguments.output, validation, arguments.head_epochs
    )


if __name__ == "__main__":
    main()
