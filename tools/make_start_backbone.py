"""Train the small backbone that quick mode starts from, on walls drawn for it.

    python tools/make_start_backbone.py -o build/walls.npz
    python tools/make_start_backbone.py --count 60 --epochs 1 -o build/try.npz

Draws concrete of another seed than the bundled one, and teaches MobileNetV2 0.35, from
random weights, to name what is on it: joint, cable, scratch, stain, shadow, crack, any
of them or none. Keeps the backbone alone. data/weights/walls.npz took the defaults.
"""

import os

import bootstrap  # noqa: F401
from inspection.common import arguments as flags
from inspection.common.errors import exit_on_error


def parse_arguments():
    parser = flags.parser(__doc__)
    add = parser.add_argument
    flags.add_output(parser, "--out", metavar="NPZ", help="gets the weights, float16")
    add("--count", type=flags.positive_int, default=5000, help="walls (5000)")
    add("--seed", type=flags.seed, default=1000, help="of the walls (1000)")
    add(
        "--epochs",
        type=flags.positive_int,
        default=10,
        help="times through all walls (10)",
    )
    add(
        "--size",
        type=flags.positive_int,
        default=128,
        help="pixels the network sees (128)",
    )
    add(
        "--workers",
        type=flags.positive_int,
        default=os.cpu_count(),
        help="processes (all cores)",
    )
    return parser.parse_args()


@exit_on_error()
def main():
    arguments = parse_arguments()
    from inspection.synthetic.cracks.kinds import draw_kinds

    images, labels = draw_kinds(
        arguments.count, arguments.seed, arguments.size, arguments.workers
    )
    # after the processes that draw: TensorFlow does not like to be forked
    from inspection.classification.pretraining import pretrain

    backbone, history = pretrain(images, labels, arguments.epochs)
    from inspection.classification.backbones import inner_network, save_npz
    from inspection.common.atomic_files import atomic_write

    with atomic_write(arguments.output) as temporary, open(temporary, "wb") as file:
        save_npz(inner_network(backbone), file)
    last = history.iloc[-1]
    print(f"{arguments.output}: {last['val_binary_accuracy']:.1%} of answers are right")


if __name__ == "__main__":
    main()
