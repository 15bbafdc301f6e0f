"""Large pictures in tiles: each object once, whole, wherever the seams run."""

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

from helpers import tiny_models as tiny
from helpers.commands import run_python
from helpers.images import painted
from inspection.common.box_overlap import box_iou
from inspection.common.detections import Detections
from inspection.common.errors import UserError
from inspection.course import paths
from inspection.deploy.tiled_detector import TiledDetector

CLASSES = {100: 1, 200: 2}  # gray value: class id
SEEN = 20  # an object must be at least 1/20 of what the network is shown


class Eye:
    """A detector that finds every drawn rectangle, as much of it as it is shown.

    jitter: how far, as a share of the picture, its boxes are off.
    """

    labels = ["one", "two"]

    def __init__(self, jitter=0.0, seed=0):
        self.jitter, self.rng, self.calls = jitter, np.random.default_rng(seed), 0

    def predict(self, image):
        self.calls += 1
        boxes, ids = [], []
        for value, class_id in CLASSES.items():
            parts = ndimage.find_objects(ndimage.label(image[..., 0] == value)[0])
            for rows, columns in parts:
                box = rows.start, columns.start, rows.stop, columns.stop
                sides = np.array(box[2:]) - box[:2]
                if sides.max() * SEEN >= max(image.shape[:2]):
                    boxes.append(np.array(box) / ([*image.shape[:2]] * 2))
                    ids.append(class_id)
        boxes = np.array(boxes).reshape(-1, 4)
        boxes = (boxes + self.rng.normal(0, self.jitter, boxes.shape)).clip(0, 1)
        scores = self.rng.uniform(0.5, 1, len(ids))
        return Detections(boxes=boxes, scores=scores, class_ids=ids)


def draw(boxes, values, size=(400, 600)):
    image = np.zeros((*size, 3), np.uint8)
    for (top, left, bottom, right), value in zip(boxes, values):
        image[top:bottom, left:right] = value
    return image


def scattered(rng, count, sides, size=(400, 600)):
    """Return boxes that do not touch each other, with sides from a range of pixels."""
    taken, boxes = np.zeros(size, bool), []
    for _ in range(count):
        height, width = rng.integers(*sides, 2)
        top, left = rng.integers(0, size[0] - height), rng.integers(0, size[1] - width)
        around = np.s_[
            max(0, top - 3) : top + height + 3, max(0, left - 3) : left + width + 3
        ]
        if not taken[around].any():
            taken[around] = True
            boxes.append((top, left, top + height, left + width))
    return boxes


def found_boxes(image, detector):
    found = detector.predict(image)
    boxes = found.boxes * ([*image.shape[:2]] * 2)
    return sorted(map(tuple, boxes.round().astype(int).tolist()))


@pytest.mark.parametrize("seed", range(3))
def test_small_objects_are_found_once_and_whole(seed):
    rng = np.random.default_rng(seed)
    boxes = scattered(rng, 120, (8, 25))
    image = draw(boxes, rng.choice([100, 200], len(boxes)))
    eye = Eye()
    assert len(found_boxes(image, eye)) < len(boxes) / 2  # too small in the whole
    assert found_boxes(image, TiledDetector(eye, 120, 0.25)) == sorted(boxes)


@pytest.mark.parametrize("seed", range(3))
def test_boxes_that_are_a_little_off_are_found_once(seed):
    rng = np.random.default_rng(seed)
    boxes = np.array(scattered(rng, 120, (10, 28)))
    image = draw(boxes, [100] * len(boxes))
    found = TiledDetector(Eye(0.006, seed), 120, 0.25).predict(image)
    overlaps = box_iou(found.boxes * ([400, 600] * 2), boxes.astype(float))
    assert (overlaps.argmax(axis=1)[:, None] == np.arange(len(boxes))).sum(0).max() == 1
    assert len(found) == len(boxes)


def test_objects_of_all_sizes_are_found_once():
    boxes = [
        (10, 10, 20, 22),
        (60, 30, 380, 360),
        (20, 110, 32, 130),
        (5, 300, 25, 590),
    ]
    image = draw(boxes, [100, 100, 200, 200])
    assert found_boxes(image, TiledDetector(Eye(), 120, 0.25)) == sorted(boxes)


def test_pieces_are_joined_where_the_whole_shows_nothing():
    class Blind(Eye):
        def predict(self, image):
            found = super().predict(image)
            return found if max(image.shape) <= 120 else found[:0]

    boxes = [(10, 50, 25, 550), (100, 200, 380, 215), (395, 0, 400, 600)]
    image = draw(boxes, [100, 100, 200])
    assert found_boxes(image, TiledDetector(Blind(), 120, 0.25)) == sorted(boxes)


def test_neighbours_that_overlap_stay_two():
    """Two objects of a class side by side at a seam, each whole in one tile alone."""
    boxes = [(40, 78, 60, 104), (40, 105, 60, 130)]
    image = draw(boxes, [100, 100], (120, 240))
    assert found_boxes(image, TiledDetector(Eye(), 120, 0.25)) == boxes


def test_a_picture_of_one_tile_is_seen_as_it_is():
    image = draw([(10, 10, 40, 40)], [100], (120, 120))
    eye = Eye()
    found = TiledDetector(eye, 640).predict(image)
    assert eye.calls == 1 and len(found) == 1


def test_nothing_is_found_in_nothing():
    assert len(TiledDetector(Eye(), 120).predict(draw([], []))) == 0


def test_tiles_are_not_absurdly_small():
    with pytest.raises(UserError, match="at least 32"):
        TiledDetector(Eye(), 31)


def test_detect_takes_tiles(tmp_path):
    model, folder = tmp_path / "tiny.tflite", tmp_path / "pictures"
    model.write_bytes(tiny.make_detector())
    folder.mkdir()
    Image.fromarray(painted(255, 0, 0, (96, 160))).save(folder / "wide.png")
    command = (paths.ROOT / "scripts/detect.py", model, folder, "-o", tmp_path / "out")
    done = run_python(*command, "--tile", "64", "--overlap", "0.25", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out/detections.csv").is_file()


@pytest.mark.parametrize(
    "flags, says",
    [
        (["--overlap", "0.2"], "--overlap needs --tile"),
        (["--tile", "64", "--overlap", "0.01"], "not from 0.05 to 0.5"),
        (["--tile", "0"], "not at least 1"),
    ],
)
def test_flags_that_make_no_tiles_are_refused(tmp_path, flags, says):
    command = (paths.ROOT / "scripts/detect.py", "a.tflite", "b.jpg", "-o", "out")
    done = run_python(*command, *flags, cwd=tmp_path)
    assert done.returncode == 2 and says in done.stderr
