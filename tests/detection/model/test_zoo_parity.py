"""What the original computes for the zoo's other SSD models, and what ours computes.

The weights of the references follow from the keys of their variables.
"""

import json
import zlib

import keras
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

MODELS = (
    "ssd_mobilenet_v2_320x320_coco17_tpu-8",
    "ssd_mobilenet_v1_fpn_640x640_coco17_tpu-8",
    "ssd_resnet50_v1_fpn_640x640_coco17_tpu-8",
    "ssd_mobilenet_v2_fpnlite_640x640_coco17_tpu-8",
    "ssd_efficientdet_d0_512x512_coco17_tpu-8",
    "ssd_efficientdet_d0_512x512_coco17_tpu-8_positive_fusion",
)
TOLERANCE = 2e-4
FUSION = "bifpn_combine_weights"


def draw(key, shape, statistics, positive):
    """Return the weight that the reference has under a key."""
    leaf, rng = key.rsplit("/", 1)[1], np.random.default_rng(zlib.crc32(key.encode()))
    if leaf.startswith("moving_"):
        return statistics[key]
    if leaf == "gamma":
        values = rng.uniform(0.8, 1.2, shape)
    elif leaf in ("beta", "bias"):
        values = rng.normal(0, 0.1, shape)
    elif leaf == FUSION and positive:
        values = rng.uniform(0.5, 1.5, shape)
    else:
        inputs = np.prod(shape[:2] if leaf == "depthwise_kernel" else shape[:-1])
        values = rng.normal(0, (2 / inputs) ** 0.5, shape)
    return values.astype("float32")


class Reference:
    """The files of one model, and what ours makes of the same picture."""

    def __init__(self, shared, name):
        self.folder = shared / "zoo_reference" / name
        config = self.folder / "pipeline.config"
        self.settings = pipeline_config.read(config).model
        self.network = build_network(self.settings)
        self.keyed = checkpoint.variables_by_key(self.network)
        listed = json.loads((self.folder / "variables.json").read_text())
        self.shapes = {key: tuple(shape) for key, shape in listed["variables"]}
        with np.load(self.folder / "batchnorm_statistics.npz") as statistics:
            for key, variable in self.keyed.items():
                wanted = self.shapes[key], statistics, name.endswith("_fusion")
                variable.assign(draw(key, *wanted))
        png = (shared / "odapi_reference/image1.png").read_bytes()
        image = tf.io.decode_png(png, 3)[None]
        self.prepared, self.window = preprocess(image, self.settings)
        self.outputs = self.network(self.prepared, training=False)
        self.anchors = make_anchors(self.settings.size, self.settings.anchors)
        with np.load(self.folder / "outputs.npz") as arrays:
            self.wanted = dict(arrays)


@pytest.fixture(scope="module", params=MODELS)
def reference(request, shared_data):
    if not (shared_data / "zoo_reference").is_dir():
        pytest.skip("the references of the zoo's other models are not here")
    return Reference(shared_data, request.param)


def test_every_variable_has_its_place(reference):
    ours = {key: tuple(variable.shape) for key, variable in reference.keyed.items()}
    assert ours == reference.shapes


def test_every_key_of_the_archive_is_known(reference):
    index = reference.folder / "zoo_archive_index.txt"
    if not index.is_file():
        pytest.skip("of this archive no list of keys is here")
    listed = {line.split()[0] for line in index.read_text().splitlines() if line}
    stored = {key.removesuffix(checkpoint.SUFFIX) for key in listed}
    left = {"_CHECKPOINTABLE_OBJECT_GRAPH", "save_counter"}
    assert {key for key in stored if key.startswith("model/")} == set(reference.keyed)
    assert stored - set(reference.keyed) == left


def test_prepared_image(reference):
    rows = reference.wanted["preprocessed_rows"]
    np.testing.assert_array_equal(reference.prepared[0, ::16, ::16], rows)
    ((height, width, _),) = reference.wanted["true_image_shapes"]
    rows, columns = reference.settings.size
    np.testing.assert_allclose(reference.window[2:], [height / rows, width / columns])


