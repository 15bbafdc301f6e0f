"""Train a U-Net on pictures and masks, choose its threshold, fit its region check.

    python scripts/train_segmentation.py --images data/rust/images \\
        --masks data/rust/masks --splits data/rust/splits --model build/rust_model \\
        --size 128 --epochs 2

With ImageNet weights of MobileNetV2 0.35 the encoder need not begin at zero:
--encoder mobilenet_v2 --weights imagenet downloads them, or give an .npz. After a stop
the same command goes on. Without --splits the pictures are dealt out to train, val and
test by --seed, copies of one source on one side.
"""

import argparse
import os

from inspection.common.errors import exit_on_error
from inspection.datasets.mask_pairs import read_pairs, split_pairs, write_split_lists
from inspection.datasets.masks import parse_foreground

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # before TensorFlow is imported


def parse_arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--images", required=True, metavar="DIR", help="folder of the pictures")
    add("--masks", required=True, metavar="DIR", help="folder of the masks")
    add(
        "--foreground",
        type=parse_foreground,
        nargs="+",
        metavar="VALUE",
        help="what counts in masks of classes: 2, or 1 3, or all, or '#ff0000'",
    )
    add("--splits", metavar="DIR", help="folder of train.txt, val.txt, test.txt")
    add("--source", metavar="REGEX", help='tells the source of tiles: "(.+)_tile"')
    add("--model", required=True, metavar="DIR", help="folder to write the model into")
    add("--size", type=int, default=256, help="side pictures are resized to (256)")
    add("--crop", type=int, default=0, help="side of the part trained on (all of it)")
    add("--encoder", default="plain", choices=("plain", "mobilenet_v2"))
    add("--weights", metavar="NPZ", help="of the encoder, or imagenet")
    add("--depth", type=int, default=4, help="halvings of the plain encoder (4)")
    add("--width", type=int, default=8, help="channels at full size (8)")
    add("--epochs", type=int, default=40, help="times through the pictures (40)")
    add("--batch_size", type=int, default=8, help="less if memory runs out (8)")
    add("--learning_rate", type=float, default=1e-3, help="of Adam (0.001)")
    add("--seed", type=int, default=0, help="of the split and the training (0)")
    return parser.parse_args()


@exit_on_error()
def main():
    arguments = parse_arguments()
    pairs = read_pairs(arguments.images, arguments.masks, arguments.foreground)
    splits = split_pairs(
        pairs, splits=arguments.splits, pattern=arguments.source, seed=arguments.seed
    )
    print(", ".join(f"{len(chosen)} {split}" for split, chosen in splits.items()))
    from inspection.segmentation.progress import ProgressBar
    from inspection.segmentation.training import Settings
    from inspection.segmentation.workflow import train_segmenter

    names = ("size", "depth", "width", "encoder", "epochs", "batch_size")
    names += ("learning_rate", "crop", "seed")
    settings = Settings(**{name: getattr(arguments, name) for name in names})
    bar = ProgressBar(settings.epochs)
    trained = train_segmenter(
        splits, arguments.model, settings, arguments.weights, [bar]
    )
    write_split_lists(splits, arguments.model)
    print(
        f"wrote {arguments.model}: a pixel counts from {trained.settings.threshold:.2f}"
    )


if __name__ == "__main__":
    main()
