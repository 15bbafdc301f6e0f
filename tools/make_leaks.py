"""Draw leak scenes: pictures, Pascal VOC annotations, label map, split lists.

    python tools/make_leaks.py -o build/leaks --count 2000 --seed 2
    python tools/make_leaks.py -o build/leaks --zip customTF2

The set in data/leaks is --count 150 --seed 10. Classes are leak and puddle.
"""

import os
from collections import Counter
from pathlib import Path

import bootstrap  # noqa: F401
from inspection.common import arguments as flags
from inspection.common.errors import exit_on_error
from inspection.common.text import plural


def parse_arguments():
    parser = flags.parser(__doc__)
    add = parser.add_argument
    flags.add_output(parser, "--out", metavar="DIR", help="folder to write into")
    add("--count", type=flags.positive_int, default=150, help="pictures (150)")
    add("--seed", type=flags.seed, default=1, help="another seed, other scenes (1)")
    add(
        "--workers",
        type=flags.positive_int,
        default=os.cpu_count(),
        help="processes (all cores)",
    )
    add("--zip", metavar="DIR", help="pack images.zip and annotations.zip here, too")
    return parser.parse_args()


@exit_on_error()
def main():
    arguments = parse_arguments()
    from inspection.detection.config.label_map import write_label_map
    from inspection.synthetic.leaks.dataset import CLASSES, make_leaks, zip_leaks

    out = Path(arguments.output)
    scenes = make_leaks(out, arguments.count, arguments.seed, arguments.workers)
    write_label_map(CLASSES, out / "label_map.pbtxt")
    boxes = Counter(box.name for found in scenes.values() for box in found)
    print(
        f"wrote {plural(len(scenes), 'picture')} to {out}: "
        + ", ".join(plural(boxes[name], name) for name in CLASSES)
        + f"; {sum(not found for found in scenes.values()):,} without objects"
    )
    if arguments.zip:
        for archive in zip_leaks(out, arguments.zip):
            print(f"wrote {archive}")


if __name__ == "__main__":
    main()
