"""Readers of other tools' annotations for the fuzzing, and valid inputs of each."""

import contextlib
import json
import tempfile
from pathlib import Path

from helpers.fuzz import reader_seeds as seeds
from helpers.images import encode, sample_image
from inspection.common.errors import UserError
from inspection.datasets.formats.conversion import convert
from inspection.datasets.formats.reading import read_labelled

WIDTH, HEIGHT = seeds.SIZE
ROWS = b"0 0.5 0.5 0.2 0.4\n1 0.1 0.1 0.9 0.1 0.5 0.9\n"
YAML = b"train: images\nval: images\nnc: 2\nnames:\n  0: leak\n  1: puddle\n"
LABELME = {
    "version": "5.4.1",
    "imagePath": "a.jpg",
    "imageHeight": HEIGHT,
    "imageWidth": WIDTH,
    "shapes": [
        {"label": "leak", "shape_type": "rectangle", "points": [[1, 2], [9, 8]]},
        {"label": "rust", "shape_type": "polygon", "points": [[1, 1], [9, 1], [5, 9]]},
    ],
}
COCO = {
    "images": [{"id": 1, "file_name": "a.jpg", "height": HEIGHT, "width": WIDTH}],
    "categories": [{"id": 3, "name": "leak"}],
    "annotations": [
        {
            "id": 1,
            "image_id": 1,
            "category_id": 3,
            "bbox": [1, 2, 6, 5],
            "segmentation": [[1, 1, 9, 1, 5, 9]],
            "iscrowd": 0,
        },
        {
            "id": 2,
            "image_id": 1,
            "category_id": 3,
            "bbox": [0, 0, 3, 3],
            "segmentation": {
                "size": [HEIGHT, WIDTH],
                "counts": [4, HEIGHT * WIDTH - 4],
            },
            "iscrowd": 1,
        },
    ],
}
TOKENS = (*seeds.TEXT_TOKENS, b"names:", b"[", b"{", b"&a", b"*a", b" 1e9", b" -1")
JSONS = tuple(json.dumps(value).encode() for value in (COCO, LABELME))


def _folder(folder, name, files):
    """Return a folder below the fuzzing's with a picture and some files in it."""
    top = folder / "foreign" / name
    if not top.is_dir():
        (top / "images").mkdir(parents=True)
        (top / "labels").mkdir()
        picture = encode(sample_image(1, seeds.SIZE), "JPEG")
        (top / "images" / "a.jpg").write_bytes(picture)
    for file, data in files.items():
        (top / file).write_bytes(data)
    return top


def _read(top, data):
    _, labelled = read_labelled(top)
    # writing takes thirty times as long as reading
    for to in ("voc", "masks") if len(data) % 16 == 0 else ():
        with contextlib.suppress(UserError), tempfile.TemporaryDirectory() as output:
            convert(labelled, Path(output, to), to)


def read_yolo_rows(data, folder):
    _read(_folder(folder, "rows", {"labels/a.txt": data, "data.yaml": YAML}), data)


def read_yolo_yaml(data, folder):
    _read(_folder(folder, "yaml", {"labels/a.txt": ROWS, "data.yaml": data}), data)


def read_coco(data, folder):
    _read(_folder(folder, "coco", {"annotations.json": data}), data)


def read_labelme(data, folder):
    _read(_folder(folder, "labelme", {"images/a.json": data}), data)
