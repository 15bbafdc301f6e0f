import numpy as np
import pytest

from inspection.detection.config.pipeline_settings import Anchors
from inspection.detection.model.anchors import feature_map_sizes, make_anchors

SETTINGS = Anchors(3, 7, 4.0, (1.0, 2.0, 0.5), 2)
CELL = 6  # three aspect ratios, two scales


def centres_and_sizes(image_size):
    """Return the centres and sizes (y, x) of all anchors in pixels."""
    corners = make_anchors(image_size, SETTINGS) * np.tile(image_size, 2)
    low, high = corners[:, :2], corners[:, 2:]
    return (low + high) / 2, high - low


@pytest.mark.parametrize(
    ("image_size", "number"),
    [((320, 320), 12804), ((224, 224), 6294), ((300, 500), 19284), ((64, 64), 516)],
)
def test_number_of_anchors(image_size, number):
    anchors = make_anchors(image_size, SETTINGS)
    assert anchors.shape == (number, 4)
    assert anchors.dtype == np.float32


def test_maps_of_a_size_that_no_stride_divides():
    sizes = feature_map_sizes((300, 500), range(3, 8))
    assert sizes == [(38, 63), (19, 32), (10, 16), (5, 8), (3, 4)]


def test_centres_are_shifted_by_half_a_cell_only_where_the_stride_divides():
    centres, _ = centres_and_sizes((320, 320))
    np.testing.assert_allclose(centres[0], [4, 4], atol=1e-3)
    np.testing.assert_allclose(centres[-9 * CELL - 1], [288, 288], atol=1e-3)
    coarsest = np.unique(np.round(centres[-9 * CELL :], 2))
    np.testing.assert_allclose(coarsest, [0, 128, 256])


def test_each_side_of_the_picture_is_shifted_by_its_own_rule():
    centres, _ = centres_and_sizes((256, 320))
    rows, columns = (np.unique(np.round(c, 2)) for c in centres[-6 * CELL :].T)
    np.testing.assert_allclose(rows, [64, 192])
    np.testing.assert_allclose(columns, [0, 128, 256])


def test_shapes_of_one_cell():
    _, sizes = centres_and_sizes((320, 320))
    root = np.sqrt(2)
    wanted = [
        *[(32, 32), (32 * root, 32 * root)],
        *[(32 / root, 32 * root), (32, 64)],  # aspect ratio 2: wider than high
        *[(32 * root, 32 / root), (64, 32)],
    ]
    np.testing.assert_allclose(sizes[:CELL], wanted, rtol=1e-4)
    np.testing.assert_allclose(sizes[-CELL:], np.multiply(wanted, 16), rtol=1e-4)


def test_cells_follow_each_other_row_by_row():
    centres, _ = centres_and_sizes((64, 128))
    cells = centres[::CELL][: 8 * 16].reshape(8, 16, 2)
    np.testing.assert_allclose(cells[0, :, 1], np.arange(16) * 8 + 4, atol=1e-3)
    np.testing.assert_allclose(cells[:, 0, 0], np.arange(8) * 8 + 4, atol=1e-3)


def test_three_scales_share_an_octave_evenly():
    settings = Anchors(3, 3, 4.0, (1.0,), 3)
    corners = make_anchors((64, 64), settings)[:3] * 64
    sides = [32, 32 * 2 ** (1 / 3), 32 * 2 ** (2 / 3)]
    np.testing.assert_allclose(corners[:, 2] - corners[:, 0], sides, rtol=1e-5)
