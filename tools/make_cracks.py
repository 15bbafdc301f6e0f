"""Draw walls with and without cracks, cut into tiles: one folder for each class.

    python tools/make_cracks.py -o build/cracks --count 2000 --seed 5
    python tools/make_cracks.py -o build/other --surface plaster asphalt
    python tools/make_cracks.py -o build/slab.jpg --slab 1024

data/cracks/concrete is --count 300 --seed 1, data/cracks/other is --count 100 --seed 2
--surface asphalt plaster, data/cracks/slab.jpg is --slab 768 --seed 1.
"""

import os

import bootstrap  # noqa: F401
from inspection.common import arguments as flags
from inspection.common.errors import exit_on_error
from inspection.synthetic.cracks.surface import SURFACES


def parse_arguments():
    parser = flags.parser(__doc__)
    add = parser.add_argument
    flags.add_output(parser, "--out", metavar="PATH", help="folder, with --slab a .jpg")
    add(
        "--count",
        type=flags.positive_int,
        default=300,
        help="tiles, half of them cracked (300)",
    )
    add("--seed", type=flags.seed, default=1, help="another seed, other walls (1)")
    add(
        "--surface",
        nargs="+",
        default=["concrete"],
        choices=list(SURFACES),
        help="what the walls are made of (concrete)",
    )
    add(
        "--slab",
        type=flags.positive_int,
        metavar="SIDE",
        help="one large photograph, in pixels",
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
    from inspection.synthetic.cracks.dataset import make_cracks, write_slab

    out, seed, surfaces = arguments.output, arguments.seed, arguments.surface
    if arguments.slab:
        mask = write_slab(out, seed, arguments.slab, surface=surfaces[0])
        print(f"wrote {out}: {mask.mean():.1%} of its pixels show a crack")
        return
    counts = make_cracks(out, arguments.count, seed, surfaces, arguments.workers)
    listed = ", ".join(f"{number:,} {name}" for name, number in counts.items())
    print(f"wrote {out}: {listed}")


if __name__ == "__main__":
    main()
