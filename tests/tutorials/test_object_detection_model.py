"""model_builder.build against what the original computes from its own checkpoint."""

import numpy as np
import pytest
import tensorflow as tf
from google.protobuf import text_format
from PIL import Image

from helpers.tiny_detector import tiny_config
from inspection.common import notices
from inspection.common.errors import DatasetError, UserError
from inspection.detection.config.coco_names import names_by_id
from inspection.detection.model import checkpoint
from inspection.detection.model.network import build_network
from object_detection.builders import model_builder
from object_detection.protos import pipeline_pb2
from object_detection.utils import config_util, visualization_utils

MODEL = "ssd_mobilenet_v2_fpnlite_320x320_coco17_tpu-8"


def message_of(config):
    found = pipeline_pb2.TrainEvalPipelineConfig()
    text_format.Merge(config.text(), found)
    return found.model


def detect(model, image):
    prepared, shapes = model.preprocess(tf.constant(image[None], tf.float32))
    return model.postprocess(model.predict(prepared, shapes), shapes), prepared, shapes


@pytest.mark.parametrize("name", ["image1", "noise"])
def test_the_loop_of_tutorials_gives_the_detections_of_the_original(
    shared_data, tmp_path, name
):
    folder = shared_data / "odapi_reference"
    configs = config_util.get_configs_from_pipeline_file(
        str(folder / MODEL / "pipeline.config")
    )
    model = model_builder.build(model_config=configs["model"], is_training=False)
    restored = tf.train.Checkpoint(model=model).restore(
        str(folder / MODEL / "checkpoint/ckpt-0")
    )
    restored.assert_existing_objects_matched()
    image = np.array(Image.open(folder / f"{name}.png").convert("RGB"))
    found, prepared, shapes = detect(model, image)
    assert shapes.numpy().tolist() == [[320, 320, 3]]
    with np.load(folder / f"outputs_{name}.npz") as wanted:
        np.testing.assert_allclose(prepared, wanted["preprocessed"], atol=1e-5)
        for key in ("boxes", "scores", "classes"):
            reference = wanted[f"post_detection_{key}"]
            ours = found[f"detection_{key}"].numpy().reshape(reference.shape)
            np.testing.assert_allclose(ours, reference, atol=1e-4, err_msg=key)
    assert int(found["num_detections"][0]) == 100
    drawn = image.copy()
    visualization_utils.visualize_boxes_and_labels_on_image_array(
        drawn,
        found["detection_boxes"][0].numpy(),
        found["detection_classes"][0].numpy().astype(int) + 1,
        found["detection_scores"][0].numpy(),
        {i: {"id": i, "name": n} for i, n in names_by_id().items()},
        use_normalized_coordinates=True,
        max_boxes_to_draw=8,
        min_score_thresh=0.3,
    )
    assert (drawn != image).any()
    Image.fromarray(drawn).save(tmp_path / "drawn.png")


def test_our_checkpoints_are_read_by_their_names(tmp_path):
    config = tiny_config()
    network = build_network(config.model)
    prefix = checkpoint.write(network, tmp_path / "ckpt-0")
    model = model_builder.build(message_of(config), False)
    tf.train.Checkpoint(model=model).restore(prefix).expect_partial()
    image = np.full((1, 64, 64, 3), 90, np.float32)
    prepared, shapes = model.preprocess(image)
    found = model.predict(prepared, shapes)
    for key, value in network(prepared, training=False).items():
        np.testing.assert_allclose(found[key], value, atol=1e-6)


def test_a_padded_picture_has_its_own_shape():
    config = tiny_config()
    config.message.find("model.ssd.image_resizer")[0].value.fields.clear()
    for name, value in {
        "min_dimension": 64,
        "max_dimension": 64,
        "pad_to_max_dimension": True,
    }.items():
        config.set(f"model.ssd.image_resizer.keep_aspect_ratio_resizer.{name}", value)
    model = model_builder.build(message_of(config))
    found, prepared, shapes = detect(model, np.full((40, 80, 3), 90, np.float32))
    assert prepared.shape == (1, 64, 64, 3)
    assert shapes.numpy().tolist() == [[32, 64, 3]]
    assert found["detection_boxes"].numpy().max() <= 1


def test_without_a_checkpoint_it_says_that_it_guesses(monkeypatch, capsys):
    monkeypatch.setattr(notices, "_said", set())
    model = model_builder.build(message_of(tiny_config()))
    detect(model, np.zeros((64, 64, 3), np.float32))
    assert "no checkpoint was restored" in capsys.readouterr().err


def test_training_and_other_models_are_refused():
    message = message_of(tiny_config())
    with pytest.raises(UserError, match="train with model_main_tf2.py"):
        model_builder.build(message, is_training=True)
    message.ssd.feature_extractor.type = "ssd_inception_v2_keras"
    with pytest.raises(DatasetError, match="inception"):
        model_builder.build(message)
