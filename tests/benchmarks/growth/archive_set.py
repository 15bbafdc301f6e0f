"""An archive of drawn pictures, one in a hundred torn, and records' annotations of it."""

import numpy as np
from PIL import Image

import bootstrap  # noqa: F401
import measure
from inspection.datasets.voc import Annotation, Box, write_annotation

SIZE = (96, 72)
EVERY = 100  # one of so many is torn


def make_archive(count, torn=True):
    """Draw `count` small pictures into a folder of pipes; return it."""
    folder = measure.BUILD / f"archive_{count}{'' if torn else '_whole'}"
    if folder.exists() and sum(1 for _ in folder.rglob("*.jpg")) == count:
        return folder
    rng = np.random.default_rng(count)
    for number in range(count):
        path = folder / f"pipe {number % 20:02d}" / f"{number:06d}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        cells = rng.integers(0, 256, (6, 8, 3), "uint8")
        Image.fromarray(cells).resize(SIZE).save(path, quality=85)
        if torn and number % EVERY == 7:
            path.write_bytes(path.read_bytes()[:300])
    return folder


def make_annotated(count):
    """Draw `count` pictures of one folder, each with two boxes; return (images, XML)."""
    folder = measure.BUILD / f"annotated_{count}"
    images, xml = folder / "images", folder / "annotations"
    if xml.exists() and sum(1 for _ in xml.glob("*.xml")) == count:
        return images, xml
    images.mkdir(parents=True, exist_ok=True)
    xml.mkdir(exist_ok=True)
    rng = np.random.default_rng(count)
    boxes = (Box("leak", 10, 12, 40, 50), Box("puddle", 30, 20, 90, 70))
    for number in range(count):
        path = images / f"{number:06d}.jpg"
        cells = rng.integers(0, 256, (6, 8, 3), "uint8")
        Image.fromarray(cells).resize(SIZE).save(path, quality=85)
        target = xml / f"{path.stem}.xml"
        write_annotation(Annotation(target, path, *SIZE, boxes, 3), target)
    return images, xml
