"""The augmentations of a pipeline.config that change the size of a picture, or spoil parts.

As in augment.py each takes (image 0..255 [H, W, 3], boxes [M, 4], classes [M]),
a stateless seed and the parameters of its block. What they do and in which order is that
of the API's core/preprocessor.py.
"""

import tensorflow as tf

from inspection.detection.training.augment import maybe, random_crop_image

# of ssd_random_crop: the share of an object that must be seen, and is enough to stay
SSD_SHARES = (0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0)
SSD_CROP = {
    "min_aspect_ratio": 0.5,
    "max_aspect_ratio": 2.0,
    "min_area": 0.1,
    "max_area": 1.0,
    "clip_boxes": True,
    "random_coef": 0.15,
}


def random_integer(least, beyond, seed):
    """Return a random whole number from `least` up to `beyond`, which is left out."""
    free = tf.maximum(beyond, least + 1)
    return tf.random.stateless_uniform([], seed, least, free, tf.int32)


def resize(image, size):
    images = tf.cast(image, tf.float32)[None]
    return tf.raw_ops.ResizeBilinear(images=images, size=size)[0]


def ssd_random_crop(sample, seed):
    """Crop as SSD was trained: how much of an object must be seen is drawn, too."""
    case = random_integer(0, len(SSD_SHARES), tf.random.fold_in(seed, 7))

    def crop(share):
        shares = {"min_object_covered": share, "overlap_thresh": share}
        return lambda: random_crop_image(sample, seed, **shares, **SSD_CROP)

    return tf.switch_case(case, [crop(share) for share in SSD_SHARES])


def random_image_scale(sample, seed, min_scale_ratio, max_scale_ratio):
    """Make the picture larger or smaller; boxes are shares of it, and stay."""
    image, boxes, classes = sample
    share = tf.random.stateless_uniform([], seed, min_scale_ratio, max_scale_ratio)
    sides = tf.cast(tf.shape(image)[:2], tf.float32)
    size = tf.maximum(tf.cast(sides * share, tf.int32), 1)
    scaled = tf.raw_ops.ResizeBilinear(
        images=tf.cast(image, tf.float32)[None], size=size, align_corners=True
    )[0]
    return scaled, boxes, classes


def random_scale_crop_and_pad_to_square(
    sample, seed, output_size, scale_min, scale_max
):
    """Scale a picture, cut what is beyond a square, pad with black what is missing."""
    image, boxes, classes = sample
    scale = tf.random.stateless_uniform([], seed, scale_min, scale_max)
    corner = tf.random.stateless_uniform([2], tf.random.fold_in(seed, 1))
    return scale_crop_and_pad(image, boxes, classes, output_size, scale, corner)


def scale_crop_and_pad(image, boxes, classes, side, scale, corner):
    """Return a picture `scale` times as large as fits a square of `side` pixels, in it.

    corner: two numbers of 0..1, where what is too large is cut.
    """
    sides = tf.cast(tf.shape(image)[:2], tf.float32)
    ratio = sides / tf.reduce_max(sides)
    size = tf.cast(scale * tf.cast(side, tf.float32) * ratio, tf.int32)
    size = tf.maximum(size, 1)
    beyond = tf.cast(tf.maximum(size - side, 0), tf.float32)
    offset = tf.cast(beyond * corner, tf.int32)
    cut = resize(image, size)[
        offset[0] : offset[0] + side, offset[1] : offset[1] + side
    ]
    missing = side - tf.shape(cut)[:2]
    square = tf.pad(cut, [[0, missing[0]], [0, missing[1]], [0, 0]])
    square = tf.ensure_shape(square, [side, side, 3])
    factors, shift = (tf.tile(tf.cast(v, tf.float32), [2]) for v in (size, offset))
    boxes = (boxes * factors - shift) / tf.cast(side, tf.float32)
    seen = tf.reduce_all((boxes[:, :2] < 1) & (boxes[:, 2:] > 0), axis=1)
    boxes = tf.clip_by_value(tf.boolean_mask(boxes, seen), 0.0, 1.0)
    return square, boxes, tf.boolean_mask(classes, seen)


