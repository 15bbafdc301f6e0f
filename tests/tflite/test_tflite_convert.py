"""The four formats: weights inside, pixels go in as they are, answers as in Keras."""

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter

from helpers.tiny_networks import SIZE, classifier, segmenter
from inspection.common.errors import UserError
from inspection.tflite import convert as conversion
from inspection.tflite import model as tflite_model
from inspection.tflite.convert import FORMATS, convert_keras

# of a score: float16 has 11 bits, one step of 8 bits is .004
TOLERANCE = {"float32": 1e-6, "float16": 2e-3, "dynamic": 0.02, "int8": 0.03}


def sample_images(count=20, low=-1.0, high=1.0):
    """Return a function as `representative` wants it: noise of some brightness."""

    def generate():
        rng = np.random.default_rng(0)
        for _ in range(count):
            yield rng.uniform(low, high, (1, SIZE, SIZE, 3)).astype("float32")

    return generate


def run(data, image):
    """Return the output for a float picture, put in as the file wants it."""
    interpreter = Interpreter(model_content=data)
    interpreter.allocate_tensors()
    wanted = interpreter.get_input_details()[0]
    if wanted["dtype"] == np.uint8:
        image = np.round(image * 127.5 + 127.5).astype("uint8")
    interpreter.set_tensor(wanted["index"], image)
    interpreter.invoke()
    return interpreter.get_tensor(interpreter.get_output_details()[0]["index"])


@pytest.mark.parametrize("format", FORMATS)
def test_answers_are_those_of_keras(format):
    image = next(sample_images()())
    for network in (classifier(), segmenter()):
        data = convert_keras(network, format, sample_images())
        wanted = network(image).numpy()
        np.testing.assert_allclose(run(data, image), wanted, atol=TOLERANCE[format])


def test_int8_takes_pixels_whatever_the_pictures_showed():
    network = classifier()
    dark = sample_images(low=-0.9, high=-0.5)
    data = convert_keras(network, "int8", dark)
    detail = Interpreter(model_content=data).get_input_details()[0]
    scale, zero = detail["quantization"]
    # pixel 0 is -1, pixel 255 is 1
    assert detail["dtype"] == np.uint8
    assert scale == pytest.approx(2 / 255) and zero in (127, 128)


def test_a_batch_can_be_asked_for():
    network = classifier()
    data = convert_keras(network, "float32")
    interpreter = Interpreter(model_content=data)
    interpreter.resize_tensor_input(0, [4, SIZE, SIZE, 3])
    interpreter.allocate_tensors()
    index = interpreter.get_input_details()[0]["index"]
    images = np.random.default_rng(0).uniform(-1, 1, (4, SIZE, SIZE, 3))
    interpreter.set_tensor(index, images.astype("float32"))
    interpreter.invoke()
    found = interpreter.get_tensor(interpreter.get_output_details()[0]["index"])
    wanted = network.predict(images, verbose=0)
    np.testing.assert_allclose(found, wanted, atol=1e-5)


def test_only_a_classifier_leaves_the_batch_open():
    for network, batch in ((classifier(), -1), (segmenter(), 1)):
        interpreter = Interpreter(model_content=convert_keras(network, "float32"))
        detail = interpreter.get_input_details()[0]
        assert detail["shape"].tolist() == [1, SIZE, SIZE, 3]
        assert detail["shape_signature"][0] == batch


def test_int8_without_pictures_is_refused():
    with pytest.raises(UserError, match="needs representative pictures"):
        convert_keras(classifier(), "int8")
    with pytest.raises(UserError, match="there are none"):
        convert_keras(classifier(), "int8", lambda: iter([]))


def test_an_unknown_format_is_refused():
    with pytest.raises(UserError, match="float8 is no format.*float32, float16"):
        convert_keras(classifier(), "float8")


def test_weights_are_counted_before_a_file_is_believed():
    data = convert_keras(classifier(), "float32")
    conversion._check_weights(data, 300, "float32")
    with pytest.raises(RuntimeError, match="the weights are not inside"):
        conversion._check_weights(data, 300_000, "float32")


def test_nothing_is_printed(capfd):
    convert_keras(classifier(), "int8", sample_images())
    assert capfd.readouterr() == ("", "")


def test_operators_are_named_in_their_order():
    data = convert_keras(segmenter(), "float32")
    names = tflite_model.operator_names(tflite_model.unpack(data))
    assert names == ["CONV_2D", "CONV_2D", "SOFTMAX"]
