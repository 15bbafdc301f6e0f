"""Write a ResNet-50 for pictures of 32x32 as .tflite: what serve_load.py loads.

keras.applications.ResNet50 with its own stem, ten classes, random weights (seed 0): the
time of an answer does not depend on the weights.
"""

from helpers import ROOT

PATH = ROOT / "build/benchmarks/resnet50_32.tflite"
CLASSES = "airplane automobile bird cat deer dog frog horse ship truck".split()


def write_model():
    """Write the model at PATH."""
    import keras

    from inspection.common.atomic_files import atomic_write
    from inspection.tflite.convert import convert_keras
    from inspection.tflite.metadata import add_metadata

    keras.utils.set_random_seed(0)
    options = {"weights": None, "input_shape": (32, 32, 3), "classes": len(CLASSES)}
    network = keras.applications.ResNet50(**options)
    content = convert_keras(network, "float32")
    content = add_metadata(content, "classifier", CLASSES, PATH.stem, "random weights")
    with atomic_write(PATH) as temporary:
        temporary.write_bytes(content)
