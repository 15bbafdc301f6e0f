"""Draw the stand-in for CIFAR-10: ten classes of pictograms, 32x32, as JPEG sheets.

    python tools/make_cifar10_standin.py -o build/standin --train 1000 --seed 2

The set in data/cifar10_standin is --train 500 --test 100 --seed 1, as given here if you
give nothing. --npz FILE writes arrays named as in keras.datasets beside the sheets.
"""

import bootstrap  # noqa: F401
from inspection.common import arguments as flags
from inspection.common.errors import exit_on_error
from inspection.common.text import plural


def parse_arguments():
    parser = flags.parser(__doc__)
    add = parser.add_argument
    flags.add_output(parser, "--out", metavar="DIR", help="folder to write into")
    add(
        "--train",
        type=flags.positive_int,
        default=500,
        help="pictures of a class (500)",
    )
    add(
        "--test", type=flags.positive_int, default=100, help="pictures of a class (100)"
    )
    add("--seed", type=flags.seed, default=1, help="another seed, other pictures (1)")
    add("--npz", metavar="FILE", help="write arrays, too, before JPEG touched them")
    return parser.parse_args()


@exit_on_error()
def main():
    arguments = parse_arguments()
    from inspection.datasets.cifar10 import image_arrays
    from inspection.synthetic.pictograms import dataset as pictograms

    numbers = {"train": arguments.train, "test": arguments.test}
    data = pictograms.draw_set(numbers, arguments.seed)
    sheets = pictograms.write_sheets(arguments.output, data)
    size = sum(path.stat().st_size for path in sheets) / 1e6
    print(
        f"wrote {image_arrays.size_text(data)} to {arguments.output}: "
        f"{plural(len(sheets), 'sheet')}, {size:.1f} MB"
    )
    if arguments.npz:
        image_arrays.write_npz(arguments.npz, data)
        print(f"wrote {arguments.npz}")


if __name__ == "__main__":
    main()
