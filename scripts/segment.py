"""Mark what a U-Net was trained to see on pictures: overlays, masks, table of areas.

    python scripts/segment.py build/rust_model data/rust/images -o build/segmented
    python scripts/segment.py build/rust_model hall.jpg yard.jpg -o build/segmented

--tile goes through a large picture at its own size, tile by tile, instead of making it
small; the model should then have been trained on pictures of the same scale.
"""

from inspection.common import arguments as flags
from inspection.common.errors import exit_on_error
from inspection.common.own_outputs import own_outputs
from inspection.common.text import plural


def parse_arguments():
    parser = flags.parser(__doc__, former=["--model", "--input"])
    add = parser.add_argument
    add("model", metavar="MODEL", help="folder of the trained model")
    add("sources", nargs="+", metavar="SOURCE", help="pictures, or folders of them")
    flags.add_output(parser, "--out", metavar="DIR", help="folder of the results")
    add(
        "--turns",
        type=flags.positive_int,
        default=1,
        choices=(1, 2, 4),
        help="views to average (1)",
    )
    add("--clean", action="store_true", help="drop regions that do not look right")
    add(
        "--tile",
        type=flags.positive_int,
        metavar="PIXELS",
        help="side of the tiles, such as 1024",
    )
    return parser.parse_args()


@exit_on_error()
def main():
    arguments = parse_arguments()
    from inspection.segmentation import segment_images
    from inspection.segmentation.segmenter import Segmenter

    names = segment_images.find_images(arguments.sources, arguments.output)
    outputs = segment_images.result_files(names, arguments.output)
    with own_outputs("segment.py", outputs, names):
        segmenter = Segmenter(arguments.model)
        rows = segment_images.mark_images(
            segmenter,
            arguments.sources,
            arguments.output,
            turns=arguments.turns,
            clean=arguments.clean,
            tile=arguments.tile,
        )
    name = segmenter.settings.class_name
    mean = sum(row[segment_images.percent_column(name)] for row in rows) / len(rows)
    print(
        f"wrote masks, overlays and areas.csv of {plural(len(rows), 'picture')} to "
        f"{arguments.output}: {mean:.1f} % {name} on average"
    )


if __name__ == "__main__":
    main()
