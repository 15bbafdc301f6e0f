"""Mosaic and pasted boxes: pixels and boxes by hand, and through a config."""

import numpy as np
import pytest
import tensorflow as tf

from helpers.tiny_detector import image_record, tiny_config, write_records
from inspection.detection.config.label_map import write_label_map
from inspection.detection.training.augment_combine import (
    fill,
    mosaic,
    paste_box,
    random_mosaic,
    random_paste_boxes,
)
from inspection.detection.training.input_pipeline import training_batches

MOSAIC = {
    "min_center": 0.3,
    "max_center": 0.7,
    "max_zoom": 1.5,
    "overlap_thresh": 0.3,
}


def plain(value, size=(40, 60), boxes=(), classes=()):
    """Return a sample of one gray value."""
    image = tf.fill([*size, 3], float(value))
    boxes = tf.constant(np.reshape(boxes, (-1, 4)), tf.float32)
    return image, boxes, tf.constant(classes, tf.int32)


def pixels(part):
    return np.array(part)[..., 0]


def test_four_quarters_by_hand():
    whole = [(0, 0, 1, 1)]
    samples = [plain(10 * (i + 1), (40, 60), whole, [i + 1]) for i in range(4)]
    image, boxes, classes = mosaic(
        samples, tf.constant([0.25, 0.5]), tf.ones(4), tf.zeros([4, 2]), 0.3
    )
    assert pixels(image).shape == (40, 60)
    assert (
        np.unique(pixels(image)[:10, :30]) == 10
        and np.unique(pixels(image)[:10, 30:]) == 20
    )
    assert (
        np.unique(pixels(image)[10:, :30]) == 30
        and np.unique(pixels(image)[10:, 30:]) == 40
    )
    wanted = [
        [0, 0, 0.25, 0.5],
        [0, 0.5, 0.25, 1],
        [0.25, 0, 1, 0.5],
        [0.25, 0.5, 1, 1],
    ]
    # a window is flat where its quarter is, so it shows 20 of 40 rows, or 40 of 60 columns
    kept = [i for i in range(4) if i + 1 in np.array(classes)]
    np.testing.assert_allclose(boxes, np.array(wanted)[kept], atol=1e-6)
    assert kept == [0, 1, 2, 3]


def test_a_window_by_hand():
    """40 x 60 into 20 x 20: the largest square window has 40 pixels, half of it 20."""
    sample = plain(7, (40, 60), [(0, 0, 0.5, 0.5), (0.5, 0, 1, 0.25)], [1, 2])
    image, boxes, classes = fill(
        sample, tf.constant([20, 20]), 1.0, tf.constant([0.0, 1.0]), 0.3
    )
    # the window begins at column 20: of the first box columns 20 to 30 are left, 1 / 3
    np.testing.assert_allclose(boxes, [[0, 0, 0.5, 0.25]], atol=1e-6)
    assert classes.numpy().tolist() == [1] and image.shape == (20, 20, 3)
    _, boxes, classes = fill(
        sample, tf.constant([20, 20]), 2.0, tf.constant([1.0, 0.0]), 0.3
    )
    # rows 20 to 40, columns 0 to 20: the second box fills columns 0 to 15
    np.testing.assert_allclose(boxes, [[0, 0, 1, 0.75]], atol=1e-6)
    assert classes.numpy().tolist() == [2]


def test_a_paste_by_hand():
    source = plain(200, (40, 60), [(0, 0, 0.25, 0.5)], [3])  # 10 x 30 pixels
    sample = plain(50, (40, 60), [(0, 0, 0.5, 0.5)], [1])
    corners = tf.constant([[0.0, 0.0], [1.0, 1.0]])  # the first is taken
    image, boxes, classes = paste_box(sample, source, 0, tf.constant(1.0), corners)
    np.testing.assert_allclose(boxes[1], [0.75, 0.5, 1, 1], atol=1e-6)
    assert classes.numpy().tolist() == [1, 3]
    found = pixels(image)
    assert (found[30:, 30:] == 200).all() and (found == 200).sum() == 300
    # a picture four times as large: its boxes come as large shares as they were
    large = plain(50, (80, 120))
    _, boxes, _ = paste_box(large, source, 0, tf.constant(1.0), corners)
    np.testing.assert_allclose(boxes, [[0, 0, 0.25, 0.5]], atol=1e-6)
    _, boxes, _ = paste_box(large, source, 0, tf.constant(0.5), corners)
    np.testing.assert_allclose(boxes, [[0, 0, 0.125, 0.25]], atol=1e-6)


def test_nothing_is_pasted_over_a_box():
    sample = plain(50, boxes=[(0, 0, 1, 1)], classes=[1])
    source = plain(200, boxes=[(0, 0, 0.5, 0.5)], classes=[2])
    image, boxes, _ = paste_box(
        sample, source, 0, tf.constant(1.0), tf.random.uniform([10, 2])
    )
    assert len(boxes) == 1 and (pixels(image) == 50).all()


def test_a_source_without_boxes_gives_nothing():
    sample, empty = plain(50), plain(200)
    found = random_paste_boxes(
        sample,
        [lambda: empty],
        [1, 2],
        probability=1.0,
        max_boxes=2,
        min_scale_ratio=0.7,
        max_scale_ratio=1.4,
    )
    assert len(found[1]) == 0 and (pixels(found[0]) == 50).all()


def test_others_are_not_read_without_need():
    def broken():
        raise AssertionError("read")

    sample = plain(50)
    found = random_mosaic(sample, [broken] * 3, [0, 1], probability=0.0, **MOSAIC)
    assert (pixels(found[0]) == 50).all()


@pytest.mark.parametrize("number", range(5))
def test_boxes_stay_within_the_frame(number):
    boxes = [(0.1, 0.1, 0.3, 0.9), (0.5, 0.6, 0.9, 0.8)]
    samples = [plain(i, (30 + 9 * i, 70 - 8 * i), boxes, [1, 2]) for i in range(4)]
    others = [lambda one=one: one for one in samples[1:]]
    _, found, classes = random_mosaic(
        samples[0], others, [number, 0], probability=1.0, **MOSAIC
    )
    found = np.array(found)
    assert len(found) == len(classes)
    assert (found[:, :2] < found[:, 2:]).all() and found.min() >= 0 and found.max() <= 1


@pytest.fixture
def config(tmp_path):
    boxes = [(0.1, 0.1, 0.4, 0.3)]
    records = [image_record(f"{i}.png", boxes, [1 + i % 2], seed=i) for i in range(6)]
    write_records(records, tmp_path / "pictures.record")
    write_label_map(["leak", "puddle"], tmp_path / "label_map.pbtxt")
    config = tiny_config(tmp_path)
    config.set("train_config.data_augmentation_options", [])
    return config


def first(config, first_step=0):
    return next(iter(training_batches(config, 3, first_step)))


def test_a_config_asks_for_both(config):
    alone = first(config)[1]["boxes"].shape[1]
    option = "train_config.data_augmentation_options"
    config.set(f"{option}.random_mosaic.probability", 1.0)
    batches = iter(training_batches(config, 3))
    _, second = next(batches), next(batches)
    again = first(config, 1)
    np.testing.assert_array_equal(again[0], second[0])  # a training that goes on
    assert alone == 1 and second[1]["boxes"].shape[1] > 1
    np.testing.assert_array_equal(again[1]["boxes"], second[1]["boxes"])
