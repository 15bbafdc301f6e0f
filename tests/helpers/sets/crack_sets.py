"""Small sets of drawn pictures that a classifier learns within a second."""

import numpy as np
from PIL import Image


def draw(rng, cracked, split=48):
    """Return a grey wall, with a dark line if cracked."""
    wall = rng.normal(rng.uniform(130, 190), 6, (split, split, 1)).repeat(3, axis=2)
    if cracked:
        place = rng.integers(10, split - 10)
        wall[:, place : place + 4] = 25
    return np.clip(wall, 0, 255).astype(np.uint8)


def write_set(folder, count=24, names=("clean", "crack"), seed=0):
    """Write so many pictures of each class; return the folder."""
    rng = np.random.default_rng(seed)
    for label, name in enumerate(names):
        (folder / name).mkdir(parents=True)
        for number in range(count):
            image = Image.fromarray(draw(rng, label == len(names) - 1))
            image.save(folder / name / f"{number:03d}.png")
    return folder
