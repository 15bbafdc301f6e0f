"""Small objects in large pictures: tiles beside the resized picture, and what they cost.

    python tests/benchmarks/recipe/small_objects.py
    python tests/benchmarks/recipe/small_objects.py --pictures 1 --results build/small.json

Draws walls of 8 megapixels with bundled scenes of the test list on them, a fifth of their
size, so that leaks are some 30 pixels wide; looks for them with the bundled detector as
.tflite, in the whole picture, in tiles, and in tiles without merging, for the time. Counts
the pairs of boxes of one class that overlap by more than 0.6, which the suppression inside
the detector never leaves in one tile. Writes assets/results/small_objects.json.
"""

import json
import platform
import time
from pathlib import Path

import cv2
import numpy as np

import bootstrap  # noqa: F401
import measure
from helpers import leak_exports
from inspection.common import arguments as flags
from inspection.common.atomic_files import write_text
from inspection.common.box_overlap import box_iou
from inspection.common.detections import GroundTruth
from inspection.datasets import voc
from inspection.datasets.images.image_file import read_rgb
from inspection.deploy.runtime import load_model
from inspection.deploy.tiled_detector import TiledDetector
from inspection.detection.evaluation import coco_metrics
from inspection.detection.export import tflite_conversion, tflite_graph
from inspection.imaging.tiles import make_tiles

BUILD = measure.BUILD / "small_objects"
SIZE = (2448, 3264)
SCENE = (96, 128)  # a fifth of 480 x 640
SCENES = 45  # on a picture: fewer than 100 objects, as many as COCO's metrics look at
TILE, OVERLAP = 160, 0.25
CLASS_IDS = {"leak": 1, "puddle": 2}
DOUBLE = 0.6  # IoU of two boxes of one class that one look at a picture never leaves


def export_detector():
    """Return the path of the bundled detector as .tflite, made once."""
    path = BUILD / "leaks_float32.tflite"
    if not path.exists():
        config, nms = leak_exports.read_config(), tflite_graph.Suppression()
        graph = BUILD / "graph"
        checkpoint, names = leak_exports.CHECKPOINT, leak_exports.LABEL_MAP
        tflite_graph.export_graph(config, checkpoint, graph, nms, False, names)
        made = tflite_conversion.convert_all(
            graph / "saved_model", BUILD, ["float32"], name="leaks"
        )
        (written,) = made
        written.rename(path)
    return path


def draw_wall(rng):
    """Return a wall with grain and light, uint8 [2448, 3264, 3]."""
    coarse = rng.normal(150, 14, (16, 20, 1)).astype(np.float32)
    light = cv2.resize(coarse, SIZE[::-1], interpolation=cv2.INTER_CUBIC)[..., None]
    wall = light * rng.uniform(0.85, 1.0, 3) + rng.normal(0, 5, (*SIZE, 3))
    return wall.clip(0, 255).astype(np.uint8)


def draw_picture(seed):
    """Return (picture, GroundTruth) with bundled scenes at random places."""
    rng = np.random.default_rng(seed)
    image, boxes, ids = draw_wall(rng), [], []
    paths = leak_exports.sample_images(1000)
    taken = np.zeros(SIZE, bool)
    for path in rng.choice(paths, SCENES):
        room = [side - one for side, one in zip(SIZE, SCENE)]
        top, left = (int(rng.integers(0, side)) for side in room)
        place = np.s_[top : top + SCENE[0], left : left + SCENE[1]]
        if taken[place].any():
            continue
        taken[place] = True
        scene = read_rgb(path)
        image[place] = cv2.resize(scene, SCENE[::-1], interpolation=cv2.INTER_AREA)
        xml = path.parents[1] / "annotations" / f"{path.stem}.xml"
        for box in voc.read_annotation(xml, path.parent).boxes:
            corners = np.array([box.ymin, box.xmin, box.ymax, box.xmax])
            scale = np.array(SCENE * 2) / np.tile(scene.shape[:2], 2)
            boxes.append((corners * scale + [top, left] * 2) / (SIZE * 2))
            ids.append(CLASS_IDS[box.name])
    height, width = SIZE
    return image, GroundTruth(boxes=boxes, class_ids=ids, width=width, height=height)


def timed(call):
    started = time.perf_counter()
    return call(), time.perf_counter() - started


def look_at_tiles(model, image):
    """Run the model on every tile and do nothing with what it says."""
    for tile in make_tiles(*image.shape[:2], TILE, OVERLAP):
        model.predict(tile.cut_from(image))


def count_doubles(found, truth):
    """Return by how many such pairs of boxes there are more than of objects."""
    pairs = 0
    for class_id in CLASS_IDS.values():
        one = found.boxes[(found.class_ids == class_id) & (found.scores >= 0.3)]
        real = truth.boxes[truth.class_ids == class_id]
        pairs += overlapping(one) - overlapping(real)
    return max(0, pairs)


def overlapping(boxes):
    return int(np.triu(box_iou(boxes, boxes) > DOUBLE, 1).sum())


def figures(metrics, name):
    prefix = "DetectionBoxes_Precision/mAP"
    rows = {"AP small": " (small)", "AP medium": " (medium)", "mAP@.50": "@.50IOU"}
    return {
        name: {
            row: round(100 * metrics[f"{prefix}{end}"], 1) for row, end in rows.items()
        }
    }


def main():
    parser = flags.parser(__doc__)
    parser.add_argument("--pictures", type=flags.positive_int, default=4)
    results = measure.ROOT / "assets/results/small_objects.json"
    parser.add_argument("--results", type=Path, default=results)
    arguments = parser.parse_args()
    BUILD.mkdir(parents=True, exist_ok=True)
    model = load_model(export_detector())
    tiled = TiledDetector(model, TILE, OVERLAP)
    truths, whole, tiles = {}, {}, {}
    seconds, alone, doubles = 0.0, 0.0, 0
    for seed in range(arguments.pictures):
        image, truths[str(seed)] = draw_picture(seed)
        whole[str(seed)] = model.predict(image)
        _, first = timed(lambda image=image: look_at_tiles(model, image))
        tiles[str(seed)], took = timed(lambda image=image: tiled.predict(image))
        _, second = timed(lambda image=image: look_at_tiles(model, image))
        alone, seconds = alone + (first + second) / 2, seconds + took
        doubles += count_doubles(tiles[str(seed)], truths[str(seed)])
    result = {
        "data": f"{arguments.pictures} drawn walls of 3264x2448 pixels, "
        f"{sum(map(len, truths.values()))} objects",
        "network": "the bundled detector of leaks, 224 px, float32",
        "tile": TILE,
        "overlap": OVERLAP,
        "machine": f"{measure.describe_machine()['cores']} cores, "
        f"{platform.machine()}, no GPU",
    }
    for name, found in (("resized picture", whole), ("tiles", tiles)):
        metrics = coco_metrics.evaluate(truths, found, CLASS_IDS).metrics
        result |= figures(metrics, name)
    result["seconds_tiles_alone"] = round(alone / arguments.pictures, 2)
    result["seconds_merged"] = round(seconds / arguments.pictures, 2)
    result["cost"] = round(seconds / alone, 3)
    result["double_boxes"] = doubles
    write_text(arguments.results, json.dumps(result, indent=2) + "\n")
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
