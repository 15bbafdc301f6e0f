"""Small sets of pictures and masks for tests."""

from pathlib import Path

import numpy as np
from PIL import Image

from helpers.images import encode, sample_image

SIZE = (80, 60)


def square(size=SIZE, high=255):
    """Return a mask uint8 [H, W] with a square; size is (width, height)."""
    mask = np.zeros(size[::-1], np.uint8)
    mask[10:40, 10:50] = high
    return mask


class MaskSet:
    """A folder `halle ü` with `images` and `masks` in it."""

    def __init__(self, folder, count=0):
        self.root = Path(folder) / "halle ü"
        self.images, self.masks = self.root / "images", self.root / "masks"
        self.images.mkdir(parents=True)
        self.masks.mkdir()
        for number in range(count):
            self.add(f"p{number}", square(), seed=number)

    def add(self, name, mask=None, data=None, size=SIZE, seed=100):
        """Add a picture (its bytes, or one drawn from a seed) and its mask, if any."""
        data = data or encode(sample_image(seed, size), "JPEG")
        (self.images / f"{name}.jpg").write_bytes(data)
        if mask is not None:
            Image.fromarray(mask).save(self.masks / f"{name}.png")

    def write_lists(self, **lists):
        """Write NAME.txt with these names into splits/."""
        (self.root / "splits").mkdir(exist_ok=True)
        for split, names in lists.items():
            path = self.root / "splits" / f"{split}.txt"
            path.write_text("\n".join(names) + "\n")
