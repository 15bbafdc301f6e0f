"""The augmentations that take pieces of other pictures: mosaic, and boxes pasted.

They are not of the API, whose programs refuse a config with them. Each takes a sample
(image float32 0..255 [H, W, 3], boxes [M, 4], classes [M]), functions that return other
samples, a stateless seed and its parameters. What is drawn at random is drawn here; the
geometry is in functions of numbers.
"""

import tensorflow as tf

from inspection.detection.training.augment import boxes_in_window, maybe
from inspection.detection.training.augment_canvas import random_integer, resize

TRIES = 10  # places looked at for a pasted box; where none is free it is left out


def random_mosaic(
    sample,
    others,
    seed,
    *,
    probability,
    min_center,
    max_center,
    max_zoom,
    overlap_thresh,
):
    """Show the picture and three others in the quarters of its frame.

    Bochkovskiy et al. 2020, arXiv:2004.10934. Each picture covers its quarter, up to
    `max_zoom` times as large as it need be; objects become smaller, and stand in
    surroundings of other pictures. A box stays of which `overlap_thresh` is seen.
    """
    seeds = [tf.random.fold_in(seed, i) for i in range(4)]
    shares = tf.random.stateless_uniform([2], seeds[0], min_center, max_center)
    zooms = tf.random.stateless_uniform([4], seeds[1], 1.0, max_zoom)
    corners = tf.random.stateless_uniform([4, 2], seeds[2])

    def change(*sample):
        parts = [sample, *(other() for other in others)]
        return mosaic(parts, shares, zooms, corners, overlap_thresh)

    return maybe(probability, seeds[3], change, sample)


