"""Detectors trained in 16 bits: losses and outputs of 32, exports as of float32."""

import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter
from PIL import Image

from helpers.tiny_detector import (
    FAMILIES,
    family_config,
    make_records,
    painted_boxes,
    random_record,
    tiny_config,
)
from inspection.detection.evaluation import evaluator
from inspection.detection.export import tflite_conversion, tflite_graph
from inspection.detection.model import checkpoint
from inspection.detection.model.detector import load_detector
from inspection.detection.model.network import build_network
from inspection.detection.training import training_loop
from inspection.detection.training.input_pipeline import training_batches
from inspection.keras_shared import precision
from inspection.tflite.formats import FORMATS

OWN = "ssd_mobilenet_v2_fpnlite_320x320"
NAMES = [OWN, *(pytest.param(name, marks=pytest.mark.soak) for name in FAMILIES)]
# of scores: as for the exports of the notebooks
TOLERANCE = {"float32": 1e-4, "float16": 5e-3, "dynamic": 0.05, "int8": 0.1}
PARTS = ("localization_loss", "classification_loss", "regularization_loss")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return make_records(tmp_path_factory.mktemp("mixed"))


@pytest.fixture(autouse=True)
def mixed():
    """Set Keras to 16 bits, as a notebook on a GPU may, around all that a test does."""
    with precision.layers_of(precision.MIXED):
        yield


def config_of(name, folder, steps=2):
    if name == OWN:
        return tiny_config(folder, steps)
    return family_config(folder, name, steps)


def first_losses(trainer, config):
    """Return the losses of the first batch, and the statistics after it."""
    images, truth = next(iter(training_batches(config, 0)))
    trainer.compute_loss(images, truth, trainer.network(images, training=True))
    losses = {name: float(trainer.parts[name].result()) for name in PARTS}
    keyed = checkpoint.variables_by_key(trainer.network)
    return losses, {k: v.numpy() for k, v in keyed.items() if "/moving_" in k}


@pytest.mark.parametrize("name", NAMES)
def test_losses_and_statistics_are_those_of_float32(folder, name):
    config = config_of(name, folder)
    trainer = training_loop.build_trainer(config)
    with precision.layers_of(precision.EXACT):
        exact = training_loop.build_trainer(config)
    exact.network.set_weights(trainer.network.get_weights())
    assert precision.policy_of(trainer.network) == precision.MIXED
    assert {str(x.dtype) for x in trainer.network.outputs} == {"float32"}
    assert {str(v.dtype) for v in trainer.network.variables} == {"float32"}
    losses, moved = first_losses(trainer, config)
    wanted, wanted_moved = first_losses(exact, config)
    assert losses == pytest.approx(wanted, rel=0.02)
    # but for what 16 bits leave of the maps before them
    for key, value in wanted_moved.items():
        np.testing.assert_allclose(moved[key], value, rtol=0.05, atol=0.01)


def weights_in(prefix):
    """Return {key: array} of what is learned, out of a checkpoint."""
    reader = tf.train.load_checkpoint(str(prefix))
    keys = [k for k in reader.get_variable_to_shape_map() if k.startswith("model/")]
    return {key: reader.get_tensor(key) for key in keys if "/moving_" not in key}


def train_and_stop(name, folder, model_dir):
    """Train in two parts, as after a stop; return the config."""
    config = config_of(name, folder, steps=4)
    training_loop.train(config, model_dir, 2, checkpoint_every=1)
    trainer = training_loop.train(config, model_dir)
    assert precision.policy_of(trainer.network) == precision.MIXED
    assert int(trainer.optimizer.iterations) == 4
    losses = pd.read_csv(model_dir / "history.csv")
    assert losses["step"].tolist() == [2, 4]
    assert np.isfinite(losses.to_numpy(float)).all()
    first, last = weights_in(model_dir / "ckpt-1"), weights_in(model_dir / "ckpt-3")
    moved = [key for key in first if (first[key] != last[key]).any()]
    assert len(moved) > 0.9 * len(first), "steps overflowed, or layers do not learn"
    return config


def draw_pictures(folder, size):
    """Write four pictures of a size; return the last."""
    folder.mkdir()
    for number in range(4):
        record = random_record(number)
        pixels = painted_boxes(record.boxes, record.class_ids, size, number)
        Image.fromarray(pixels).save(folder / f"{number}.png")
    return pixels


def run_tflite(path, pixels):
    """Return box codes and scores of all anchors out of a file of raw heads."""
    interpreter = Interpreter(str(path))
    interpreter.allocate_tensors()
    (detail,) = interpreter.get_input_details()
    if detail["dtype"] == np.float32:
        pixels = np.float32(pixels) / 127.5 - 1
    interpreter.set_tensor(detail["index"], pixels[None])
    interpreter.invoke()
    return [dequantized(interpreter, k) for k in interpreter.get_output_details()]


def dequantized(interpreter, detail):
    values = interpreter.get_tensor(detail["index"])
    scale, zero = detail["quantization"]
    return (np.float32(values) - zero) * scale if scale else values


@pytest.mark.soak
@pytest.mark.parametrize("name", [OWN, *FAMILIES])
def test_exports_agree_with_float32(folder, tmp_path, name):
    config = train_and_stop(name, folder, tmp_path / "training")
    settings = config.model
    detector = load_detector(config, tmp_path / "training")
    assert len(evaluator.evaluate(detector, config).detections) == 8
    saved, _ = tflite_graph.export_graph(
        config, tmp_path / "training", tmp_path / "graph", raw_heads=True
    )
    pixels = draw_pictures(tmp_path / "pictures", settings.size)
    with precision.layers_of(precision.EXACT):
        network = build_network(settings)
    checkpoint.restore(network, tmp_path / "training")
    suppression = tflite_graph.Suppression().resolved(settings)
    graph = tflite_graph.DetectionGraph(network, settings, suppression)
    heads = graph.raw_heads(tf.constant(np.float32(pixels)[None] / 127.5 - 1))
    codes, scores = (heads[name].numpy() for name in tflite_graph.RAW_OUTPUTS)
    paths = tflite_conversion.convert_all(
        saved, tmp_path / "tflite", images=tmp_path / "pictures"
    )
    for format, path in zip(FORMATS, paths, strict=True):
        found_codes, found_scores = run_tflite(path, pixels)
        gap = TOLERANCE[format]
        np.testing.assert_allclose(found_scores, scores, atol=gap)
        np.testing.assert_allclose(found_codes, codes, atol=gap * np.ptp(codes))
