"""Small sets of YOLO, COCO and labelme, of drawn pictures of 100x50 pixels."""

import json
import zlib

from helpers.images import encode, sample_image

SIZE = (100, 50)


def draw(path, seed=None, size=SIZE):
    """Draw a picture into a file, its folders made; return the path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if seed is None:
        seed = zlib.crc32("/".join(path.parts[-3:]).encode())
    path.write_bytes(encode(sample_image(seed, size), "JPEG"))
    return path


def write(path, text):
    """Write a text (or bytes) into a file, its folders made; return the path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


class YoloSet:
    """A folder with data.yaml, and images/ and labels/ in each of its parts."""

    def __init__(self, folder, yaml="names: [leak, puddle]\n"):
        self.folder = folder
        folder.mkdir(parents=True)
        if yaml:
            write(folder / "data.yaml", yaml)

    def add(self, stem, rows, part=""):
        """Draw a picture; rows: text of its labels, None for no label file."""
        draw(self.folder / part / "images" / f"{stem}.jpg")
        if rows is not None:
            write(self.folder / part / "labels" / f"{stem}.txt", rows)


def coco(*annotations, images=("pipe.jpg",), categories=("leak", "puddle"), **changes):
    """Return the content of a COCO JSON; annotations of the first image, class 1."""
    content = {
        "images": [
            {"id": n, "file_name": name, "width": SIZE[0], "height": SIZE[1]}
            for n, name in enumerate(images, 1)
        ],
        "categories": [{"id": n, "name": name} for n, name in enumerate(categories, 1)],
        "annotations": [
            {"id": n, "image_id": 1, "category_id": 1, "bbox": [10, 10, 20, 30]} | each
            for n, each in enumerate(annotations, 1)
        ],
    }
    return json.dumps(content | changes)


def labelme(*shapes, image="pipe.jpg", **changes):
    """Return the content of a labelme JSON; shapes are polygons unless they say other."""
    content = {
        "version": "5.4.1",
        "flags": {},
        "imagePath": image,
        "imageData": None,
        "imageWidth": SIZE[0],
        "imageHeight": SIZE[1],
        "shapes": [
            {"label": "leak", "shape_type": "polygon", "flags": {}, "group_id": None}
            | each
            for each in shapes
        ],
    }
    return json.dumps(content | changes)
