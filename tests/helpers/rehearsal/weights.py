"""Weight files under the names that Keras asks for, with numbers at random."""

from functools import partial

import h5py
import keras
from keras.src.legacy.saving import legacy_h5_format

NETWORKS = keras.applications
MOBILE = "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_{}_224_no_top.h5"
RESNET = "{}_weights_tf_dim_ordering_tf_kernels_notop.h5"
SHAPE = (224, 224, 3)
BUILDERS = {
    RESNET.format("vgg16"): NETWORKS.VGG16,
    RESNET.format("resnet50"): NETWORKS.ResNet50,
    RESNET.format("resnet50v2"): NETWORKS.ResNet50V2,
    MOBILE.format("0.35"): partial(NETWORKS.MobileNetV2, alpha=0.35),
    MOBILE.format("1.0"): partial(NETWORKS.MobileNetV2, alpha=1.0),
}


def write_weights(folder, names=tuple(BUILDERS)):
    """Write files of weights into a folder; return {name: path}."""
    keras.utils.set_random_seed(1)
    files = {}
    for name in names:
        files[name] = folder / name
        network = BUILDERS[name](weights=None, include_top=False, input_shape=SHAPE)
        with h5py.File(files[name], "w") as file:
            legacy_h5_format.save_weights_to_hdf5_group(file, network)
    return files
