"""Write a set of rust pictures: JPEG, a mask each, split lists.

White in a mask is rust: patches, pits, runs and rusty scratches, every pixel whose
colour is rust by more than half. Brown paint, wood, dirt, labels, brass and shadows are
not. About a third of the pictures show no rust, and have a black mask.
"""

from functools import partial
from pathlib import Path

from PIL import Image

from inspection.common.atomic_files import atomic_write
from inspection.common.errors import DatasetError
from inspection.synthetic.numbered_set import write_numbered, write_numbered_splits
from inspection.synthetic.rust.scene import draw

QUALITY = 85  # of the JPEG pictures
SHARES = {"val": 0.15, "test": 0.25}
FOLDERS = ("images", "masks")


def write_image(out_dir, seed, stem, number):
    """Write images/STEM.jpg and masks/STEM.png; return the share of rust."""
    image, mask = draw(seed, number)
    kinds = ("JPEG", {"quality": QUALITY}), ("PNG", {"optimize": True})
    suffixes = (".jpg", ".png")
    for folder, pixels, (kind, options), suffix in zip(
        FOLDERS, (image, mask), kinds, suffixes, strict=True
    ):
        with atomic_write(Path(out_dir) / folder / f"{stem}{suffix}") as temporary:
            Image.fromarray(pixels).save(temporary, kind, **options)
    return float((mask > 0).mean())


def make_rust(out_dir, count, seed, workers=1):
    """Write `count` pictures with their split lists; return {stem: share of rust}.

    The same seed gives the same pictures, whatever `count` and `workers`. Raises
    DatasetError where the folder holds pictures that are not of this set.
    """
    if count < 8:
        raise DatasetError(
            f"{count} pictures are too few for three parts: draw 8 or more"
        )
    write = partial(write_image, out_dir, seed)
    rust = write_numbered(write, out_dir, FOLDERS, "rust", count, workers)
    names = {stem: ["rust"] if share else [] for stem, share in rust.items()}
    write_numbered_splits(out_dir, names, SHARES, seed)
    return rust
