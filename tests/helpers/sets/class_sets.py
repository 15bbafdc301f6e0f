"""Small sets of drawn pictures of three classes and more, in folders."""

import shutil

import numpy as np
from PIL import Image

COLORS = [(90, 90, 200), (200, 120, 80), (110, 190, 90), (210, 200, 90), (150, 60, 150)]


def draw(rng, kind, side=48):
    """Return uint8 [side, side, 3]: a kind has a color and so many dark stripes."""
    base = np.array(COLORS[kind % len(COLORS)], float) + rng.uniform(-25, 25)
    image = base + rng.normal(0, 8, (side, side, 1))
    for place in rng.integers(2, side - 5, kind):
        image[place : place + 3] = 20
    return np.clip(image, 0, 255).astype(np.uint8)


def write_set(folder, names, count=20, seed=0):
    """Write so many pictures of each class; return the folder."""
    rng = np.random.default_rng(seed)
    for kind, name in enumerate(names):
        (folder / name).mkdir(parents=True)
        for number in range(count):
            image = Image.fromarray(draw(rng, kind))
            image.save(folder / name / f"{number:03d}.png")
    return folder


def copy_renamed(folder, target, names):
    """Return a copy of a set whose class folders are called otherwise, {name: new}."""
    for name, new in names.items():
        shutil.copytree(folder / name, target / new)
    return target
