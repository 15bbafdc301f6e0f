import dataclasses

import numpy as np
import pytest

from helpers.tiny_detector import tiny_config
from inspection.detection.config.pipeline_settings import PostProcessing
from inspection.detection.model.postprocess import postprocess

LEFT = (0.1, 0.1, 0.5, 0.5)
NEAR = (0.12, 0.1, 0.52, 0.5)  # IoU .9 with LEFT
FAR = (0.6, 0.6, 0.9, 0.9)


@pytest.fixture(scope="module")
def model():
    return tiny_config().model


def detect(model, anchors, scores, **keep):
    """Return the detections of a batch of scores [B, anchors, classes], codes 0."""
    settings = PostProcessing(1e-8, 0.6, **{"max_total_detections": 5, **keep})
    scores = np.array(scores, "float64")
    logits = np.log(scores / (1 - scores))
    background = np.full((*scores.shape[:2], 1), 9.0)  # sure, and without effect
    outputs = {
        "box_encodings": np.zeros((*scores.shape[:2], 4), "float32"),
        "class_predictions_with_background": np.concatenate(
            [background, logits], axis=2
        ).astype("float32"),
    }
    model = dataclasses.replace(model, post_processing=settings)
    found = postprocess(outputs, np.array(anchors, "float32"), model)
    best = [name for name in found if not name.startswith("raw")]
    return {name.split("_")[-1]: np.array(found[name]) for name in best}


def test_of_two_boxes_of_one_class_the_better_stays(model):
    found = detect(model, [LEFT, NEAR, FAR], [[[0.8], [0.9], [0.3]]])
    assert found["detections"].tolist() == [2]
    assert found["indices"][0, :2].tolist() == [1, 2]
    np.testing.assert_allclose(found["boxes"][0, :2], [NEAR, FAR], atol=1e-6)
    np.testing.assert_allclose(found["scores"][0, :2], [0.9, 0.3], atol=1e-6)
    assert found["classes"][0, :2].tolist() == [0, 0]


def test_boxes_of_two_classes_do_not_suppress_each_other(model):
    scores = [[[0.2, 0.7], [0.9, 0.1], [0.3, 0.01]]]
    found = detect(model, [LEFT, NEAR, FAR], scores)
    wanted = [(NEAR, 0.9, 0), (LEFT, 0.7, 1), (FAR, 0.3, 0), (FAR, 0.01, 1)]
    assert found["detections"].tolist() == [4]
    for i, (box, score, class_index) in enumerate(wanted):
        np.testing.assert_allclose(found["boxes"][0, i], box, atol=1e-6)
        assert found["scores"][0, i] == pytest.approx(score, rel=1e-4)
        assert found["classes"][0, i] == class_index


def test_overlap_up_to_the_threshold_is_kept(model):
    half = (0.1, 0.1, 0.5, 0.3)  # IoU .5 with LEFT
    scores = [[[0.8], [0.9]]]
    assert detect(model, [LEFT, half], scores)["detections"].tolist() == [2]


def test_boxes_are_clipped_after_suppression(model):
    # IoU .17 as they are, the same box once cut off at the edge of the picture
    anchors = [(-1.0, 0.0, 0.2, 1.0), (0.0, 0.0, 0.2, 1.0)]
    found = detect(model, anchors, [[[0.8], [0.9]]])
    assert found["detections"].tolist() == [2]
    np.testing.assert_allclose(found["boxes"][0, :2], [[0, 0, 0.2, 1]] * 2, atol=1e-6)


def test_boxes_outside_the_picture_are_left_out(model):
    found = detect(model, [(1.1, 1.1, 1.3, 1.3), FAR], [[[0.9], [0.2]]])
    assert found["detections"].tolist() == [1]
    np.testing.assert_allclose(found["boxes"][0, 0], FAR, atol=1e-6)


def test_rows_past_the_number_are_zeros_in_each_picture(model):
    scores = [[[0.9], [0.1], [0.8]], [[0.1], [0.2], [0.3]], [[0.0], [0.0], [0.0]]]
    scores = np.maximum(scores, 1e-12)
    found = detect(model, [LEFT, NEAR, FAR], scores, max_total_detections=4)
    assert found["detections"].tolist() == [2, 2, 0]
    assert found["boxes"].shape == (3, 4, 4)
    for i, number in enumerate(found["detections"]):
        assert not found["boxes"][i, number:].any()
        assert not found["scores"][i, number:].any()
        assert not found["classes"][i, number:].any()
    np.testing.assert_allclose(found["scores"][1, :2], [0.3, 0.2], rtol=1e-4)


def test_limits_by_class_and_in_total(model):
    grid = [
        (y, x, y + 0.05, x + 0.05) for y in (0.1, 0.4, 0.7) for x in (0.1, 0.4, 0.7)
    ]
    rng = np.random.default_rng(0)
    scores = rng.uniform(0.1, 0.9, (1, 9, 2))
    found = detect(model, grid, scores, max_total_detections=7)
    best = np.sort(scores.ravel())[::-1]
    np.testing.assert_allclose(found["scores"][0], best[:7], rtol=1e-4)
    found = detect(model, grid, scores, max_detections_per_class=2)
    wanted = np.sort(np.sort(scores[0], axis=0)[-2:].ravel())[::-1]
    assert found["detections"].tolist() == [4]
    np.testing.assert_allclose(found["scores"][0, :4], wanted, rtol=1e-4)


def test_softmax_shares_the_score_with_the_background(model):
    """Logits 0, ln 2 and ln 1 share 1 as 1, 2 and 1 do."""
    keep = PostProcessing(1e-8, 0.6, 5, 5, score_converter="SOFTMAX")
    outputs = {
        "box_encodings": np.zeros((1, 1, 4), "float32"),
        "class_predictions_with_background": np.log([[[1.0, 2.0, 1.0]]]).astype("f4"),
    }
    model = dataclasses.replace(model, post_processing=keep)
    found = postprocess(outputs, np.array([LEFT], "float32"), model)
    np.testing.assert_allclose(found["detection_scores"][0, :2], [0.5, 0.25], atol=1e-6)
    assert found["detection_classes"][0, :2].numpy().tolist() == [0, 1]
