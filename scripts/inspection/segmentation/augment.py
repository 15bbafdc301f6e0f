"""Keras layers that move a picture and its mask together, and change light and colour.

Each takes and returns {"image": [B, H, W, 3] from -1 to 1, "mask": [B, H, W, 1]}, and
does nothing outside training.
"""

import math

import keras
from keras import ops

GREY = (0.299, 0.587, 0.114)  # luma of ITU-R BT.601


class RandomMove(keras.layers.Layer):
    """Flip, rotate and zoom by chance, in one resampling of picture and mask.

    rotation: largest angle as a share of a full turn; .5 is any angle.
    zoom: largest change of scale, .3 is from 1/1.3 to 1.3.
    What comes in over the edge is the mirrored picture, and its mask with it.
    """

    def __init__(self, flip=True, rotation=0.5, zoom=0.3, seed=None, **kwargs):
        super().__init__(**kwargs)
        self.flip, self.rotation, self.zoom, self.seed = flip, rotation, zoom, seed
        self.generator = keras.random.SeedGenerator(seed)

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
        angle = self._uniform(batch, 2 * math.pi * self.rotation)
        scale = ops.exp(self._uniform(batch, math.log(1 + self.zoom)))
        sign = ops.sign(self._uniform(batch, 1.0)) if self.flip else 1.0
        a, b = scale * ops.cos(angle) * sign, -scale * ops.sin(angle)
        c, d = scale * ops.sin(angle) * sign, scale * ops.cos(angle)
        y, x = ops.cast(height - 1, "float32") / 2, ops.cast(width - 1, "float32") / 2
        zero = ops.zeros_like(angle)
        rows = [a, b, x - a * x - b * y, c, d, y - c * x - d * y, zero, zero]
        return ops.stack(rows, axis=1)

    def _uniform(self, batch, limit):
        return keras.random.uniform((batch,), -limit, limit, seed=self.generator)

    def get_config(self):
        own = {"flip": self.flip, "rotation": self.rotation, "zoom": self.zoom}
        return {**super().get_config(), **own, "seed": self.seed}


class RandomLight(keras.layers.Layer):
    """Change brightness, contrast and saturation by chance; the mask stays.

    Each limit is the largest change, on the scale of -1 to 1 for brightness and as a
    share for the other two. Hue stays: rust is told by it.
    """

    def __init__(
        self, brightness=0.2, contrast=0.3, saturation=0.3, seed=None, **kwargs
    ):
        super().__init__(**kwargs)
        self.brightness, self.contrast = brightness, contrast
        self.saturation, self.seed = saturation, seed
        self.generator = keras.random.SeedGenerator(seed)

    def call(self, sample, training=False):
        if not training:
            return sample
        image = sample["image"]
        batch = ops.shape(image)[0]
        grey = ops.sum(image * ops.convert_to_tensor(GREY), axis=-1, keepdims=True)
        image = grey + (image - grey) * (1 + self._uniform(batch, self.saturation))
        mean = ops.mean(image, axis=(1, 2, 3), keepdims=True)
        image = mean + (image - mean) * (1 + self._uniform(batch, self.contrast))
        image = image + self._uniform(batch, self.brightness)
        return {"image": ops.clip(image, -1, 1), "mask": sample["mask"]}

    def _uniform(self, batch, limit):
        return keras.random.uniform(
            (batch, 1, 1, 1), -limit, limit, seed=self.generator
        )

    def get_config(self):
        names = ("brightness", "contrast", "saturation", "seed")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}


def augmentation(seed=0):
    """Return the two layers with the course's limits, seeded."""
    return [RandomMove(seed=seed), RandomLight(seed=seed + 1)]
