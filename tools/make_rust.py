"""Draw pictures of painted and bare steel with rust: JPEG, masks, split lists.

    python tools/make_rust.py -o build/rust --count 500 --seed 2

The set in data/rust is --count 200 --seed 5. White in a mask is rust; a picture without
rust has a black mask.
"""

import os

import bootstrap  # noqa: F401
from inspection.common import arguments as flags
from inspection.common.errors import exit_on_error
from inspection.common.text import plural


def parse_arguments():
    parser = flags.parser(__doc__)
    add = parser.add_argument
    flags.add_output(parser, "--out", metavar="DIR", help="folder to write into")
    add("--count", type=flags.positive_int, default=200, help="pictures (200)")
    add("--seed", type=flags.seed, default=1, help="another seed, other pictures (1)")
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
    from inspection.synthetic.rust.dataset import make_rust

    shares = make_rust(
        arguments.output, arguments.count, arguments.seed, arguments.workers
    )
    rusty = [share for share in shares.values() if share]
    print(
        f"wrote {plural(len(shares), 'picture')} to {arguments.output}: "
        f"{len(rusty):,} with rust, which covers {sum(rusty) / len(rusty):.0%} of them "
        f"on average; {len(shares) - len(rusty):,} without"
    )


if __name__ == "__main__":
    main()
