"""IoU, Dice, precision, recall, boundary F1 and areas against others and by hand."""

import numpy as np
import pytest
from sklearn import metrics as sklearn_metrics

from inspection.segmentation import area, metrics

rng = np.random.default_rng(0)
GROUND_TRUTH = rng.random((4, 20, 30)) > 0.7
FOUND = GROUND_TRUTH ^ (rng.random(GROUND_TRUTH.shape) > 0.8)


@pytest.mark.parametrize(
    "name, other",
    [
        ("IoU", sklearn_metrics.jaccard_score),
        ("Dice", sklearn_metrics.f1_score),
        ("precision", sklearn_metrics.precision_score),
        ("recall", sklearn_metrics.recall_score),
    ],
)
def test_figures_of_a_set_are_those_of_its_pooled_pixels(name, other):
    expected = other(GROUND_TRUTH.ravel(), FOUND.ravel())
    assert metrics.score(GROUND_TRUTH, FOUND)[name] == pytest.approx(
        expected, abs=1e-12
    )


def test_counts_by_hand():
    ground_truth = [[1, 1, 0], [0, 0, 0]]
    predicted = [[255, 0, 0], [0, 255, 0]]
    counts = metrics.count(ground_truth, predicted)
    assert counts == metrics.Counts(tp=1, fp=1, fn=1, tn=3)
    assert counts.iou == pytest.approx(1 / 3)
    assert counts.dice == pytest.approx(1 / 2)


def test_nothing_drawn_and_nothing_found_is_right():
    nothing = np.zeros((5, 5))
    assert metrics.count(nothing, nothing).iou == 1
    assert metrics.boundary_f1(nothing, nothing) == 1
    assert metrics.count(nothing, np.ones((5, 5))).precision == 0


def test_masks_of_two_sizes_are_refused():
    with pytest.raises(ValueError, match="cannot be compared"):
        metrics.count(np.zeros((4, 4)), np.zeros((4, 5)))


def square(top, left, side=10, shape=(40, 40)):
    mask = np.zeros(shape, np.uint8)
    mask[top : top + side, left : left + side] = 1
    return mask


def test_boundary_of_a_square_is_its_rim():
    edge = metrics.boundary(square(5, 5))
    assert edge.sum() == 36
    assert not edge[6:14, 6:14].any()


def test_the_edge_of_the_picture_is_no_boundary():
    full = np.ones((8, 8))
    assert not metrics.boundary(full).any()
    half = np.zeros((8, 8))
    half[:, :4] = 1
    assert np.array_equal(np.argwhere(metrics.boundary(half))[:, 1], [3] * 8)


def test_boundary_f1_by_hand():
    ground_truth = square(10, 10)
    assert metrics.boundary_f1(ground_truth, square(10, 12), tolerance=2) == 1
    assert metrics.boundary_f1(ground_truth, square(25, 25), tolerance=2) == 0
    # moved by 4: of 36 boundary pixels each, the rows above and below keep a partner
    # within 1 where they overlap, 7 of 10 on both, and none of the sides has one but
    # where it crosses the other's rows
    moved = square(10, 14)
    near = [
        np.mean([np.min(np.hypot(*(b - p).T)) <= 1 for p in a])
        for a, b in (
            (
                np.argwhere(metrics.boundary(ground_truth)),
                np.argwhere(metrics.boundary(moved)),
            ),
            (
                np.argwhere(metrics.boundary(moved)),
                np.argwhere(metrics.boundary(ground_truth)),
            ),
        )
    ]
    expected = 2 * near[0] * near[1] / sum(near)
    assert 0 < expected < 1
    assert metrics.boundary_f1(ground_truth, moved, tolerance=1) == pytest.approx(
        expected
    )


def test_false_regions_touch_nothing_that_was_drawn():
    ground_truth = square(0, 0)
    predicted = square(5, 5) | square(20, 20, 3) | square(30, 5, 2)
    assert metrics.false_regions(ground_truth, predicted) == 2
    assert metrics.false_regions(ground_truth, ground_truth * 0) == 0


def test_best_threshold_is_where_pooled_iou_is_best():
    ground_truth = square(10, 10)
    probability = 0.3 * square(5, 5, 20) + 0.45 * square(10, 10)
    assert 0.3 < metrics.best_threshold([ground_truth], [probability]) <= 0.75


def test_a_threshold_below_one_half_is_found():
    ground_truth = square(10, 10)
    probability = 0.12 + 0.2 * ground_truth  # the network is never sure
    assert metrics.best_threshold([ground_truth], [probability]) == 0.15


