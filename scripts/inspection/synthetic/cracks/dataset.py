"""Write a set of drawn walls, cut into tiles with and without a crack.

    clean/wall_0007_tile_2.jpg    crack/wall_0007_tile_0.jpg

Tiles of one wall share its number: they must stay on one side of a split, and
`SOURCE` tells so. A tile that a crack only touches at the edge is left out.
"""

from functools import partial
from io import BytesIO
from itertools import count
from pathlib import Path

import numpy as np
from PIL import Image
from tqdm import tqdm

from inspection.common.atomic_files import atomic_write
from inspection.common.errors import DatasetError
from inspection.common.processes import drawing_pool
from inspection.synthetic.cracks import marks
from inspection.synthetic.cracks.surface import SURFACES
from inspection.synthetic.cracks.wall import cut_tiles, draw_wall

CLASSES = ("clean", "crack")
SOURCE = "(.+)_tile"
TILE = 128  # pixels
QUALITY = 85  # of the JPEG pictures
OF_ONE_WALL = 3  # tiles at most, so that there are many walls
STRETCH = 16  # walls drawn at a time


def draw_tiles(seed, number, surfaces, tile=TILE):
    """Return [(uint8 [tile, tile, 3], whether it shows a crack)] of one numbered wall."""
    rng = np.random.default_rng([seed, number])
    surface = surfaces[number % len(surfaces)]
    wall = draw_wall(rng, 2 * tile, surface, int(rng.choice(3, p=[0.35, 0.5, 0.15])))
    tiles = cut_tiles(wall, tile)
    return [tiles[i] for i in rng.permutation(len(tiles))[:OF_ONE_WALL]]


def make_cracks(out_dir, total, seed, surfaces=("concrete",), workers=1):
    """Write `total` tiles, half of them with a crack; return {class: number}.

    The same seed gives the same tiles, whatever `workers`. Raises DatasetError where
    the folder holds other files, or for an unknown surface.
    """
    out_dir = Path(out_dir)
    _check(out_dir, total, surfaces)
    wanted = {"crack": total // 2, "clean": total - total // 2}
    with (
        drawing_pool(workers) as pool,
        tqdm(total=total, desc="tiles", disable=None) as bar,
    ):
        for number, tiles in _walls(pool, seed, surfaces):
            for place, (tile, cracked) in enumerate(tiles):
                name = CLASSES[cracked]
                if wanted[name]:
                    wanted[name] -= 1
                    stem = f"wall_{number:04d}_tile_{place}"
                    write_jpeg(tile, out_dir / name / f"{stem}.jpg")
                    bar.update()
            if not any(wanted.values()):
                return {"clean": total - total // 2, "crack": total // 2}


def write_slab(path, seed, split=768, surface="concrete"):
    """Write one large photograph of a crack, stains, a joint and a cable.

    Returns bool [side, side], the pixels of crack.
    """
    others = [marks.stain, marks.joint, marks.wire]
    wall = draw_wall(np.random.default_rng(seed), split, surface, 1, others)
    write_jpeg(wall.image, path)
    return wall.mask


def write_jpeg(image, path):
    """Write a uint8 picture as JPEG, whole or not at all."""
    buffer = BytesIO()
    Image.fromarray(image).save(buffer, "JPEG", quality=QUALITY)
    with atomic_write(path) as temporary:
        temporary.write_bytes(buffer.getvalue())


def _walls(pool, seed, surfaces):
    """Yield (number, tiles) in order, without end."""
    draw = partial(draw_tiles, seed, surfaces=surfaces)
    for start in count(step=STRETCH):
        numbers = range(start, start + STRETCH)
        yield from zip(numbers, pool.map(draw, numbers), strict=True)


def _check(out_dir, total, surfaces):
    unknown = [name for name in surfaces if name not in SURFACES]
    if unknown or not surfaces:
        known = ", ".join(SURFACES)
        raise DatasetError(f"no surface {', '.join(unknown)}; there are: {known}")
    if total < 2:
        raise DatasetError(f"{total} tiles are too few: draw 2 or more")
    if out_dir.is_dir() and any(out_dir.iterdir()):
        raise DatasetError(f"{out_dir} is not empty; take an empty folder")
