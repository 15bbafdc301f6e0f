"""The bundled leak detector, exported once for all tests that ask about it."""

import numpy as np
from PIL import Image

from helpers import ROOT
from inspection.detection.config import pipeline_config
from inspection.detection.export import tflite_conversion, tflite_graph

WEIGHTS = ROOT / "data/weights/leak_scenes"
CHECKPOINT = WEIGHTS / "checkpoint"
LABEL_MAP = WEIGHTS / "label_map.pbtxt"
LEAKS = ROOT / "data/leaks"
LABELS = ["leak", "puddle"]
SIZE = 224  # of the network's input
THRESHOLD = 0.3  # of the detections that are compared


def read_config():
    return pipeline_config.read(WEIGHTS / "pipeline.config")


def sample_images(count=8):
    """Return the paths of the first pictures of the bundled test list."""
    names = (LEAKS / "splits/test.txt").read_text().split()
    return [LEAKS / f"images/{name}.jpg" for name in names[:count]]


def read(path, size=(SIZE, SIZE)):
    """Return a picture as RGB pixels, in the size of the network's input."""
    return np.asarray(Image.open(path).convert("RGB").resize(size[::-1]))


def export_once(tmp_path_factory):
    """Return a folder of leaks_FORMAT.tflite, leaks_raw.tflite and saved_model/."""
    folder = tmp_path_factory.getbasetemp() / "leaks ü"
    if not folder.exists():
        config = read_config()
        nms = tflite_graph.Suppression(max_detections=20)
        tflite_graph.export_graph(config, CHECKPOINT, folder, nms, False, LABEL_MAP)
        tflite_graph.export_graph(
            config, CHECKPOINT, folder / "raw", nms, True, LABEL_MAP
        )
        _convert(folder)
    return folder


def _convert(folder):
    (folder / "images").mkdir()
    for path in sample_images(12):
        Image.fromarray(read(path)).save(folder / "images" / f"{path.stem}.png")
    made = tflite_conversion.convert_all(
        folder / "saved_model", folder, images=folder / "images", name="leaks"
    )
    assert len(list(made)) == 4
    (path,) = tflite_conversion.convert_all(
        folder / "raw/saved_model", folder / "raw", ["float32"], name="leaks"
    )
    path.rename(folder / "leaks_raw.tflite")