def test_compare_keeps_the_order_and_adds_times():
    table = metrics.compare(
        GROUND_TRUTH, {"b": FOUND, "a": GROUND_TRUTH}, {"a": 2.0, "b": 1.0}
    )
    assert list(table.index) == ["b", "a"]
    assert table.loc["a", "IoU"] == 1
    assert list(table["ms an image"]) == [1.0, 2.0]


def test_area_and_its_error():
    ground_truths = [square(0, 0), square(0, 0), square(0, 0, 20)]
    predicted = [square(0, 0), square(0, 0, 20), square(0, 0)]
    assert area.area_percent(ground_truths[0]) == pytest.approx(100 * 100 / 1600)
    error = area.area_error(ground_truths, predicted)
    assert error.bias == pytest.approx(0)
    assert error.mean == pytest.approx(2 * 18.75 / 3)
    assert error.within == pytest.approx(18.75)


def test_too_little_counts_as_much_as_too_much():
    drawn, found = [square(0, 0, 20)] * 10, [square(0, 0, 20)] * 5 + [square(0, 0)] * 5
    error = area.area_error(drawn, found)
    assert error.bias == pytest.approx(-18.75 / 2)
    assert error.mean == pytest.approx(18.75 / 2)
    assert error.within == pytest.approx(18.75)


def drawn_and_found(areas, errors):
    """Return masks of 100 x 100 with areas in percent, and others off by some points."""

    def mask(percent):
        flat = np.zeros(10_000, np.uint8)
        flat[: round(100 * percent)] = 1
        return flat.reshape(100, 100)

    return [mask(a) for a in areas], [mask(a + e) for a, e in zip(areas, errors)]


def test_interval_of_an_area_grows_with_it():
    # nine pictures: the ninth smallest of the errors counts, which is the largest
    found = np.array([0, 1, 3, 4, 7, 9, 19, 29, 39])
    relative = np.array([-0.1, -0.05, 0.1, 0.2, -0.1, 0.3, 0.1, 0.05, -0.2])
    errors = relative * (found + area.ADDED)
    interval = area.fit_interval(*drawn_and_found(found - errors, errors))
    assert interval.factor == pytest.approx(0.3)
    assert interval.half_width(0) == pytest.approx(0.3)
    assert interval.half_width(9) == pytest.approx(3)


def test_too_few_pictures_promise_nothing():
    eight = drawn_and_found([5] * 8, [0.1] * 8)
    assert area.fit_interval(*eight).factor == np.inf
    assert area.fit_interval(*eight, share=0.8).factor < 1


def test_coverage_is_the_share_within():
    drawn, found = drawn_and_found([9, 9, 9, 9], [0, 1, 2, 8])
    assert area.AreaInterval(0.1).coverage(drawn, found) == pytest.approx(0.5)


def test_the_interval_covers_what_it_promises():
    rng = np.random.default_rng(0)
    shares = []
    for _ in range(40):
        areas = rng.uniform(0, 40, 60)
        errors = 0.1 * (areas + 1) * np.abs(rng.standard_normal(60))
        drawn, found = drawn_and_found(areas, errors)
        interval = area.fit_interval(drawn[:30], found[:30])
        shares.append(interval.coverage(drawn[30:], found[30:]))
    assert 0.88 < np.mean(shares) < 0.96


def test_an_interval_is_that_of_pictures_drawn_whole():
    chances = np.full(4, 0.25)
    times = np.random.default_rng(0).multinomial(4, chances, size=300)
    drawn = [np.repeat(np.arange(4), one) for one in times]
    ious = [metrics.score(GROUND_TRUTH[i], FOUND[i])["IoU"] for i in drawn]
    expected = np.percentile(ious, [2.5, 97.5])
    found = metrics.iou_interval(GROUND_TRUTH, FOUND, rounds=300)
    assert found == pytest.approx(tuple(expected), abs=1e-12)
    assert found[0] < metrics.score(GROUND_TRUTH, FOUND)["IoU"] < found[1]


def test_an_interval_of_a_difference_compares_the_same_draws():
    same = metrics.iou_interval(GROUND_TRUTH, FOUND, FOUND)
    assert same == (0, 0)
    low, high = metrics.iou_interval(GROUND_TRUTH, GROUND_TRUTH, FOUND)
    worse = metrics.iou_interval(GROUND_TRUTH, FOUND, GROUND_TRUTH)
    assert 0 < low < high and worse == pytest.approx((-high, -low))


def test_an_interval_where_nothing_is_to_be_found():
    nothing = np.zeros((3, 5, 5))
    assert metrics.iou_interval(nothing, nothing) == (1, 1)
    with pytest.raises(ValueError):
        metrics.iou_interval(nothing, nothing[:2])
