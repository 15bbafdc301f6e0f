"""Model Garden's RetinaNet, trained for two steps, judged and exported by the course.

Notebook 08 does so at every change; here what it does not look at.
"""

import copy

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("official", reason="needs requirements-modelgarden.txt")

import tensorflow as tf
from official.vision.ops import box_ops

from inspection.detection.evaluation import evaluator
from inspection.detection.training.input_pipeline import evaluation_batches
from inspection.model_garden import anchors, backbone, experiment, export, training
from inspection.model_garden.detector import GardenDetector, standardize

pytestmark = pytest.mark.soak


@pytest.fixture(scope="module")
def trained(config, start, tmp_path_factory):
    """Return (experiment, folder, model, curves) after two steps from our backbone."""
    folder = tmp_path_factory.mktemp("trained")
    start = backbone.write_checkpoint(start, experiment.make_experiment(config), folder)
    wanted = experiment.make_experiment(config, start)
    return wanted, folder, *training.train(wanted, folder / "model")


def test_trains_on_our_records(trained):
    _, folder, _, curves = trained
    assert curves.index.tolist() == [2]
    assert np.isfinite(curves.to_numpy()).all()
    assert tf.train.latest_checkpoint(str(folder / "model"))


def test_a_training_that_is_done_already_keeps_its_curves(trained):
    wanted, folder, _, curves = trained
    _, again = training.train(wanted, folder / "model")
    pd.testing.assert_frame_equal(again, curves)


def test_our_coco_code_judges_it(trained, config):
    wanted, _, model, _ = trained
    result = evaluator.evaluate(GardenDetector(model, wanted), config)
    assert len(result.ground_truths) == 6
    assert result.coco.warnings == ()  # boxes of known classes were found


@pytest.fixture(scope="module")
def files(trained, tmp_path_factory):
    """Return {format: path} of the exported .tflite, calibrated with two pictures."""
    wanted, folder = copy.deepcopy(trained[0]), trained[1]
    keep = wanted.task.model.detection_generator.tflite_post_processing
    keep.nms_score_threshold = 0.0  # after two steps no score is high
    output = tmp_path_factory.mktemp("exported")
    return export.export_tflite(wanted, folder / "model", output, images=2)


def test_int8_is_smaller(files):
    assert set(files) == {"float32", "int8"}
    assert files["int8"].stat().st_size < 0.5 * files["float32"].stat().st_size


def boxes_of_all_anchors(model, images, config):
    """Return what the heads say of each anchor, as boxes [N, 4] in 0..1."""
    codes = model.head(model.decoder(model.backbone(standardize(images))))[1]
    codes = np.concatenate([np.reshape(level, (-1, 4)) for level in codes.values()])
    grid = anchors.make_anchors(images.shape[1:3], config.model.anchors)
    return box_ops.decode_boxes(codes, grid, [10.0, 10.0, 5.0, 5.0]).numpy()


def test_exported_file_finds_what_the_model_finds(trained, files, config):
    wanted, _, model, _ = trained
    images, _ = next(iter(evaluation_batches(config)))
    (inside,) = GardenDetector(model, wanted).detect_prepared(images[:1])
    (outside,) = export.TfliteDetector(files["float32"]).detect_prepared(images[:1])
    assert outside.scores.max() == pytest.approx(inside.scores.max(), abs=1e-4)
    # after two steps scores are nearly equal, and which box wins is chance: but each
    # one is a box of the network
    every = boxes_of_all_anchors(model, images[:1], config)
    off = np.abs(outside.boxes[:, None] - every[None]).max(-1).min(1)
    assert len(off) > 20 and off.max() < 1e-3


def test_exported_file_loses_no_class_on_two_threads(files, config):
    images, _ = next(iter(evaluation_batches(config)))
    one, two = (export.TfliteDetector(files["float32"], n) for n in (1, 2))
    for image in images:
        alone, shared = (d.detect_prepared(image[None])[0] for d in (one, two))
        np.testing.assert_array_equal(shared.class_ids, alone.class_ids)
        np.testing.assert_allclose(shared.scores, alone.scores, atol=1e-6)


def test_saved_model_takes_pictures_of_any_size(trained, tmp_path):
    wanted, folder, _, _ = trained
    made = export.export_saved_model(wanted, folder / "model", tmp_path / "saved")
    serve = tf.saved_model.load(str(made)).signatures["serving_default"]
    found = serve(tf.zeros((1, 90, 60, 3), tf.uint8))
    assert {"detection_boxes", "detection_scores"} <= set(found)
