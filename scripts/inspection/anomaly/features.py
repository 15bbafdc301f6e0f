"""What a pretrained MobileNetV2 sees at each place of a picture: patch features.

Three depths of the network are brought to one grid, each place the mean of it and its
neighbours, as PatchCore does (Roth et al. 2022, section 3.1): the fine maps know edges and
grain, the coarse ones what stands around them.
"""

import keras
import numpy as np

from inspection.common.errors import UserError
from inspection.datasets.images.image_file import read_rgb
from inspection.datasets.images.resizing import resize_area
from inspection.keras_shared import weight_arrays
from inspection.keras_shared.pretrained import mobilenet_v2_arrays

ALPHA = 0.35  # width of the network; the weights must be of the same
TAPS = ("block_3_expand_relu", "block_6_expand_relu", "block_13_expand_relu")
CELL = 8  # pixels of a picture to one place of the grid, that of the middle tap
MULTIPLE = 32  # of which the side of a picture is one: so often is it halved
NEIGHBOURS = 3  # places on a side that are averaged
BATCH = 16


def build_features(size, weights):
    """Return a frozen network: pictures [N, size, size, 3] to [N, size/8, size/8, C].

    Pictures are float32 from -1 to 1. weights: an .npz or .h5 of MobileNetV2 0.35
    without its top, or "imagenet" to download it. Raises UserError for a size that is
    no multiple of 32, and where the weights do not fit.
    """
    if size % MULTIPLE:
        raise UserError(f"size {size} must be a multiple of {MULTIPLE}")
    image = keras.Input((size, size, 3), name="image")
    base = keras.applications.MobileNetV2(
        input_tensor=image, alpha=ALPHA, include_top=False, weights=None
    )
    stored = mobilenet_v2_arrays(weights, ALPHA)
    layers = [layer for layer in base.layers if layer.weights]
    weight_arrays.assign(stored, layers, weights, f"MobileNetV2 for alpha {ALPHA}")
    maps = [_on_grid(base.get_layer(name).output, size // CELL) for name in TAPS]
    network = keras.Model(image, keras.layers.Concatenate(name="patches")(maps))
    network.trainable = False
    return network


def _on_grid(features, side):
    """Average each place with its neighbours and bring the map to `side` places."""
    mean = keras.layers.AveragePooling2D(NEIGHBOURS, 1, "same")
    stride = features.shape[1] // side
    if stride > 1:
        return mean(keras.layers.AveragePooling2D(stride)(features))
    features = mean(features)
    times = side // features.shape[1]
    if times == 1:
        return features
    return keras.layers.UpSampling2D(times, interpolation="bilinear")(features)


def read_batch(paths, size):
    """Return pictures as the network sees them, float32 [N, size, size, 3], -1 to 1."""
    images = [resize_area(read_rgb(path), (size, size)) for path in paths]
    return scale(np.stack(images))


def scale(images):
    """Return uint8 pictures as float32 from -1 to 1."""
    return np.float32(images) / 127.5 - 1


def answers_of_files(network, paths, tick=lambda: None):
    """Yield the answer of a network to each picture file, as arrays without a batch.

    tick: is called after each picture, for a progress bar.
    """
    size = network.input_shape[1]
    for start in range(0, len(paths), BATCH):
        batch = read_batch(paths[start : start + BATCH], size)
        # predict() would be compiled anew for each network, and warn of it
        for row in np.asarray(network(batch, training=False)):
            tick()
            yield row
