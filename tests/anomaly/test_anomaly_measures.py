"""Figures of anomaly detection beside values worked out by hand."""

import numpy as np
import pytest

from inspection.anomaly.conformal import alarm_interval, conformal_threshold
from inspection.anomaly.measures import image_auroc, pixel_auroc, region_overlap
from inspection.anomaly.scores import top_mean
from inspection.common.errors import DatasetError, UserError

MASK = np.zeros((10, 10), bool)
MASK[:2, :2] = MASK[6:, 6:] = True  # regions of 4 and 16 pixels


def test_auroc_is_the_share_of_pairs_in_the_right_order():
    assert image_auroc([0.1, 0.2], [0.15, 0.3]) == 0.75
    assert image_auroc([0.1, 0.2], [0.3]) == 1.0
    with pytest.raises(DatasetError, match="0 bad"):
        image_auroc([0.1], [])


def test_pixels_count_over_all_pictures():
    maps = [MASK.astype(float), np.zeros((10, 10))]
    assert pixel_auroc(maps, [MASK, np.zeros((10, 10))]) == 1.0
    assert pixel_auroc([-maps[0]], [MASK]) == 0.0
    assert np.isnan(pixel_auroc(maps, np.zeros((2, 10, 10))))


def test_a_small_region_counts_as_much_as_a_large_one():
    whole = MASK.astype(float)
    assert region_overlap([whole], [MASK]) == pytest.approx(1)
    small_only = np.where(np.arange(10) < 5, whole, 0)
    # the other region is as unlike as all good pixels: found with the last of them
    assert region_overlap([small_only], [MASK]) == pytest.approx(0.5, abs=0.01)


def test_what_is_found_with_many_false_pixels_counts_less():
    rng = np.random.default_rng(0)
    noise = rng.uniform(0, 1, (50, 50))
    mask = np.zeros((50, 50), bool)
    mask[20:30, 20:30] = True
    # at chance each share of false pixels finds as much of the region: half of .3
    found = [
        region_overlap([rng.permuted(noise.ravel()).reshape(50, 50)], [mask])
        for _ in range(20)
    ]
    assert np.mean(found) == pytest.approx(0.15, abs=0.02)


@pytest.mark.parametrize("rate", [0.05, 0.1, 0.3])
def test_new_good_pictures_ring_as_often_as_promised(rate):
    rng = np.random.default_rng(1)
    rates = []
    for _ in range(400):
        scores = rng.gamma(2, size=140)
        threshold = conformal_threshold(scores[:40], rate)
        rates.append(np.mean(scores[40:] > threshold))
    assert np.mean(rates) <= rate + 0.01
    assert np.mean(rates) >= rate - 1 / 41 - 0.01


def test_the_interval_holds_what_it_promises():
    rng = np.random.default_rng(2)
    low, high = alarm_interval(40, 0.1, 60)
    inside = []
    for _ in range(1000):
        scores = rng.normal(size=100)
        rate = np.mean(scores[40:] > conformal_threshold(scores[:40], 0.1))
        inside.append(low <= rate <= high)
    assert 0.93 <= np.mean(inside) <= 0.99


def test_a_rate_that_the_pictures_cannot_hold_is_refused():
    assert conformal_threshold(range(19), 0.05) == 18
    with pytest.raises(UserError, match="18 good pictures.*it takes 19"):
        conformal_threshold(range(18), 0.05)


def test_a_score_is_the_mean_of_the_worst_places():
    places = np.arange(100.0).reshape(10, 10)
    assert top_mean(places, 0.03) == 98
    assert top_mean(places, 0.0001) == 99
