"""Write a set of leak scenes: JPEG pictures, Pascal VOC XML, label map, splits.

    leak    water in the air, from where it leaves the pipe: a jet, a pour or drips
    puddle  standing water on the floor

Damp stains on the wall and wet streaks are part of the picture but carry no label; so
do the things that only look like water: highlights, shadows, paint spots, rust, cables.
Some pictures show no leak at all; their XML has no object.
"""

import zipfile
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

from inspection.datasets.files import whole_file
from inspection.datasets.leak_photo import develop
from inspection.datasets.leak_picture import draw_picture
from inspection.datasets.leak_scene import compose
from inspection.datasets.voc import Annotation, write_annotation

CLASSES = ("leak", "puddle")
QUALITY = 80  # of the JPEG pictures


def render(seed, number):
    """Return (uint8 RGB picture [480, 640, 3], boxes) of one numbered scene."""
    rng = np.random.default_rng([seed, number])
    scene = compose(rng)
    colour, boxes = draw_picture(scene)
    return develop(colour, rng), boxes


def write_leak(out_dir, seed, digits, number):
    """Write one scene as images/leak_NNN.jpg and annotations/leak_NNN.xml."""
    picture, boxes = render(seed, number)
    image = Path(out_dir) / "images" / f"leak_{number:0{digits}d}.jpg"
    xml = Path(out_dir) / "annotations" / f"{image.stem}.xml"
    buffer = BytesIO()
    Image.fromarray(picture).save(buffer, "JPEG", quality=QUALITY)
    with whole_file(image) as temporary:
        temporary.write_bytes(buffer.getvalue())
    height, width = picture.shape[:2]
    write_annotation(Annotation(xml, image, width, height, tuple(boxes)), xml)
    return xml


def make_leaks(out_dir, count, seed, workers=1, progress=None):
    """Write `count` scenes into a folder; the same seed gives the same scenes."""
    out_dir = Path(out_dir)
    for name in ("images", "annotations"):
        (out_dir / name).mkdir(parents=True, exist_ok=True)
    digits = max(3, len(str(count - 1)))
    write = partial(write_leak, out_dir, seed, digits)
    with ProcessPoolExecutor(workers) as pool:
        for done, _ in enumerate(pool.map(write, range(count)), 1):
            if progress:
                progress(done, count)
