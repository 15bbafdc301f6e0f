"""Networks of keras.applications with their weights, from ImageNet or from a file."""

from functools import partial
from pathlib import Path

import keras

from inspection.common.errors import UserError
from inspection.keras_shared import weight_arrays

IMAGENET = "imagenet"
PLACE = "https://storage.googleapis.com/tensorflow/keras-applications"
MOBILENET_V2 = (
    "mobilenet_v2/mobilenet_v2_weights_tf_dim_ordering_tf_kernels_{}_224_no_top.h5"
)


def build_with_weights(build, weights, title, official):
    """Return build(weights=weights), a network of keras.applications without its top.

    weights: None, "imagenet" (downloaded by Keras, which checks the hash), or an
    official .h5. title and official, its file below PLACE, name the network where a
    UserError tells that there is no download, or that the file is of another network.
    """
    try:
        return build(weights=weights)
    except Exception as error:
        # Keras raises exceptions of every kind: no network, other layers, no HDF5
        raise _explained(error, weights, title, official) from error


def _explained(error, weights, title, official):
    if "URL fetch failure" in str(error):
        return UserError(
            f"the ImageNet weights of {title} could not be downloaded. Offline? Fetch "
            f"{PLACE}/{official} on another machine and give the path of the file in "
            "place of imagenet"
        )
    reason = str(error).splitlines()[0]
    if weights == IMAGENET:
        return UserError(f"there are no ImageNet weights of {title}: {reason}")
    return UserError(
        f"{weights} does not fit {title}: {reason}; wanted is {Path(official).name}"
    )


def check_source(source):
    """Raise UserError where `source`, a file or "imagenet", is not there."""
    if source != IMAGENET and not Path(source).is_file():
        raise UserError(
            f"{source} is no file of weights; give an .npz or .h5 file, or "
            f'"{IMAGENET}" to download them'
        )


def mobilenet_v2_arrays(source, alpha):
    """Return {layer/variable: array} of a MobileNetV2 `alpha` times as wide.

    source: "imagenet", an official "no top" .h5, or an .npz of such arrays. Raises
    UserError where they cannot be had.
    """
    check_source(source)
    if str(source).endswith(".npz"):
        return weight_arrays.read_npz(source)
    build = partial(
        keras.applications.MobileNetV2, (224, 224, 3), alpha, include_top=False
    )
    title, official = f"MobileNetV2 {alpha}", MOBILENET_V2.format(alpha)
    network = build_with_weights(build, source, title, official)
    return weight_arrays.arrays_of(network.layers)
