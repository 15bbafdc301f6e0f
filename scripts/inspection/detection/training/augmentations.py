"""Apply the data_augmentation_options of a pipeline.config to a picture and its boxes."""

import tensorflow as tf

from inspection.detection.training import augment, augment_canvas, augment_combine

MOVES = {
    "random_horizontal_flip": augment.random_horizontal_flip,
    "random_vertical_flip": augment.random_vertical_flip,
    "random_rotation90": augment.random_rotation90,
    "random_crop_image": augment.random_crop_image,
} | augment_canvas.CANVAS
COLORS = {
    "random_adjust_brightness": augment.random_adjust_brightness,
    "random_adjust_contrast": augment.random_adjust_contrast,
    "random_adjust_hue": augment.random_adjust_hue,
    "random_adjust_saturation": augment.random_adjust_saturation,
    "random_distort_color": augment.random_distort_color,
    "random_pixel_value_scale": augment.random_pixel_value_scale,
    "random_rgb_to_gray": augment.random_rgb_to_gray,
}


COMBINE = {
    "random_mosaic": augment_combine.random_mosaic,
    "random_paste_boxes": augment_combine.random_paste_boxes,
}
OTHERS = 3  # pictures that an augmentation may take pieces of


def wants_others(augmentations):
    """Tell whether a config asks for what combines pictures."""
    return any(wanted.name in COMBINE for wanted in augmentations)


def combine(sample, others, augmentations, seed):
    """Apply those `Augmentation`s of a config that take pieces of other pictures.

    others: functions that return a sample each; they are called only where it is needed.
    """
    image, boxes, classes = sample
    sample = tf.cast(image, tf.float32), boxes, classes
    for i, wanted in enumerate(augmentations):
        if wanted.name in COMBINE:
            seed_of_change = tf.random.fold_in(seed, i)
            change = COMBINE[wanted.name]
            sample = change(sample, others, seed_of_change, **wanted.params)
    return sample


def _apply(changes, sample, augmentations, seed):
    for i, wanted in enumerate(augmentations):
        if wanted.name in changes:
            seed_of_change = tf.random.fold_in(seed, i)
            sample = changes[wanted.name](sample, seed_of_change, **wanted.params)
    return sample


def move(sample, augmentations, seed):
    """Apply those `Augmentation`s of a config that move pixels and boxes."""
    return _apply(MOVES, sample, augmentations, seed)


def color(sample, augmentations, seed):
    """Apply those that change colours alone.

    They cost a quarter on the resized picture, and come after the moves for that.
    """
    return _apply(COLORS, sample, augmentations, seed)
