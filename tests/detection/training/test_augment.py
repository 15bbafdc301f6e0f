"""An augmentation moves pixels and boxes together: seen by painting the boxes."""

import numpy as np
import pytest
import tensorflow as tf

from helpers.tiny_detector import COLORS, painted_boxes, tiny_config
from inspection.detection.config.augmentation_settings import (
    AUGMENTATIONS,
    COMBINATIONS,
    RANDOM_CROP,
)
from inspection.detection.config.pipeline_settings import Augmentation
from inspection.detection.training import augment, augmentations

SIZE = (60, 100)
BOXES = [(0.1, 0.05, 0.5, 0.35), (0.3, 0.6, 0.9, 0.8)]
CLASSES = [1, 2]


def sample(boxes=BOXES, classes=CLASSES):
    image = painted_boxes(boxes, classes, SIZE)
    boxes = tf.constant(np.reshape(boxes, (-1, 4)), tf.float32)
    return tf.constant(image), boxes, tf.constant(classes, tf.int32)


def seed(*numbers):
    return tf.constant([*numbers, 0][:2], tf.int64)


def painted_box(image, class_id):
    """Return where in the picture the colour of a class is, in 0..1, or None."""
    distance = np.abs(np.array(image, float) - COLORS[class_id]).sum(axis=2)
    rows, columns = np.nonzero(distance < 30)
    if not len(rows):
        return None
    low, high = (rows.min(), columns.min()), (rows.max() + 1, columns.max() + 1)
    return np.array([*low, *high]) / np.tile(image.shape[:2], 2)


def check(moved, wanted_classes=CLASSES):
    """Assert that each box is where its paint is."""
    image, boxes, classes = (np.array(part) for part in moved)
    assert classes.tolist() == wanted_classes
    for box, class_id in zip(boxes, classes, strict=True):
        pixel = 1.01 / min(image.shape[:2])
        np.testing.assert_allclose(painted_box(image, class_id), box, atol=pixel)


def crop(number, image=None, **params):
    params = {
        **RANDOM_CROP,
        "min_object_covered": 0.0,
        "max_aspect_ratio": 2.0,
        **params,
    }
    return augment.random_crop_image(image or sample(), seed(number), **params)


def test_the_test_sees_a_box_that_stays_behind():
    image, boxes, classes = sample()
    check((image, boxes, classes))
    with pytest.raises(AssertionError):
        check((image[:, ::-1], boxes, classes))


@pytest.mark.parametrize(
    "name", ["random_horizontal_flip", "random_vertical_flip", "random_rotation90"]
)
def test_flips_and_rotation(name):
    change = getattr(augment, name)
    moved = change(sample(), seed(1), probability=1.0)
    check(moved)
    assert not np.array_equal(moved[0], sample()[0])
    left = change(sample(), seed(1), probability=0.0)
    np.testing.assert_array_equal(left[0], sample()[0])
    np.testing.assert_array_equal(left[1], sample()[1])


def test_rotation_is_a_quarter_to_the_left():
    image, boxes, _ = augment.random_rotation90(sample(), seed(1), probability=1.0)
    assert image.shape == (100, 60, 3)
    np.testing.assert_allclose(boxes[0], [0.65, 0.1, 0.95, 0.5], atol=1e-6)


@pytest.mark.parametrize("name", ["random_horizontal_flip", "random_rotation90"])
def test_a_probability_is_kept_over_many_seeds(name):
    change = getattr(augment, name)
    image = sample([], [])
    moved = sum(
        not np.array_equal(change(image, seed(i, 5), probability=0.3)[0], image[0])
        for i in range(100)
    )
    assert 15 <= moved <= 45  # of 30 expected, more than three deviations


def test_a_crop_keeps_boxes_on_their_paint():
    areas = []
    for number in range(12):
        moved = crop(number, min_area=0.3, max_area=0.9, overlap_thresh=0.0)
        classes = [i for i in CLASSES if painted_box(moved[0], i) is not None]
        check(moved, classes)
        areas.append(np.prod(moved[0].shape[:2]) / np.prod(SIZE))
    assert 0.25 < min(areas) < 0.6 < max(areas) < 0.95


def test_a_crop_drops_boxes_that_show_too_little():
    outcomes = set()
    area = [(box[2] - box[0]) * (box[3] - box[1]) for box in BOXES]
    for number in range(20):
        image, _, classes = crop(number, min_area=0.3, overlap_thresh=0.7)
        for class_id, whole in zip(CLASSES, area, strict=True):
            paint = painted_box(image, class_id)
            shown = 0.0
            if paint is not None:
                sides = (paint[2:] - paint[:2]) * image.shape[:2] / SIZE
                shown = sides.prod() / whole
            kept = class_id in classes
            assert kept == (shown > 0.7) or shown == pytest.approx(0.7, abs=0.08)
            outcomes.add((kept, shown > 0))
    assert outcomes >= {(True, True), (False, True), (False, False)}