def mosaic(samples, shares, zooms, corners, overlap_thresh):
    """Return four samples as one of the size of the first: above, then below.

    shares: [2], where in the frame, down and right, they meet. zooms: [4] from 1.
    corners: [4, 2] in 0..1, where in its picture each window lies.
    """
    size = tf.shape(samples[0][0])[:2]
    middle = tf.cast(tf.round(tf.cast(size, tf.float32) * shares), tf.int32)
    middle = tf.clip_by_value(middle, 1, size - 1)
    quarters = []
    for i, sample in enumerate(samples):
        place = tf.constant([i // 2, i % 2])
        begin, end = tf.where(place > 0, middle, 0), tf.where(place > 0, size, middle)
        shown = fill(sample, end - begin, zooms[i], corners[i], overlap_thresh)
        quarters.append(_shift(shown, begin, end - begin, size))
    images, boxes, classes = zip(*quarters)
    rows = [tf.concat(images[:2], axis=1), tf.concat(images[2:], axis=1)]
    image = tf.ensure_shape(tf.concat(rows, axis=0), [None, None, 3])
    return image, tf.concat(boxes, axis=0), tf.concat(classes, axis=0)


def fill(sample, size, zoom, corner, overlap_thresh):
    """Return a window of a sample that has the shape of `size`, resized to it.

    size: int32 [2], pixels. The window is as large as fits, divided by `zoom`.
    """
    image, boxes, classes = sample
    sides, wanted = (tf.cast(v, tf.float32) for v in (tf.shape(image)[:2], size))
    window = tf.round(wanted * tf.reduce_min(sides / wanted) / zoom)
    window = tf.clip_by_value(window, 1.0, sides)
    begin = tf.floor(corner * (sides - window))
    first, count = tf.cast(begin, tf.int32), tf.cast(window, tf.int32)
    cut = image[first[0] : first[0] + count[0], first[1] : first[1] + count[1]]
    seen = tf.concat([begin / sides, (begin + window) / sides], axis=0)
    inside = boxes_in_window(boxes, classes, seen, overlap_thresh, True)
    return resize(cut, size), *inside


def _shift(sample, begin, size, frame):
    """Return a sample that is `size` large as a part of a frame, which begins there."""
    image, boxes, classes = sample
    begin, size, frame = (
        tf.cast(tf.tile(v, [2]), tf.float32) for v in (begin, size, frame)
    )
    return image, (boxes * size + begin) / frame, classes


def random_paste_boxes(
    sample, others, seed, *, probability, max_boxes, min_scale_ratio, max_scale_ratio
):
    """Paste boxes of another picture where none of this one's lies.

    After Ghiasi et al. 2021, arXiv:2012.07177, who paste what masks cut out; a box brings
    its surroundings along.
    """

    def change(*sample):
        source = others[0]()
        limits = min_scale_ratio, max_scale_ratio
        for number in range(max_boxes):
            sample = _paste_one(sample, source, tf.random.fold_in(seed, number), limits)
        return sample

    return maybe(probability, tf.random.fold_in(seed, max_boxes), change, sample)


def _paste_one(sample, source, seed, limits):
    """Paste one box of a source, of random scale, at a random free place if there is one."""
    seeds = [tf.random.fold_in(seed, i) for i in range(3)]
    scale = tf.random.stateless_uniform([], seeds[0], *limits)
    corners = tf.random.stateless_uniform([TRIES, 2], seeds[1])
    count = tf.shape(source[1])[0]

    def paste():
        return paste_box(
            sample, source, random_integer(0, count, seeds[2]), scale, corners
        )

    return tf.cond(count > 0, paste, lambda: sample)


def paste_box(sample, source, number, scale, corners):
    """Return a sample with a box of a source pasted at the first free corner, if any.

    number: of the box. scale: by which it is resized, beside what the pictures' sizes
    differ. corners: [K, 2] in 0..1, of the room that there is for its corner.
    """
    image, boxes, classes = sample
    patch = _cut(source, number)
    frame = tf.cast(tf.shape(image)[:2], tf.float32)
    other = tf.cast(tf.shape(source[0])[:2], tf.float32)
    scale *= tf.sqrt(tf.reduce_prod(frame) / tf.reduce_prod(other))
    size = tf.round(tf.cast(tf.shape(patch)[:2], tf.float32) * scale)
    size = tf.clip_by_value(size, 1.0, frame)
    begins = tf.floor(corners * (frame - size))
    places = tf.concat([begins, begins + size], axis=1) / tf.tile(frame, [2])
    free = _are_free(places, boxes)

    def paste():
        place = tf.argmax(free)
        begin, shape = tf.cast(begins[place], tf.int32), tf.cast(size, tf.int32)
        added = tf.concat([boxes, places[place][None]], axis=0)
        kinds = tf.concat([classes, source[2][number][None]], axis=0)
        return _lay_on(image, resize(patch, shape), begin), added, kinds

    return tf.cond(tf.reduce_any(free), paste, lambda: (image, boxes, classes))


def _cut(source, number):
    """Return the pixels of a box, at least one."""
    image, boxes, _ = source
    size = tf.shape(image)[:2]
    pixels = boxes[number] * tf.cast(tf.tile(size, [2]), tf.float32)
    corners = tf.cast(tf.round(pixels), tf.int32)
    begin = tf.clip_by_value(corners[:2], 0, size - 1)
    end = tf.clip_by_value(corners[2:], begin + 1, size)
    return image[begin[0] : end[0], begin[1] : end[1]]


def _are_free(places, boxes):
    """Tell which places have nothing in common with any box, bool [K]."""
    begin = tf.maximum(places[:, None, :2], boxes[None, :, :2])
    end = tf.minimum(places[:, None, 2:], boxes[None, :, 2:])
    return ~tf.reduce_any(tf.reduce_all(end > begin, axis=2), axis=1)


def _lay_on(image, patch, begin):
    """Return an image with a patch at [2] pixels from its corner."""
    after = tf.shape(image)[:2] - begin - tf.shape(patch)[:2]
    pads = [[begin[0], after[0]], [begin[1], after[1]], [0, 0]]
    inside = tf.pad(tf.ones_like(patch[..., :1]), pads)
    return tf.ensure_shape(
        tf.where(inside > 0, tf.pad(patch, pads), image), [None, None, 3]
    )
