"""Keras layers that change a picture and its mask together: place, light, neighbours.

Each takes and returns {"image": [B, H, W, 3] from -1 to 1, "mask": [B, H, W, 1]}, and
does nothing outside training.
"""

import math

import keras
from keras import ops

GREY = (0.299, 0.587, 0.114)  # luma of ITU-R BT.601
DRAWS_PER_STEP = 8  # more than any layer here draws for a batch


class RandomLayer(keras.layers.Layer):
    """Draw by chance, at each step of a training the same."""

    def __init__(self, seed=None, **kwargs):
        super().__init__(**{"dtype": "float32", **kwargs})
        self.seed = seed
        self.generator = keras.random.SeedGenerator(seed)

    def seek(self, step):
        """Draw next what belongs to a step, whatever was drawn before."""
        state = self.generator.state
        place = ops.cast(step * DRAWS_PER_STEP, state.dtype)
        state.assign(ops.stack([state[0], place]))

    def _uniform(self, shape, limit):
        return keras.random.uniform(shape, -limit, limit, seed=self.generator)


class RandomMove(RandomLayer):
    """Flip, rotate and zoom by chance, in one resampling of picture and mask.

    rotation: largest angle as a share of a full turn; .5 is any angle.
    zoom: largest change of scale, .3 is from 1/1.3 to 1.3.
    What comes in over the edge is the mirrored picture, and its mask with it.
    """

    def __init__(self, flip=True, rotation=0.5, zoom=0.3, seed=None, **kwargs):
        super().__init__(seed, **kwargs)
        self.flip, self.rotation, self.zoom = flip, rotation, zoom

    def call(self, sample, training=False):
        if not training:
            return sample
        pixels = ops.concatenate([sample["image"], sample["mask"]], axis=-1)
        batch, height, width = ops.shape(pixels)[:3]
        moved = ops.image.affine_transform(
            pixels,
            self._draw(batch, height, width),
            interpolation="bilinear",
            fill_mode="reflect",
        )
        mask = ops.cast(moved[..., 3:] >= 0.5, sample["mask"].dtype)
        return {"image": moved[..., :3], "mask": mask}

    def _draw(self, batch, height, width):
        """Return for each picture the transform about its centre, [B, 8]."""
        angle = self._uniform((batch,), 2 * math.pi * self.rotation)
        scale = ops.exp(self._uniform((batch,), math.log(1 + self.zoom)))
        sign = ops.sign(self._uniform((batch,), 1.0)) if self.flip else 1.0
        a, b = scale * ops.cos(angle) * sign, -scale * ops.sin(angle)
        c, d = scale * ops.sin(angle) * sign, scale * ops.cos(angle)
        y, x = ops.cast(height - 1, "float32") / 2, ops.cast(width - 1, "float32") / 2
        zero = ops.zeros_like(angle)
        rows = [a, b, x - a * x - b * y, c, d, y - c * x - d * y, zero, zero]
        return ops.stack(rows, axis=1)

    def get_config(self):
        own = {"flip": self.flip, "rotation": self.rotation, "zoom": self.zoom}
        return {**super().get_config(), **own, "seed": self.seed}


class RandomCrop(RandomLayer):
    """Keep a square part by chance, at the same place in all pictures of a batch.

    side: of the part, in pixels.
    """

    def __init__(self, side, seed=None, **kwargs):
        super().__init__(seed, **kwargs)
        self.side = side

    def call(self, sample, training=False):
        if not training:
            return sample
        height, width = ops.shape(sample["image"])[1:3]
        top, left = self._start(height), self._start(width)
        shape = (-1, self.side, self.side)
        return {
            name: ops.reshape(
                pixels[:, top : top + self.side, left : left + self.side],
                (*shape, pixels.shape[-1]),
            )
            for name, pixels in sample.items()
        }

    def _start(self, length):
        place = (0.5 + self._uniform((), 0.5)) * (length - self.side + 1)
        return ops.cast(place, "int32")

    def get_config(self):
        return {**super().get_config(), "side": self.side, "seed": self.seed}


class RandomLight(RandomLayer):
    """Change brightness, contrast and saturation by chance; the mask stays.

    Each limit is the largest change, on the scale of -1 to 1 for brightness and as a
    share for the other two. Hue stays: rust is told by it.
    """

    def __init__(
        self, brightness=0.2, contrast=0.3, saturation=0.3, seed=None, **kwargs
    ):
        super().__init__(seed, **kwargs)
        self.brightness, self.contrast = brightness, contrast
        self.saturation = saturation

    def call(self, sample, training=False):
        if not training:
            return sample
        image = sample["image"]
        each = (ops.shape(image)[0], 1, 1, 1)
        grey = ops.sum(image * ops.convert_to_tensor(GREY), axis=-1, keepdims=True)
        image = grey + (image - grey) * (1 + self._uniform(each, self.saturation))
        mean = ops.mean(image, axis=(1, 2, 3), keepdims=True)
        image = mean + (image - mean) * (1 + self._uniform(each, self.contrast))
        image = image + self._uniform(each, self.brightness)
        return {"image": ops.clip(image, -1, 1), "mask": sample["mask"]}

    def get_config(self):
        names = ("brightness", "contrast", "saturation", "seed")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}


class RandomPaste(RandomLayer):
    """Paste by chance a rectangle of another picture of the batch, and of its mask.

    CutMix (Yun et al. 2019, arXiv:1905.04899) for masks: what is around a patch of rust
    is then no longer always the same. share: of the pictures that get a rectangle; its
    sides are a quarter to three quarters of the picture's.
    """

    def __init__(self, share=0.5, seed=None, **kwargs):
        super().__init__(seed, **kwargs)
        self.share = share

    def call(self, sample, training=False):
        if not training:
            return sample
        batch, height, width = ops.shape(sample["image"])[:3]
        rows, columns = self._span(batch, height), self._span(batch, width)
        chosen = self._uniform((batch, 1, 1), 1.0) < 2 * self.share - 1
        inside = ops.logical_and(rows[:, :, None], columns[:, None, :])
        inside = ops.logical_and(inside, chosen)
        return {
            name: ops.where(inside[..., None], ops.roll(pixels, 1, axis=0), pixels)
            for name, pixels in sample.items()
        }

    def _span(self, batch, length):
        """Return which pixels of a side lie between two ends, bool [B, length]."""
        part = 0.5 + self._uniform((batch, 1), 0.25)
        start = (0.5 + self._uniform((batch, 1), 0.5)) * (1 - part)
        place = (ops.arange(length, dtype="float32") + 0.5) / length
        return ops.logical_and(place >= start, place < start + part)

    def get_config(self):
        return {**super().get_config(), "share": self.share, "seed": self.seed}


def augmentation(seed=0, crop=0):
    """Return the layers with the course's limits, seeded.

    crop: side of the part to keep, 0 for the whole picture.
    """
    cut = [RandomCrop(crop, seed=seed + 3)] if crop else []
    return [
        RandomMove(seed=seed),
        *cut,
        RandomLight(seed=seed + 1),
        RandomPaste(seed=seed + 2),
    ]
