"""Which pictures may be cut from one photograph, told by surface, light and grain.

Crops of one photograph are no copies of each other, but they share its light, tint and
grain, and a network learns these by heart. Where file names do not say which belong
together, pictures whose surfaces are alike are kept on one side of a split. It guesses:
two walls may look alike, and one photograph may show two surfaces.
"""

import os
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.cluster.vq import vq
from tqdm import tqdm

from inspection.datasets.images import image_file

LEAST_GRAIN = 0.3  # grey values; keeps the logarithm finite on plain surfaces
# pictures whose pairs are all compared, 8 bytes each: 256 MB; more are first put into
# half as many small heaps, which then stand for them
MOST_COMPARED = 8_000
ROUNDS = 5  # of moving the heaps to where the pictures are


def surface_features(image):
    """Return float64 [4] of an RGB picture: light, two tints, and log grain.

    Medians, so that a crack or a stain on the surface hardly counts.
    """
    pixels = np.asarray(image, np.float32)
    red, green, blue = np.median(pixels[::3, ::3].reshape(-1, 3), axis=0)
    grain = np.median(np.abs(cv2.Laplacian(pixels.mean(axis=-1), cv2.CV_32F)))
    light = (red + green + blue) / 3
    return np.array(
        [light, red - green, blue - green, np.log(grain + LEAST_GRAIN)], np.float64
    )


def surface_features_of_files(paths, title="surfaces"):
    """Return the descriptions [N, 4] of picture files."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        rows = pool.map(lambda path: surface_features(image_file.read_rgb(path)), paths)
        bar = tqdm(rows, title, len(paths), disable=None, leave=False, delay=1)
        return np.stack(list(bar))


def group_surfaces(descriptions, count):
    """Return at most `count` lists of indices whose descriptions are alike.

    Complete linkage: no group holds two pictures that are far apart.
    """
    rows = np.asarray(descriptions, np.float64)
    if len(rows) < 2:
        return [list(range(len(rows)))]
    spread = rows.std(axis=0)
    scaled = (rows - rows.mean(axis=0)) / np.where(spread > 0, spread, 1)
    points, heap = scaled, np.arange(len(rows))
    if len(rows) > MOST_COMPARED:
        points, heap = _heaps(scaled, max(MOST_COMPARED // 2, count))
    numbers = fcluster(linkage(points, "complete"), count, "maxclust")[heap]
    return [np.flatnonzero(numbers == n).tolist() for n in np.unique(numbers)]


def _heaps(points, count):
    """Return (centres of small heaps of points, the heap of each point)."""
    rng = np.random.default_rng(0)
    centres = points[rng.choice(len(points), count, replace=False)]
    for _ in range(ROUNDS):
        heap, _ = vq(points, centres)
        sizes = np.bincount(heap, minlength=count)[:, None]
        sums = np.stack([np.bincount(heap, column, count) for column in points.T], 1)
        centres = np.where(sizes, sums / np.maximum(sizes, 1), centres)
    heap, _ = vq(points, centres)
    used, heap = np.unique(heap, return_inverse=True)
    return centres[used], heap