def test_anchors(reference):
    wanted, anchors = reference.wanted, reference.anchors
    assert len(anchors) == wanted["anchor_count"]
    np.testing.assert_allclose(anchors[wanted["rows"]], wanted["anchors"], atol=2e-7)
    total = anchors.astype(np.float64).sum(axis=0)
    np.testing.assert_allclose(total, wanted["anchors_sum"], rtol=1e-6)


@pytest.mark.parametrize("head", ["box_encodings", "class_predictions_with_background"])
def test_outputs(reference, head):
    ours = reference.outputs[head].numpy()[0][reference.wanted["rows"]]
    wanted = reference.wanted[head].reshape(ours.shape)
    np.testing.assert_allclose(ours, wanted, rtol=0, atol=TOLERANCE)


def in_order(boxes, scores, classes):
    """Return detections as rows, sorted so that equal scores do not matter."""
    rows = np.concatenate([boxes, scores[:, None], classes[:, None]], axis=1)
    return rows[np.lexsort(rows.round(4).T)]


def test_detections(reference):
    found = postprocess(
        reference.outputs,
        tf.constant(reference.anchors),
        reference.settings,
        reference.window,
    )
    parts = ("detection_boxes", "detection_scores", "detection_classes")
    ours = in_order(*(found[part].numpy()[0] for part in parts))
    wanted = [reference.wanted[f"post_{part}"] for part in parts]
    wanted = in_order(wanted[0].reshape(-1, 4), wanted[1].ravel(), wanted[2].ravel())
    number = int(reference.wanted["post_num_detections"].ravel()[0])
    assert int(found["num_detections"][0]) == number
    np.testing.assert_allclose(ours, wanted, rtol=0, atol=TOLERANCE)


def test_losses(reference):
    losses = json.loads((reference.folder / "loss.json").read_text())
    boxes = np.float32([losses["groundtruth_boxes"]])
    classes = np.int32([losses["groundtruth_classes_0based"]]) + 1
    anchors, settings = tf.constant(reference.anchors), reference.settings
    targets = assign(boxes, classes, anchors, settings)
    localization, classification = detection_losses(
        reference.outputs, targets, settings
    )
    wanted = losses["Loss/localization_loss"], losses["Loss/classification_loss"]
    assert float(localization) == pytest.approx(wanted[0], rel=1e-5)
    assert float(classification) == pytest.approx(wanted[1], rel=1e-5)
    penalties = reference.network.losses
    assert len(penalties) == losses["regularization_terms"]
    total = float(tf.add_n(penalties))
    assert total == pytest.approx(losses["regularization"], rel=1e-5)


def map_layers(settings):
    """Return the names of the layers whose outputs the heads read, fine to coarse."""
    extractor = settings.feature_extractor
    if extractor.type == "ssd_mobilenet_v2_keras":
        extra = [f"extra_{number}_3x3_relu" for number in range(2, 6)]
        return ["block_13_expand_relu", "out_relu", *extra]
    if extractor.bifpn.num_iterations:
        last = 2 + 8 * extractor.bifpn.num_iterations
        return [f"bifpn_{number}_batchnorm" for number in range(last - 5, last)]
    fine = ["smoothing_1_relu", "smoothing_2_relu", "projection_3"]
    return [*fine, "coarse_6_relu", "coarse_7_relu"]


def test_feature_maps(reference):
    names = map_layers(reference.settings)
    outputs = [reference.network.get_layer(name).output for name in names]
    maps = keras.Model(reference.network.input, outputs)(reference.prepared)
    assert f"feature_map_{len(maps)}" not in reference.wanted
    for number, found in enumerate(maps):
        wanted = reference.wanted[f"feature_map_{number}"]
        rows, columns, channels = found.shape[1:]
        steps = max(1, rows // 4), max(1, columns // 4), max(1, channels // 16)
        ours = found[0, :: steps[0], :: steps[1], :: steps[2]]
        np.testing.assert_allclose(ours, wanted, rtol=0, atol=TOLERANCE)
