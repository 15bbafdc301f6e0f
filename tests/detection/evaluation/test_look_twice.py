"""Evaluation with the mirror image: boxes of both looks lie on one another."""

import numpy as np
import pytest

from helpers.tiny_detector import tiny_config
from inspection.common.detections import Detections
from inspection.common.errors import DatasetError
from inspection.detection.evaluation.evaluator import look_once, look_twice


class Bright:
    """Finds the bright part of each image, a little too far to the left."""

    shift = 0.02

    def detect_prepared(self, images, windows):
        return [self.find(np.array(i), w) for i, w in zip(images, windows, strict=True)]

    def find(self, image, window):
        rows, columns = np.nonzero(image[..., 0] > 0.5)
        height, width = image.shape[:2]
        box = np.array([rows.min(), columns.min(), rows.max() + 1, columns.max() + 1])
        box = box / ([height, width] * 2)
        corner, size = np.tile(window[:2], 2), np.tile(window[2:] - window[:2], 2)
        box = (box - [0, self.shift] * 2 - corner) / size
        return Detections(boxes=[box], scores=[0.8], class_ids=[1])


def images_and_windows(width=1.0):
    """Return an image with a bright part, the picture in its left part alone."""
    image = np.zeros((1, 50, 100, 3), "float32")
    image[:, 10:30, 20:40] = 1
    return image, np.array([[0, 0, 1, width]])


@pytest.mark.parametrize("width", [1.0, 0.5])
def test_errors_to_one_side_cancel(width):
    images, windows = images_and_windows(width)
    (once,) = look_once(Bright(), images, windows)
    (twice,) = look_twice(Bright(), images, windows)
    wanted = np.array([0.2, 0.2 / width, 0.6, 0.4 / width])
    np.testing.assert_allclose(twice.boxes, [wanted])
    np.testing.assert_allclose(once.boxes, [wanted - [0, 0.02 / width] * 2])


def test_the_config_asks_for_it():
    config = tiny_config()
    assert config.eval.test_time_flip is False
    config.set("eval_config.test_time_flip", True)
    assert config.eval.test_time_flip is True
    config.set("eval_config.test_time_flip", "twice")
    with pytest.raises(DatasetError, match="must be true or false"):
        assert config.eval
