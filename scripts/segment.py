"""Mark rust on a picture or a folder of them: overlay, mask, table of areas.

    python scripts/segment.py --model build/rust_model --input data/rust/images \\
        --out build/segmented

--tile goes through a large picture at its own size, tile by tile, instead of making it
small; the model should then have been trained on pictures of the same scale.
"""

import argparse
import os

from inspection.common.errors import exit_on_error
from inspection.common.text import plural

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # before TensorFlow is imported


def parse_arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--model", required=True, metavar="DIR", help="folder of the trained model")
    add("--input", required=True, metavar="PATH", help="a picture, or a folder of them")
    add("--out", required=True, metavar="DIR", help="folder to write into")
    add("--turns", type=int, default=1, choices=(1, 2, 4), help="views to average (1)")
    add("--clean", action="store_true", help="drop regions that do not look like rust")
    add("--tile", type=int, metavar="PIXELS", help="side of the tiles, such as 1024")
    return parser.parse_args()


@exit_on_error()
def main():
    arguments = parse_arguments()
    from inspection.segmentation.segment_images import mark_images

    rows = mark_images(
        arguments.model,
        [arguments.input],
        arguments.out,
        turns=arguments.turns,
        clean=arguments.clean,
        tile=arguments.tile,
    )
    mean = sum(row["rust_percent"] for row in rows) / len(rows)
    print(
        f"wrote masks, overlays and areas.csv of {plural(len(rows), 'picture')} to "
        f"{arguments.out}: {mean:.1f} % rust on average"
    )


if __name__ == "__main__":
    main()
