"""Write a set of rust pictures: JPEG, a mask each, split lists.

White in a mask is rust: patches, pits, runs and rusty scratches, every pixel whose
colour is rust by more than half. Brown paint, wood, dirt, labels, brass and shadows are
not. About a third of the pictures show no rust, and have a black mask.
"""

from functools import partial
from pathlib import Path

from PIL import Image
from tqdm import tqdm

from inspection.common.atomic_files import whole_file
from inspection.common.errors import DatasetError
from inspection.common.processes import drawing_pool
from inspection.datasets.splitting.partition import partition
from inspection.datasets.splitting.split_lists import write_splits
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
        with whole_file(Path(out_dir) / folder / f"{stem}{suffix}") as temporary:
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
    out_dir, digits = Path(out_dir), max(3, len(str(count - 1)))
    stems = [f"rust_{number:0{digits}d}" for number in range(count)]
    _refuse_others(out_dir, set(stems))
    write = partial(write_image, out_dir, seed)
    with drawing_pool(workers) as pool:
        drawn = pool.map(write, stems, range(count), chunksize=4)
        shares = list(tqdm(drawn, "pictures", count, disable=None))
    names = [["rust"] if share else [] for share in shares]
    splits = partition(names, SHARES, seed=seed)
    lists = {split: [stems[i] for i in chosen] for split, chosen in splits.items()}
    write_splits(lists, out_dir / "splits")
    return dict(zip(stems, shares, strict=True))


def _refuse_others(out_dir, known):
    others = [
        path.relative_to(out_dir).as_posix()
        for folder in FOLDERS
        for path in sorted((out_dir / folder).glob("*"))
        if path.stem not in known
    ]
    if others:
        raise DatasetError(
            f"{out_dir} holds {len(others)} other files; take an empty folder", others
        )
