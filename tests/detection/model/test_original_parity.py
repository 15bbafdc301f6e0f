"""What the original Object Detection API computes, and what ours computes (TF 2.15.1)."""

import json

import numpy as np
import pytest
import tensorflow as tf

from inspection.detection.config import pipeline_config
from inspection.detection.model import checkpoint
from inspection.detection.model.anchors import make_anchors
from inspection.detection.model.network import build_network
from inspection.detection.model.postprocess import postprocess
from inspection.detection.model.preprocess import preprocess
from inspection.detection.training.losses import detection_losses
from inspection.detection.training.targets import assign

MODEL = "ssd_mobilenet_v2_fpnlite_320x320_coco17_tpu-8"
PICTURES = ("image1", "noise")


@pytest.fixture(scope="module")
def reference(shared_data):
    return shared_data / "odapi_reference"


@pytest.fixture(scope="module")
def settings(reference):
    return pipeline_config.read(reference / MODEL / "pipeline.config").model


@pytest.fixture
def network(reference, settings):
    network = build_network(settings)
    checkpoint.restore(network, reference / MODEL / "checkpoint/ckpt-0")
    return network


@pytest.fixture(scope="module")
def anchors(settings):
    return make_anchors((320, 320), settings.anchors)


@pytest.fixture(scope="module")
def batch(reference):
    """Return the three images, their padded boxes and classes counted from 1."""
    ground_truth = json.loads((reference / "loss.json").read_text())
    boxes = ground_truth["groundtruth_boxes_ymin_xmin_ymax_xmax_normalized"]
    classes = ground_truth["groundtruth_classes_zero_based"]
    rows = max(map(len, boxes))
    padded_boxes = np.zeros((len(boxes), rows, 4), np.float32)
    padded_classes = np.zeros((len(boxes), rows), np.int32)
    for i, (some_boxes, some_classes) in enumerate(zip(boxes, classes)):
        padded_boxes[i, : len(some_boxes)] = some_boxes
        padded_classes[i, : len(some_classes)] = np.array(some_classes) + 1
    with np.load(reference / "loss_targets.npz") as targets:
        return targets["preprocessed"], padded_boxes, padded_classes


def test_anchors_are_exactly_the_originals(reference, anchors):
    with np.load(reference / "outputs_noise.npz") as wanted:
        np.testing.assert_array_equal(anchors, wanted["anchors"])


def test_every_variable_of_the_zoo_checkpoint_has_its_place(reference, network):
    keyed = checkpoint.variables_by_key(network)
    listed = json.loads((reference / "zoo_checkpoint_variables.json").read_text())
    shapes = {name.removesuffix(checkpoint.SUFFIX): shape for name, shape in listed}
    weights = {k: s for k, s in shapes.items() if k.startswith("model/")}
    assert len(keyed) == len(weights) == 384
    assert {k: list(v.shape) for k, v in keyed.items()} == weights
    left = {"_CHECKPOINTABLE_OBJECT_GRAPH", "save_counter"}
    assert set(shapes) - set(keyed) == left


@pytest.mark.parametrize("scope, used", [("full", 384), ("detection", 290)])
def test_restore_accounts_for_every_variable(reference, settings, scope, used):
    network = build_network(settings)
    restored = checkpoint.restore(network, reference / MODEL / "checkpoint", scope)
    assert (len(restored.used), len(restored.unused)) == (used, 384 - used)


@pytest.mark.parametrize("image", PICTURES)
def test_network_outputs(reference, network, image):
    with np.load(reference / f"outputs_{image}.npz") as wanted:
        outputs = network(wanted["preprocessed"], training=False)
        for name, value in outputs.items():
            np.testing.assert_allclose(value, wanted[name], rtol=0, atol=1e-3)


@pytest.mark.parametrize("image", PICTURES)
def test_detections_from_the_png(reference, network, settings, anchors, image):
    png = tf.io.decode_png((reference / f"{image}.png").read_bytes(), 3)
    prepared, _ = preprocess(png[None], settings)
    found = postprocess(network(prepared, training=False), anchors, settings)
    with np.load(reference / f"outputs_{image}.npz") as wanted:
        np.testing.assert_allclose(prepared, wanted["preprocessed"], atol=1e-5)
        boxes, scores = wanted["post_detection_boxes"], wanted["post_detection_scores"]
        classes, number = (
            wanted["post_detection_classes"],
            wanted["post_num_detections"],
        )
    assert int(found["num_detections"][0]) == int(number[0]) == 100
    np.testing.assert_allclose(found["detection_boxes"], boxes, rtol=0, atol=1e-3)
    np.testing.assert_allclose(found["detection_scores"], scores, rtol=0, atol=1e-4)
    np.testing.assert_array_equal(found["detection_classes"], classes)


def test_targets_are_the_originals(reference, settings, anchors, batch):
    _, boxes, classes = batch
    codes, labels, matched = assign(boxes, classes, anchors, settings)
    with np.load(reference / "loss_targets.npz") as wanted:
        np.testing.assert_array_equal(matched, wanted["target_match"] >= 0)
        np.testing.assert_array_equal(matched, wanted["target_reg_weights"])
        np.testing.assert_allclose(codes, wanted["target_reg_targets"], atol=1e-5)
        hot = tf.one_hot(labels, 91).numpy()[..., 1:]
        np.testing.assert_array_equal(hot, wanted["target_cls_targets"][..., 1:])


# with statistics of the batch this network is chaotic: a change of 1e-7 in the input
# moves its gradient by 2 %, so other kernels of the same sums move the norm as well
GRADIENT_TOLERANCE = {"inference": 1e-4, "training": 5e-3}


@pytest.mark.parametrize("mode", ["inference", "training"])
def test_losses_and_gradient(reference, network, settings, anchors, batch, mode):
    images, boxes, classes = batch
    variables = [variable.value for variable in network.trainable_variables]
    with tf.GradientTape() as tape:
        outputs = network(images, training=mode == "training")
        targets = assign(boxes, classes, anchors, settings)
        localization, classification = detection_losses(outputs, targets, settings)
        regularization = tf.add_n(network.losses)
        total = localization + classification + regularization
    gradient = tf.linalg.global_norm(tape.gradient(total, variables))
    losses = json.loads((reference / "loss.json").read_text())
    wanted = losses[f"{mode}_mode_batchnorm"]
    ours = {
        "Loss/localization_loss": localization,
        "Loss/classification_loss": classification,
        "regularization": regularization,
        "total": total,
    }
    for name, value in ours.items():
        assert float(value) == pytest.approx(wanted[name], rel=1e-4), name
    tolerance = GRADIENT_TOLERANCE[mode]
    norm = wanted["global_gradient_norm"]
    assert float(gradient) == pytest.approx(norm, rel=tolerance)
    assert len(network.losses) == wanted["n_regularization_terms"] == 63


def test_moving_statistics_after_one_step(reference, network, batch):
    network(batch[0], training=True)
    with np.load(reference / "batchnorm_after_step.npz") as wanted:
        for key, value in wanted.items():
            name = "bn_Conv1" if "bn_Conv1" in key else "smoothing_1_batchnorm"
            statistic = "moving_mean" if "moving_mean" in key else "moving_variance"
            ours = getattr(network.get_layer(name), statistic)
            np.testing.assert_allclose(ours, value, rtol=1e-5, atol=1e-6)
