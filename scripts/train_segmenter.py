"""Train a U-Net on pictures and masks, choose its threshold, fit its region check.

    python scripts/train_segmenter.py --images data/rust/images \\
        --masks data/rust/masks --splits data/rust/splits -o build/rust_model \\
        --size 128 --epochs 2
    python scripts/train_segmenter.py --images my/images --masks my/masks \\
        --class_name crack -o build/crack_model

With ImageNet weights of MobileNetV2 0.35 the encoder need not begin at zero:
--encoder mobilenet_v2 --weights imagenet downloads them, or give an .npz. After a stop
the same command goes on. Without --splits the pictures are dealt out to train, val and
test by --seed, copies of one source on one side.
"""

from pathlib import Path

from inspection.common import arguments as flags
from inspection.common.errors import exit_on_error
from inspection.common.own_outputs import own_outputs


def parse_arguments():
    parser = flags.parser(__doc__)
    add = parser.add_argument
    add(
        "--images", required=True, metavar="DIR", help="folder of pictures, or of a set"
    )
    add("--masks", metavar="DIR", help="folder of the masks (that of --images)")
    add(
        "--foreground",
        type=flags.foreground,
        nargs="+",
        metavar="VALUE",
        help="what counts in masks of classes: 2, or 1 3, or all, or '#ff0000'",
    )
    add("--class_name", default="rust", metavar="NAME", help="what they show (rust)")
    add("--splits", metavar="DIR", help="folder of train.txt, val.txt, test.txt")
    add("--source", metavar="REGEX", help='tells the source of tiles: "(.+)_tile"')
    flags.add_output(
        parser, "--model", metavar="DIR", help="folder to write the model into"
    )
    add_network(add)
    add_training(add)
    return parser.parse_args()


def add_network(add):
    """Add what the network is made of."""
    count = flags.positive_int
    add("--size", type=count, default=256, help="side pictures are resized to (256)")
    add("--encoder", default="plain", choices=("plain", "mobilenet_v2"))
    add("--weights", metavar="NPZ", help="of the encoder, or imagenet")
    add("--depth", type=count, default=4, help="halvings of the plain encoder (4)")
    add("--width", type=count, default=8, help="channels at full size (8)")


def add_training(add):
    """Add how the network learns."""
    count, rate = flags.positive_int, flags.learning_rate
    part = "side of the part trained on; 0: all of it (0)"
    add("--crop", type=flags.non_negative_int, default=0, help=part)
    add("--epochs", type=count, default=40, help="times through the pictures (40)")
    add("--batch_size", type=count, default=8, help="less if memory runs out (8)")
    lines = "share of the center line loss, for cracks: 0.3 (0)"
    add("--cldice", type=flags.share, default=0.0, metavar="SHARE", help=lines)
    add("--learning_rate", type=rate, default=1e-3, help="of Adam (0.001)")
    add("--seed", type=flags.seed, default=0, help="of the split and the training (0)")


@exit_on_error()
def main():
    arguments = parse_arguments()
    from inspection.datasets.layouts.opening import masks_of
    from inspection.datasets.mask_pairs import read_pairs, split_pairs

    with masks_of(arguments.images, arguments.masks, arguments.splits) as found:
        pairs = read_pairs(found.images, found.partners, arguments.foreground)
        splits = split_pairs(
            pairs, splits=found.splits, pattern=arguments.source, seed=arguments.seed
        )
        print(", ".join(f"{len(chosen)} {split}" for split, chosen in splits.items()))
        lists = [Path(arguments.output, "splits", f"{split}.txt") for split in splits]
        # a set of one's own may have its lists there
        with own_outputs("train_segmenter.py", lists):
            train(arguments, splits)


def train(arguments, splits):
    """Train on the pairs of each part of the split, and say where the model lies."""
    from inspection.datasets.mask_pairs import write_split_lists
    from inspection.keras_shared.callbacks import EpochBar
    from inspection.segmentation.training import Settings
    from inspection.segmentation.workflow import train_segmenter

    names = ("size", "depth", "width", "encoder", "epochs", "batch_size")
    names += ("learning_rate", "crop", "cldice", "seed", "class_name")
    settings = Settings(**{name: getattr(arguments, name) for name in names})
    bar = EpochBar(settings.epochs, shown=("loss", "val_iou"))
    output = arguments.output
    trained = train_segmenter(splits, output, settings, arguments.weights, [bar])
    write_split_lists(splits, output)
    print(f"wrote {output}: a pixel counts from {trained.settings.threshold:.2f}")


if __name__ == "__main__":
    main()
