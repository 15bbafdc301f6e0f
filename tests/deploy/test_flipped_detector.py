"""Two looks at a picture made one, by hand."""

import numpy as np

from inspection.common.detections import NO_DETECTIONS, Detections
from inspection.deploy.flipped_detector import FlippedDetector, fuse, mirror


def found(boxes, scores, class_ids=None):
    return Detections(
        boxes=boxes, scores=scores, class_ids=class_ids or [1] * len(scores)
    )


def test_a_pair_is_weighed_by_score():
    fused = fuse(found([[0, 0, 1, 0.8]], [0.9]), found([[0, 0, 1, 1]], [0.3]))
    np.testing.assert_allclose(fused.boxes, [[0, 0, 1, 0.85]])  # (.9 * .8 + .3) / 1.2
    np.testing.assert_allclose(fused.scores, [0.6])


def test_what_one_look_shows_keeps_half_its_score():
    fused = fuse(found([[0, 0, 0.2, 0.2]], [0.8]), found([[0.5, 0.5, 1, 1]], [0.6]))
    np.testing.assert_allclose(fused.scores, [0.4, 0.3])
    assert len(fuse(found([[0, 0, 1, 1]], [0.5]), NO_DETECTIONS)) == 1
    assert len(fuse(NO_DETECTIONS, NO_DETECTIONS)) == 0


def test_classes_and_neighbours_stay_apart():
    box = [0, 0, 0.5, 0.5]
    assert len(fuse(found([box], [0.5], [1]), found([box], [0.5], [2]))) == 2
    # both of the second are like the first; the more alike is its pair
    near = found([[0, 0, 0.5, 0.49], [0, 0, 0.5, 0.3]], [0.9, 0.9])
    np.testing.assert_allclose(
        sorted(fuse(found([box], [0.9]), near).scores), [0.45, 0.9]
    )


def test_no_score_divides_by_nothing():
    fused = fuse(found([[0, 0, 1, 1]], [0.0]), found([[0, 0, 1, 1]], [0.0]))
    assert np.isfinite(fused.boxes).all() and len(fused) == 1


class LeftHalf:
    """Says that the bright part is one box, a little off to the left."""

    labels = ["one"]

    def predict(self, image):
        columns = np.flatnonzero(image[0, :, 0]) / image.shape[1]
        return found([[0, columns[0] - 0.05, 1, columns[-1] + 0.01 - 0.05]], [0.8])


def test_errors_to_one_side_cancel():
    image = np.zeros((10, 100, 3), np.uint8)
    image[:, 30:70] = 255
    fused = FlippedDetector(LeftHalf()).predict(image)
    np.testing.assert_allclose(fused.boxes, [[0, 0.3, 1, 0.7]])
    np.testing.assert_allclose(mirror(mirror(fused)).boxes, fused.boxes)
