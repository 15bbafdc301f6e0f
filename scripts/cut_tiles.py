"""Cut large pictures with their boxes into tiles, to train a detector of small objects.

    python scripts/cut_tiles.py -x data/leaks/annotations -i data/leaks/images \\
        --splits data/leaks/splits --tile 320 -o build/leak_tiles

A network sees a picture at the size of its input; in tiles small objects keep theirs. The
model is used with detect.py --tile and the same number. Split first and cut then, with
--splits, so that the tiles of a picture stay on one side; or split the tiles with
partition_dataset.py --source "(.+)_tile". A box of which a tile shows less than half is
left out there; another tile shows it whole unless it is larger than the overlap.
"""

from inspection.common import arguments as flags
from inspection.common.errors import exit_on_error
from inspection.common.text import plural


def parse_arguments():
    parser = flags.parser(__doc__)
    add = parser.add_argument
    add("-x", "--xml_dir", required=True, metavar="DIR", help="Pascal VOC annotations")
    add("-i", "--image_dir", required=True, metavar="DIR", help="their pictures")
    flags.add_output(parser, metavar="DIR", help="a new folder")
    side = "side of a tile in pixels"
    add("--tile", required=True, type=flags.positive_int, metavar="PIXELS", help=side)
    share = "of a tile that the next shows too (0.2)"
    add("--overlap", type=flags.overlap, default=0.2, metavar="SHARE", help=share)
    seen = "of a box that a tile must show to have it (0.5)"
    add("--least_seen", type=flags.share, default=0.5, metavar="SHARE", help=seen)
    empty = "of the tiles without a box that are kept (0.1)"
    add("--empty", type=flags.threshold, default=0.1, metavar="SHARE", help=empty)
    add("--splits", metavar="DIR", help="folder of train.txt, val.txt, test.txt")
    return parser.parse_args()


@exit_on_error()
def main():
    arguments = parse_arguments()
    from inspection.detection.records.picture_tiles import cut_set

    counts = cut_set(
        arguments.xml_dir,
        arguments.image_dir,
        arguments.output,
        arguments.tile,
        arguments.overlap,
        arguments.least_seen,
        arguments.empty,
        arguments.splits,
    )
    print(
        f"{plural(counts['pictures'], 'picture')} with {plural(counts['objects'], 'object')}"
        f": {plural(counts['tiles'], 'tile')} with {plural(counts['boxes'], 'box')} in "
        f"{arguments.output}, {counts['empty tiles left out']:,} without a box left out"
    )


if __name__ == "__main__":
    main()
