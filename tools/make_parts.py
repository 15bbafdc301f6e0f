"""Draw turned flanges, good ones and ones with defects: JPEG, and masks of the defects.

    python tools/make_parts.py -o build/parts --train 300 --seed 2

The set in data/parts is --seed 1. train/good holds good parts alone; test/ has a folder
of good ones and one for each kind of defect, whose masks lie in ground_truth/.
"""

import os

import bootstrap  # noqa: F401
from inspection.common import arguments as flags
from inspection.common.errors import exit_on_error
from inspection.common.text import plural


def parse_arguments():
    parser = flags.parser(__doc__)
    add = parser.add_argument
    flags.add_output(parser, metavar="DIR", help="empty folder to write into")
    count = flags.positive_int
    add("--train", type=count, default=150, help="good parts to learn from (150)")
    add("--test", type=count, default=60, help="good parts to test on (60)")
    add("--defects", type=count, default=12, help="parts of each kind of defect (12)")
    add("--seed", type=flags.seed, default=1, help="another seed, other pictures (1)")
    add("--workers", type=count, default=os.cpu_count(), help="processes (all cores)")
    return parser.parse_args()


@exit_on_error()
def main():
    arguments = parse_arguments()
    from inspection.synthetic.parts.dataset import make_parts

    count = make_parts(
        arguments.output,
        arguments.train,
        arguments.test,
        arguments.defects,
        arguments.seed,
        arguments.workers,
    )
    print(f"wrote {plural(count, 'picture')} to {arguments.output}")


if __name__ == "__main__":
    main()
