"""Write a set of flanges as sets of good parts are laid out, MVTec AD's among them.

train/good holds good parts alone, test/ a folder of good ones and one for each kind of
defect, ground_truth/ a mask for each picture of a defect.
"""

from contextlib import nullcontext
from functools import partial
from pathlib import Path

from PIL import Image
from tqdm import tqdm

from inspection.common.atomic_files import atomic_write
from inspection.common.errors import DatasetError
from inspection.common.processes import drawing_pool
from inspection.synthetic.parts.defects import KINDS
from inspection.synthetic.parts.scene import GOOD, draw

QUALITY = 85  # of the JPEG pictures


def make_parts(out_dir, train, test, defects, seed, workers=1):
    """Write `train` and `test` good parts, and `defects` of each kind; return how many.

    The same seed gives the same pictures, whatever their numbers and `workers`. Raises
    DatasetError where the folder is in use.
    """
    out_dir = Path(out_dir)
    if out_dir.exists() and any(out_dir.iterdir()):
        raise DatasetError(f"{out_dir} is not empty: draw into a new folder")
    rows = [(GOOD, number, "train") for number in range(train)]
    rows += [(GOOD, train + number, "test") for number in range(test)]
    rows += [(kind, n, "test") for kind in KINDS for n in range(defects)]
    write = partial(write_part, out_dir, seed)
    with drawing_pool(workers) if workers > 1 else nullcontext() as pool:
        # OpenCV, used before, may hang in a process that is forked: one needs none
        written = pool.map(write, rows, chunksize=4) if pool else map(write, rows)
        return len(list(tqdm(written, "parts", len(rows), disable=None)))


def write_part(out_dir, seed, row):
    """Write one picture, and of a defect its mask; row: (kind, number, split)."""
    kind, number, split = row
    image, mask = draw(seed, kind, number)
    name = f"{number:03d}"
    _save(out_dir / split / kind / f"{name}.jpg", image, "JPEG", quality=QUALITY)
    if kind != GOOD:
        path = out_dir / "ground_truth" / kind / f"{name}_mask.png"
        _save(path, mask, "PNG", optimize=True)


def _save(path, pixels, kind, **options):
    with atomic_write(path) as temporary:
        Image.fromarray(pixels).save(temporary, kind, **options)
