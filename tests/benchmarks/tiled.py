"""Tiles against the whole: is a 4,000 x 3,000 picture marked alike, and in what memory?

    python tests/benchmarks/tiled.py --model build/benchmarks/segmentation/rust

Each way runs in a process of its own, so that its peak of memory is its own. Writes
assets/results/tiled.json.
"""

import json
import os
import platform
import resource
import subprocess
import sys
import time
from pathlib import Path

import measure
from inspection.common import arguments as flags

ROOT = measure.ROOT
SIZE = (3000, 4000)
BUILD = ROOT / "build/benchmarks/tiled"


def parse_arguments():
    parser = flags.parser(__doc__)
    parser.add_argument("--model", required=True, type=Path)
    parser.add_argument("--tile", type=flags.positive_int, default=512)
    parser.add_argument("--way", choices=("load", "whole", "tiles"))
    return parser.parse_args()


def large_image():
    """Return bundled pictures side by side, and over each other, as one."""
    import numpy as np

    from inspection.datasets.images import image_file
    from inspection.datasets.images.image_folder import ImageFolder

    paths = ImageFolder(ROOT / "data/rust/images").paths
    across, down = -(-SIZE[1] // 256), -(-SIZE[0] // 256)
    read = [image_file.read_rgb(paths[i % len(paths)]) for i in range(across * down)]
    rows = [np.hstack(read[i * across : (i + 1) * across]) for i in range(down)]
    return np.vstack(rows)[: SIZE[0], : SIZE[1]]


def go_one_way(arguments):
    """Mark the picture one way; print seconds and peak memory, store the result."""
    import numpy as np

    from inspection.segmentation import predict, training, unet

    network, _ = training.load(arguments.model)
    image = large_image()
    predict.whole_probability(network, image[:64, :64])
    started = time.perf_counter()
    if arguments.way == "whole":
        found = predict.whole_probability(network, image)
    if arguments.way == "tiles":
        found = predict.tiled_probability(network, image, arguments.tile)
    seconds = time.perf_counter() - started
    if arguments.way != "load":
        np.save(BUILD / f"{arguments.way}.npy", found)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(json.dumps([round(seconds, 1), round(peak, 2), unet.reach_of(network)]))


def main():
    arguments = parse_arguments()
    if arguments.way:
        return go_one_way(arguments)
    import numpy as np

    BUILD.mkdir(parents=True, exist_ok=True)
    result = {"picture": "4000x3000, bundled rust pictures", "tile": arguments.tile}
    for way in ("load", "whole", "tiles"):
        command = [sys.executable, __file__, "--model", arguments.model]
        command += ["--way", way, "--tile", str(arguments.tile)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        seconds, peak, reach = json.loads(done.stdout.splitlines()[-1])
        result[way] = {"seconds": seconds, "peak_gb": peak}
    whole, tiles = (np.load(BUILD / f"{way}.npy") for way in ("whole", "tiles"))
    inside = np.s_[reach:-reach, reach:-reach]
    difference = np.abs(whole - tiles)
    result |= {
        "margin_pixels": reach,
        "largest_difference_inside": float(difference[inside].max()),
        "largest_difference": float(difference.max()),
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, no GPU, shared",
    }
    path = ROOT / "assets/results/tiled.json"
    path.write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
