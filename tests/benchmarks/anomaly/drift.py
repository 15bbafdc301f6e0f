"""Has the camera changed? How soon it is seen, and how often it is said for nothing.

    python tests/benchmarks/anomaly/drift.py
    python tests/benchmarks/anomaly/drift.py --frames 2000

A drawn film: flanges pass the camera, each another one, or taken again in another light
and with other grain. The reference are 200 pictures of other parts. Then each of three
changes begins at frame 100: blur, less light, another surface. Writes
assets/results/drift.json.
"""

import json
import sys
from pathlib import Path

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import measure
from inspection.common import arguments as flags
from inspection.deploy.drift import DriftWatch, make_reference
from inspection.synthetic.parts import flange, scene

TAKES = 10  # pictures of one part
BEGINS, LOOKED_AT = 100, 50  # frames


def parse_arguments():
    parser = flags.parser(__doc__)
    count = flags.positive_int
    parser.add_argument(
        "--frames", type=count, default=10_000, help="unchanged (10000)"
    )
    return parser.parse_args()


def film(seed, count, takes=TAKES, steel=None):
    """Yield frames of parts, each taken so many times; steel: another surface."""
    for number in range(-(-count // takes)):
        rng = np.random.default_rng([seed, number])
        part = flange.lay_down(rng)
        flange.turn_on_lathe(part)
        if steel is not None:
            part.color *= 1 + part.metal[..., None] * (steel / flange.STEEL - 1)
        lit = scene.light_up(part)
        for _ in range(takes):
            yield scene.photograph(lit, rng)


CHANGES = {
    "blur": (lambda image: cv2.GaussianBlur(image, (0, 0), 1.5), None),
    "less light": (lambda image: np.uint8(image * 0.7), None),
    "another surface": (lambda image: image, np.float32([0.62, 0.52, 0.34])),
}


def frames_until(reference, change, steel, seed):
    """Return how many frames a change lasts until it is told; None where it is not."""
    watch = DriftWatch(reference)
    for frame in film(seed, BEGINS, 1):
        watch.look(frame)
    for frame in film(seed + 1, LOOKED_AT, 1, steel):
        if told := watch.look(change(frame)):
            return told.frame - BEGINS + 1
    return None


def main():
    arguments = parse_arguments()
    reference = make_reference(film(1, 200, 1))
    found = {name: frames_until(reference, *row, 20) for name, row in CHANGES.items()}
    watch = DriftWatch(reference)
    for frame in film(2, arguments.frames):
        watch.look(frame)
    result = {
        "frames_until_found": found,
        "unchanged_frames": watch.frames,
        "false_alarms": len(watch.changes),
        "machine": measure.describe_machine(),
    }
    text = json.dumps(result, indent=1) + "\n"
    print(text)
    (measure.ROOT / "assets/results/drift.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