def random_pad_image(
    sample,
    seed,
    min_image_height,
    min_image_width,
    max_image_height,
    max_image_width,
    pad_color,
):
    """Put the picture somewhere on a larger canvas.

    The canvas is up to twice as large, or as the sizes say that are not 0; it has the
    picture's mean colour, or `pad_color`.
    """
    image, boxes, classes = sample
    sides = tf.shape(image)[:2]
    least = tf.maximum([min_image_height, min_image_width], sides)
    given = tf.constant([max_image_height, max_image_width])
    most = tf.maximum(tf.where(given > 0, given, 2 * sides), sides)
    seeds = [tf.random.fold_in(seed, i) for i in range(4)]
    canvas = tf.stack([random_integer(least[i], most[i], seeds[i]) for i in (0, 1)])
    offset = tf.stack(
        [random_integer(0, canvas[i] - sides[i], seeds[2 + i]) for i in (0, 1)]
    )
    image = tf.cast(image, tf.float32)
    color = tf.constant(pad_color) if pad_color else tf.reduce_mean(image, [0, 1])
    after = canvas - sides - offset
    pads = tf.stack([[offset[0], after[0]], [offset[1], after[1]], [0, 0]])
    padded = tf.pad(image - color, pads) + color
    sizes, corner = (tf.cast(tf.tile(v, [2]), tf.float32) for v in (sides, offset))
    boxes = (boxes * sizes + corner) / tf.cast(tf.tile(canvas, [2]), tf.float32)
    return padded, boxes, classes


def random_jpeg_quality(sample, seed, random_coef, min_jpeg_quality, max_jpeg_quality):
    """Spoil the picture as a JPEG of low quality does."""

    def change(image, boxes, classes):
        pixels = tf.cast(tf.clip_by_value(tf.cast(image, tf.float32), 0, 255), tf.uint8)
        quality = random_integer(
            min_jpeg_quality, max_jpeg_quality, tf.random.fold_in(seed, 1)
        )
        spoiled = tf.image.adjust_jpeg_quality(pixels, quality)
        return tf.cast(spoiled, image.dtype), boxes, classes

    return maybe(1 - random_coef, seed, change, sample)


def random_patch_gaussian(
    sample,
    seed,
    random_coef,
    min_patch_size,
    max_patch_size,
    min_gaussian_stddev,
    max_gaussian_stddev,
):
    """Add noise in a square patch (Lopes et al. 2019, arXiv:1906.02611)."""

    def change(image, boxes, classes):
        seeds = [tf.random.fold_in(seed, i) for i in range(1, 6)]
        side = random_integer(min_patch_size, max_patch_size, seeds[0])
        spread = tf.random.stateless_uniform(
            [], seeds[1], min_gaussian_stddev, max_gaussian_stddev
        )
        shape = tf.shape(image)
        centre = [random_integer(0, shape[i], seeds[2 + i]) for i in (0, 1)]
        inside = _square(shape, centre, side)
        noise = tf.random.stateless_normal(shape, seeds[4], stddev=255 * spread)
        pixels = tf.cast(image, tf.float32)
        noisy = tf.clip_by_value(pixels + noise, 0.0, 255.0)
        return tf.cast(tf.where(inside, noisy, pixels), image.dtype), boxes, classes

    return maybe(1 - random_coef, seed, change, sample)


def _square(shape, centre, side):
    """Return bool [H, W, 1]: the pixels of a square about a centre."""
    rows, columns = (
        (tf.range(shape[i]) >= centre[i] - side // 2)
        & (tf.range(shape[i]) < centre[i] - side // 2 + side)
        for i in (0, 1)
    )
    return (rows[:, None] & columns[None, :])[..., None]


def random_black_patches(
    sample, seed, max_black_patches, probability, size_to_image_ratio
):
    """Blacken squares, each with a probability, `size_to_image_ratio` of the short side."""
    image, boxes, classes = sample
    shape = tf.shape(image)
    short = tf.cast(tf.reduce_min(shape[:2]), tf.float32)
    side = tf.cast(short * size_to_image_ratio, tf.int32)
    for number in range(max_black_patches):
        seeds = [tf.random.fold_in(seed, 3 * number + i) for i in range(3)]
        begin = [random_integer(0, shape[i] - side, seeds[i]) for i in (0, 1)]
        inside = _square(shape, [place + side // 2 for place in begin], side)
        drawn = tf.random.stateless_uniform([], seeds[2]) < probability
        image = tf.where(inside & drawn, tf.zeros_like(image), image)
    return image, boxes, classes


CANVAS = {
    "ssd_random_crop": ssd_random_crop,
    "random_image_scale": random_image_scale,
    "random_scale_crop_and_pad_to_square": random_scale_crop_and_pad_to_square,
    "random_pad_image": random_pad_image,
    "random_jpeg_quality": random_jpeg_quality,
    "random_patch_gaussian": random_patch_gaussian,
    "random_black_patches": random_black_patches,
}
