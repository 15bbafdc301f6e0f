"""The augmentations of a pipeline.config: each moves the picture and its boxes together.

An augmentation takes (image 0..255 [H, W, 3], boxes [M, 4], classes [M]), the
two integers of a stateless seed and the parameters of its block in the config. The same
seed gives the same picture.
"""

import tensorflow as tf


def _probability(probability, seed):
    return tf.random.stateless_uniform([], seed) < probability


def maybe(probability, seed, change, sample):
    """Return change(*sample) with a probability, else the sample."""
    return tf.cond(
        _probability(probability, seed), lambda: change(*sample), lambda: sample
    )


def _flip_columns(image, boxes, classes):
    ymin, xmin, ymax, xmax = tf.unstack(boxes, axis=-1)
    boxes = tf.stack([ymin, 1 - xmax, ymax, 1 - xmin], axis=-1)
    return tf.image.flip_left_right(image), boxes, classes


def _flip_rows(image, boxes, classes):
    ymin, xmin, ymax, xmax = tf.unstack(boxes, axis=-1)
    boxes = tf.stack([1 - ymax, xmin, 1 - ymin, xmax], axis=-1)
    return tf.image.flip_up_down(image), boxes, classes


def _turn_left(image, boxes, classes):
    ymin, xmin, ymax, xmax = tf.unstack(boxes, axis=-1)
    boxes = tf.stack([1 - xmax, ymin, 1 - xmin, ymax], axis=-1)
    return tf.image.rot90(image), boxes, classes


def random_horizontal_flip(sample, seed, probability):
    """Mirror left and right."""
    return maybe(probability, seed, _flip_columns, sample)


def random_vertical_flip(sample, seed, probability):
    """Mirror top and bottom."""
    return maybe(probability, seed, _flip_rows, sample)


def random_rotation90(sample, seed, probability):
    """Turn a quarter to the left."""
    return maybe(probability, seed, _turn_left, sample)


def _sample_window(image, boxes, seed, min_object_covered, aspect_ratios, areas):
    """Return the crop as (begin, size) for tf.slice and as a box.

    aspect_ratios, areas: (lowest, highest) of the window, areas as shares of the image.
    """
    return tf.image.stateless_sample_distorted_bounding_box(
        tf.shape(image),
        bounding_boxes=tf.clip_by_value(boxes, 0.0, 1.0)[None],
        seed=seed,
        min_object_covered=min_object_covered,
        aspect_ratio_range=aspect_ratios,
        area_range=areas,
        max_attempts=100,
        use_image_if_no_bounding_boxes=True,
    )


def boxes_in_window(boxes, classes, window, overlap_thresh, clip_boxes):
    """Return the boxes that show enough of themselves, in the window's coordinates."""
    clipped = tf.concat(
        [tf.maximum(boxes[:, :2], window[:2]), tf.minimum(boxes[:, 2:], window[2:])], 1
    )
    sides = tf.maximum(clipped[:, 2:] - clipped[:, :2], 0.0)
    whole = tf.reduce_prod(boxes[:, 2:] - boxes[:, :2], axis=1)
    visible = tf.reduce_prod(sides, axis=1)
    keep = (visible > 0) & (visible >= overlap_thresh * whole)
    boxes = tf.boolean_mask(clipped if clip_boxes else boxes, keep)
    corner, size = tf.tile(window[:2], [2]), tf.tile(window[2:] - window[:2], [2])
    return (boxes - corner) / size, tf.boolean_mask(classes, keep)


def random_crop_image(
    sample,
    seed,
    *,
    random_coef,
    min_object_covered,
    min_aspect_ratio,
    max_aspect_ratio,
    min_area,
    max_area,
    overlap_thresh,
    clip_boxes,
):
    """Crop to a random window; `random_coef` is the chance of leaving the picture."""

    def crop(image, boxes, classes):
        ratios, areas = (min_aspect_ratio, max_aspect_ratio), (min_area, max_area)
        begin, size, window = _sample_window(
            image, boxes, seed, min_object_covered, ratios, areas
        )
        cropped = tf.slice(image, begin, size)
        cropped.set_shape([None, None, 3])
        inside = boxes_in_window(
            boxes, classes, window[0, 0], overlap_thresh, clip_boxes
        )
        return cropped, *inside

    return maybe(1 - random_coef, tf.random.fold_in(seed, 1), crop, sample)


def _color(change):
    """Make an augmentation of a change of the pixels alone, on the scale 0..1."""

    def augmentation(sample, seed, **params):
        image, boxes, classes = sample
        image = change(image / 255.0, seed, **params)
        return tf.clip_by_value(image, 0.0, 1.0) * 255.0, boxes, classes

    return augmentation


@_color
def random_adjust_brightness(image, seed, max_delta):
    """Add a number between -max_delta and max_delta."""
    return tf.image.stateless_random_brightness(image, max_delta, seed)


@_color
def random_adjust_contrast(image, seed, min_delta, max_delta):
    """Spread or squeeze the values of each channel about their mean."""
    return tf.image.stateless_random_contrast(image, min_delta, max_delta, seed)


@_color
def random_adjust_hue(image, seed, max_delta):
    """Turn the hue by up to max_delta of the colour circle."""
    return tf.image.stateless_random_hue(image, max_delta, seed)


@_color
def random_adjust_saturation(image, seed, min_delta, max_delta):
    """Multiply the saturation."""
    return tf.image.stateless_random_saturation(image, min_delta, max_delta, seed)


@_color
def random_pixel_value_scale(image, seed, minval, maxval):
    """Multiply each value by a number of its own."""
    return image * tf.random.stateless_uniform(tf.shape(image), seed, minval, maxval)


@_color
def random_rgb_to_gray(image, seed, probability):
    """Take the colour away."""
    gray = tf.image.grayscale_to_rgb(tf.image.rgb_to_grayscale(image))
    return tf.where(_probability(probability, seed), gray, image)


DISTORTIONS = {
    "brightness": (random_adjust_brightness, {"max_delta": 32 / 255}),
    "saturation": (random_adjust_saturation, {"min_delta": 0.5, "max_delta": 1.5}),
    "hue": (random_adjust_hue, {"max_delta": 0.2}),
    "contrast": (random_adjust_contrast, {"min_delta": 0.5, "max_delta": 1.5}),
}
COLOR_ORDERINGS = (
    ("brightness", "saturation", "hue", "contrast"),
    ("brightness", "contrast", "saturation", "hue"),
)


def random_distort_color(sample, seed, color_ordering):
    """Change brightness, saturation, hue and contrast, in one of the API's two orders."""
    for i, name in enumerate(COLOR_ORDERINGS[color_ordering]):
        distort, params = DISTORTIONS[name]
        sample = distort(sample, tf.random.fold_in(seed, i), **params)
    return sample
