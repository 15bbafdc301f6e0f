"""What a network sees in a picture or a region: the means of its feature maps."""

import keras
import numpy as np

from inspection.datasets.images.resizing import resize_area
from inspection.keras_shared.precision import EXACT, layers_of
from inspection.segmentation.batches import scale
from inspection.segmentation.encoder import ALPHA, load_weights

BATCH = 32


class FrozenEncoder:
    """MobileNetV2 with ImageNet weights from an .npz, as a function of pictures.

    Called with pictures uint8 [H, W, 3] of any size, it returns features [N, 1280].
    """

    @layers_of(EXACT)
    def __init__(self, weights, size=224):
        self.size = size
        self.network = keras.applications.MobileNetV2(
            (size, size, 3),
            ALPHA,
            include_top=False,
            weights=None,
            pooling="avg",
        )
        load_weights(self.network, weights)

    def __call__(self, images):
        size = (self.size, self.size)
        small = [resize_area(image, size) for image in images]
        parts = [
            self.network.predict_on_batch(scale(np.stack(small[i : i + BATCH])))
            for i in range(0, len(small), BATCH)
        ]
        return np.concatenate(parts)


def own_encoder(unet, size):
    """Return a function like `FrozenEncoder` from the coarsest maps of a trained U-Net."""
    coarse = unet.get_layer("dropout").output
    pooled = keras.layers.GlobalAveragePooling2D(dtype=EXACT)(coarse)
    network = keras.Model(unet.inputs, pooled)

    def extract(images):
        small = [resize_area(image, (size, size)) for image in images]
        return network.predict(scale(np.stack(small)), batch_size=BATCH, verbose=0)

    return extract


def cut_regions(image, boxes, around=0.25):
    """Return the parts of a picture in boxes (top, left, bottom, right), with a border.

    around: width of the border as a share of the box's longer side, at least 4 pixels.
    """
    parts = []
    for top, left, bottom, right in boxes:
        border = max(4, round(around * max(bottom - top, right - left)))
        parts.append(
            image[
                max(0, top - border) : bottom + border,
                max(0, left - border) : right + border,
            ]
        )
    return parts
