"""Augmentations that change the canvas or spoil parts: against values worked by hand."""

from functools import cache

import numpy as np
import pytest
import tensorflow as tf

from helpers.tiny_detector import COLORS, painted_boxes
from inspection.detection.config.augmentation_settings import AUGMENTATIONS
from inspection.detection.training import augment_canvas as canvas

SIZE = (60, 100)
BOXES = [(0.1, 0.05, 0.5, 0.35), (0.3, 0.6, 0.9, 0.8)]
CLASSES = [1, 2]


def sample(boxes=BOXES, classes=CLASSES):
    image = painted_boxes(boxes, classes, SIZE)
    boxes = tf.constant(np.reshape(boxes, (-1, 4)), tf.float32)
    return tf.constant(image), boxes, tf.constant(classes, tf.int32)


def seed(number):
    return tf.constant([number, 0], tf.int64)


def painted_box(image, class_id):
    distance = np.abs(np.array(image, float) - COLORS[class_id]).sum(axis=2)
    rows, columns = np.nonzero(distance < 60)
    low, high = (rows.min(), columns.min()), (rows.max() + 1, columns.max() + 1)
    return np.array([*low, *high]) / np.tile(image.shape[:2], 2)


def check(image, boxes, classes, pixels=2.0):
    for box, class_id in zip(boxes.numpy(), classes.numpy(), strict=True):
        atol = pixels / min(image.shape[:2])
        np.testing.assert_allclose(painted_box(image, class_id), box, atol=atol)


@cache
def graph(name):
    return tf.function(canvas.CANVAS[name], autograph=False)


def run(name, number, picture=None, **params):
    given = {**AUGMENTATIONS[name], **params}
    return graph(name)(picture or sample(), seed(number), **given)


@pytest.mark.parametrize(
    "scale, corner, box",
    [
        # 60x100 on a square of 50: scale 1 is 30x50, .5 is 15x25, 2 is 60x100 cut
        (1.0, (0.0, 0.0), (0.06, 0.05, 0.3, 0.35)),
        (0.5, (0.0, 0.0), (0.03, 0.025, 0.15, 0.175)),
        # cut at row int(10 * .5) = 5, column int(50 * .1) = 5: (6-5)/50, (5-5)/50, ...
        (2.0, (0.5, 0.1), (0.02, 0.0, 0.5, 0.6)),
    ],
)
def test_a_picture_scaled_into_a_square(scale, corner, box):
    image, boxes, classes = canvas.scale_crop_and_pad(
        *sample(BOXES[:1], [1]), 50, tf.constant(scale), tf.constant(corner)
    )
    assert image.shape == (50, 50, 3) and classes.numpy().tolist() == [1]
    np.testing.assert_allclose(boxes[0], box, atol=1e-6)
    check(image, boxes, classes)


def test_what_is_missing_of_the_square_is_black_at_bottom_and_right():
    image, *_ = canvas.scale_crop_and_pad(
        *sample(), 50, tf.constant(0.5), tf.constant((0.0, 0.0))
    )
    assert not image.numpy()[15:].any() and not image.numpy()[:, 25:].any()
    assert (image.numpy()[:15, :25] > 0).any(axis=2).all()


def test_boxes_that_only_touch_the_square_are_gone():
    boxes = [(0.0, 0.5, 1.0, 0.8), (0.0, 0.0, 1.0, 0.5)]
    _, kept, classes = canvas.scale_crop_and_pad(
        *sample(boxes, [1, 2]), 50, tf.constant(2.0), tf.constant((0.0, 0.0))
    )
    assert classes.numpy().tolist() == [2]
    np.testing.assert_allclose(kept, [(0, 0, 1, 1)])


def test_random_squares_keep_boxes_on_their_paint():
    seen = set()
    for number in range(12):
        name = "random_scale_crop_and_pad_to_square"
        image, boxes, classes = run(name, number, output_size=96, scale_min=0.6)
        assert image.shape == (96, 96, 3)
        check(image, boxes, classes)
        seen.add(image.numpy().tobytes())
    assert len(seen) == 12


@pytest.mark.parametrize("number", range(4))
def test_a_canvas_is_at_most_twice_as_large_and_of_the_mean_colour(number):
    image, boxes, classes = run("random_pad_image", number)
    height, width = image.shape[:2]
    assert 60 <= height < 120 and 100 <= width < 200
    check(image, boxes, classes)
    mean = sample()[0].numpy().mean(axis=(0, 1))
    corners = image.numpy()[[0, 0, -1, -1], [0, -1, 0, -1]]
    assert min(np.abs(corners - mean).max(axis=1)) < 1e-2


def test_a_canvas_of_given_size_and_colour():
    sizes = dict.fromkeys(("min_image_height", "max_image_height"), 90)
    sizes |= dict.fromkeys(("min_image_width", "max_image_width"), 130)
    image, boxes, classes = run(
        "random_pad_image", 3, **sizes, pad_color=(1.0, 2.0, 3.0)
    )
    assert image.shape == (90, 130, 3)
    check(image, boxes, classes)
    colors = {tuple(c) for c in image.numpy()[[0, 0, -1, -1], [0, -1, 0, -1]].round(3)}
    assert (1.0, 2.0, 3.0) in colors


def test_a_scaled_picture_keeps_its_boxes():
    sizes = set()
    for number in range(8):
        image, boxes, classes = run("random_image_scale", number)
        ratio = np.array(image.shape[:2]) / SIZE
        assert 0.45 <= ratio.min() and ratio.max() <= 2
        np.testing.assert_allclose(*ratio, atol=0.02)
        np.testing.assert_array_equal(boxes, sample()[1])
        check(image, boxes, classes)
        sizes.add(image.shape[0])
    assert len(sizes) > 5


def test_ssd_crops_show_what_they_keep():
    kept, sizes = [], set()
    for number in range(30):
        image, boxes, classes = run("ssd_random_crop", number)
        kept.append(len(classes))
        sizes.add(tuple(image.shape))
        # clipped boxes lie on what is left of the paint
        check(image, boxes, classes)
    assert set(kept) >= {1, 2} and len(sizes) > 15


def test_low_jpeg_quality_spoils_and_full_quality_hardly():
    def error(quality):
        params = {"min_jpeg_quality": quality, "max_jpeg_quality": quality + 1}
        changed = run("random_jpeg_quality", 1, **params)[0]
        assert changed.dtype == tf.uint8
        return np.abs(changed.numpy().astype(float) - sample()[0].numpy()).mean()

    assert error(5) > 3 * error(95)
    params = {"random_coef": 1.0, "min_jpeg_quality": 5, "max_jpeg_quality": 6}
    left = run("random_jpeg_quality", 1, **params)[0]
    np.testing.assert_array_equal(left, sample()[0])


def test_noise_stays_in_its_patch():
    sizes = {"min_patch_size": 20, "max_patch_size": 21, "min_gaussian_stddev": 0.5}
    changed = run("random_patch_gaussian", 2, **sizes)[0].numpy()
    rows, columns = np.nonzero((changed != sample()[0].numpy()).any(axis=2))
    assert np.ptp(rows) < 20 and np.ptp(columns) < 20 and len(rows) > 50


def test_black_patches_are_a_tenth_of_the_short_side():
    params = {"max_black_patches": 1, "probability": 1.0}
    changed = run("random_black_patches", 4, **params)[0].numpy()
    rows, columns = np.nonzero(~changed.any(axis=2))
    assert len(rows) == 36 and np.ptp(rows) == np.ptp(columns) == 5
    left = run("random_black_patches", 4, **params | {"probability": 0.0})[0]
    np.testing.assert_array_equal(left, sample()[0])