def test_a_box_that_shows_just_enough_is_kept():
    boxes, classes = tf.constant([[0.0, 0.0, 0.5, 0.5]]), tf.constant([1])
    window = tf.constant([0.0, 0.0, 0.25, 0.5])  # the upper half of the box
    for limit, count in ((0.5, 1), (0.51, 0)):
        kept, _ = augment.boxes_in_window(boxes, classes, window, limit, True)
        assert kept.shape == (count, 4)


def test_a_crop_leaves_boxes_whole_where_they_shall_not_be_clipped():
    partly = 0
    for number in range(12):
        clipped = crop(number, min_area=0.3, overlap_thresh=0.0)
        whole = crop(number, min_area=0.3, overlap_thresh=0.0, clip_boxes=False)
        np.testing.assert_allclose(np.clip(whole[1], 0, 1), clipped[1], atol=1e-6)
        partly += not np.array_equal(whole[1], clipped[1])
    assert partly


def test_a_crop_covers_of_some_object_what_is_asked():
    for number in range(8):
        _, boxes, _ = crop(
            number, min_object_covered=0.9, min_area=0.1, clip_boxes=False
        )
        sides = np.clip(boxes, 0, 1)[:, 2:] - np.clip(boxes, 0, 1)[:, :2]
        share = sides.prod(axis=1) / np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
        assert share.max() > 0.85


def test_random_coef_is_the_chance_of_the_whole_picture():
    whole = crop(3, random_coef=1.0)
    np.testing.assert_array_equal(whole[0], sample()[0])
    np.testing.assert_array_equal(whole[1], sample()[1])


def test_a_crop_of_a_picture_without_objects():
    image, boxes, classes = crop(1, sample([], []), min_area=0.3, max_area=0.5)
    assert boxes.shape == (0, 4) and classes.shape == (0,)
    assert 0.25 < np.prod(image.shape[:2]) / np.prod(SIZE) < 0.55


def test_all_moves_together_in_a_graph():
    wanted = [
        Augmentation(name, {**AUGMENTATIONS[name], "probability": 0.5})
        for name in (
            "random_horizontal_flip",
            "random_vertical_flip",
            "random_rotation90",
        )
    ]
    wanted.append(
        Augmentation("random_crop_image", {**RANDOM_CROP, "overlap_thresh": 0.0})
    )
    move = tf.function(
        lambda *args: augmentations.move(args[0], wanted, args[1]), autograph=False
    )
    seen = set()
    for number in range(10):
        image, boxes, classes = move(sample(), seed(number, 7))
        check((image, boxes, classes), np.array(classes).tolist())
        seen.add(image.numpy().tobytes())
    assert len(seen) == 10


def test_the_same_seed_gives_the_same_picture():
    wanted = tiny_config().train.augmentations
    first, again, other = (
        augmentations.color(
            [
                tf.cast(augmentations.move(sample(), wanted, s)[0], tf.float32),
                *sample()[1:],
            ],
            wanted,
            s,
        )[0]
        for s in (seed(4, 2), seed(4, 2), seed(4, 3))
    )
    np.testing.assert_array_equal(first, again)
    assert other.shape != first.shape or not np.array_equal(first, other)


def test_every_augmentation_of_the_config_is_there():
    alone = set(AUGMENTATIONS) - set(COMBINATIONS)
    assert set(augmentations.MOVES) | set(augmentations.COLORS) == alone
    assert set(augmentations.COMBINE) == set(COMBINATIONS)


@pytest.mark.parametrize("name", sorted(augmentations.COLORS))
def test_colours_change_and_boxes_stay(name):
    image, boxes, classes = sample()
    image = tf.cast(image, tf.float32)
    params = {**AUGMENTATIONS[name]}
    if name == "random_rgb_to_gray":
        params["probability"] = 1.0
    differences = []
    for number in range(4):
        change = augmentations.COLORS[name]
        changed = change((image, boxes, classes), seed(number), **params)
        assert changed[0].shape == image.shape
        assert 0 <= changed[0].numpy().min() and changed[0].numpy().max() <= 255
        np.testing.assert_array_equal(changed[1], boxes)
        np.testing.assert_array_equal(changed[2], classes)
        differences.append(np.abs(changed[0] - image).max())
    assert max(differences) > 2


def test_brightness_moves_all_pixels_by_at_most_its_delta():
    image = tf.fill([4, 4, 3], 100.0), *sample()[1:]
    shifts = set()
    for number in range(10):
        moved = augment.random_adjust_brightness(image, seed(number), max_delta=0.1)[0]
        assert np.ptp(moved) < 1e-3
        shifts.add(round(float(moved[0, 0, 0]) - 100, 3))
    assert len(shifts) == 10
    assert -25.5 <= min(shifts) < 0 < max(shifts) <= 25.5


@pytest.mark.parametrize("ordering", [0, 1])
def test_distorted_colors_leave_grey_within_its_brightness(ordering):
    # saturation, hue and contrast do nothing to an even grey
    image = tf.fill([4, 4, 3], 128.0), *sample()[1:]
    moved = [
        augment.random_distort_color(image, seed(i), color_ordering=ordering)[0]
        for i in range(40)
    ]
    shifts = [float(tf.reduce_max(tf.abs(m - 128.0))) for m in moved]
    assert 28 < max(shifts) <= 32.01
