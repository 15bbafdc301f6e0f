"""Regions are measured and doubtful ones dropped; methods decide together."""

import cv2
import numpy as np
import pandas as pd
import pytest

from inspection.classification.image_classifiers import (
    AreaRule,
    TextureClassifier,
    TransferClassifier,
    score_classifiers,
)
from inspection.segmentation import ensemble, overlay
from inspection.segmentation.cleanup import RegionCheck, find_regions
from inspection.segmentation.metrics import count, false_regions


def scene(seed):
    """Return a picture with brown rust and red labels, truth, and a mask of both."""
    rng = np.random.default_rng(seed)
    image = np.full((80, 80, 3), 150.0)
    ground_truth, predicted = np.zeros((2, 80, 80), np.uint8)
    for kind in range(4):
        top, left = (
            rng.integers(2, 28) + 40 * (kind // 2),
            rng.integers(2, 28) + 40 * (kind % 2),
        )
        part = np.s_[top : top + 9, left : left + 9]
        image[part] = (130, 65, 30) if kind % 2 else (200, 30, 40)
        predicted[part] = 1
        ground_truth[part] = kind % 2
    image += rng.normal(0, 5, image.shape)
    return np.clip(image, 0, 255).astype(np.uint8), ground_truth, predicted


def test_regions_and_their_measures():
    image, _, predicted = scene(0)
    regions = find_regions(image, predicted)
    assert len(regions) == 4
    for region in regions:
        assert region.pixels.sum() == 81
        assert region.measures["area"] == pytest.approx(81 / 6400)
        assert region.measures["solidity"] == pytest.approx(1)
        assert region.measures["extent"] == pytest.approx(1)
    assert find_regions(image, predicted * 0) == []


@pytest.mark.parametrize("corner", [(0, 0), (0, 70), (70, 0), (70, 70)])
def test_a_region_at_the_edge_is_compared_with_what_is_around_it(corner):
    top, left = corner
    image, mask = np.full((80, 80, 3), 150, np.uint8), np.zeros((80, 80), np.uint8)
    part = np.s_[top : top + 10, left : left + 10]
    image[part], mask[part] = 90, 1
    (region,) = find_regions(image, mask)
    lightness = cv2.cvtColor(image, cv2.COLOR_RGB2LAB)[..., 0].astype(float)
    inside, outside = lightness[top, left], lightness[40, 40]
    # it is 10 x 10 of the 18 x 18 pixels that are looked at
    wanted = (inside - outside) * (1 - 100 / 324)
    assert region.measures["contrast of lightness"] == pytest.approx(wanted, rel=1e-4)


def test_check_drops_what_is_red_and_keeps_what_is_brown():
    images, ground_truths, masks = zip(*(scene(seed) for seed in range(9)), strict=True)
    check = RegionCheck().fit(images[:8], ground_truths[:8], masks[:8])
    clean = check.clean(images[8], masks[8])
    assert false_regions(ground_truths[8], masks[8]) == 2
    assert false_regions(ground_truths[8], clean) == 0
    assert count(ground_truths[8], clean).recall == 1
    assert check.importances().index[0] not in ("area", "solidity", "extent")


def test_check_learnt_from_its_table_decides_alike(tmp_path):
    images, ground_truths, masks = zip(*(scene(seed) for seed in range(6)), strict=True)
    check = RegionCheck().fit(images, ground_truths, masks)
    check.examples.to_csv(tmp_path / "x.csv", index=False)
    again = RegionCheck().learn(pd.read_csv(tmp_path / "x.csv"))
    regions = find_regions(images[0], masks[0])
    assert again.probabilities(regions) == pytest.approx(check.probabilities(regions))


def test_check_without_examples_of_both_kinds():
    image, ground_truth, predicted = scene(1)
    assert (
        RegionCheck()
        .fit([image], [predicted], [predicted])
        .clean(image, predicted)
        .sum()
        == 324
    )
    assert (
        RegionCheck()
        .fit([image], [ground_truth * 0], [predicted])
        .clean(image, predicted)
        .sum()
        == 0
    )
    nothing = RegionCheck().fit([image], [ground_truth], [predicted * 0])
    assert nothing.clean(image, predicted * 0).sum() == 0


def test_small_regions_go_unseen():
    image, _, _ = scene(2)
    dots = np.zeros((80, 80), np.uint8)
    dots[5, 5] = 1
    check = RegionCheck(smallest=2 / 6400).learn(pd.DataFrame())
    assert check.clean(image, dots).sum() == 0


def test_average_and_vote():
    a, b, c = np.array([[0.2, 0.9]]), np.array([[0.6, 0.9]]), np.array([[0.1, 0.0]])
    assert ensemble.average([a, b, c]) == pytest.approx(np.array([[0.3, 0.6]]))
    assert ensemble.average([a, b], [3, 1]) == pytest.approx(np.array([[0.3, 0.9]]))
    masks = [m > 0.5 for m in (a, b, c)]
    assert ensemble.vote(masks).tolist() == [[0, 1]]
    assert ensemble.vote(masks, needed=1).tolist() == [[1, 1]]


def test_stacking_believes_the_one_that_is_right():
    rng = np.random.default_rng(0)
    ground_truths = [(rng.random((20, 20)) > 0.5).astype(np.uint8) for _ in range(3)]
    members = [[0.2 + 0.6 * t, rng.random((20, 20))] for t in ground_truths]
    classifier = ensemble.Stacking().fit(members[:2], ground_truths[:2])
    assert classifier.weights()[0] > 5 * abs(classifier.weights()[1])
    assert np.array_equal(
        classifier.probability(members[2]) > 0.5, ground_truths[2] == 1
    )


def test_overlays_paint_only_what_is_marked():
    image, ground_truth, predicted = scene(3)
    painted = overlay.paint(image, predicted)
    outside = predicted == 0
    assert np.array_equal(painted[outside], image[outside])
    assert not np.array_equal(painted, image)
    errors = overlay.paint_errors(image, ground_truth, predicted)
    assert (errors[(ground_truth == 1)].mean(axis=0).argmax(), errors.dtype) == (
        1,
        np.uint8,
    )


def sample_images(count, rusty):
    return [
        scene(seed)[0] if rusty else np.full((80, 80, 3), 150, np.uint8)
        for seed in range(count)
    ]


@pytest.mark.parametrize("kind", ["forest", "svm"])
def test_picture_classifiers_on_an_easy_set(kind):
    images = sample_images(8, True) + sample_images(8, False)
    labels = np.repeat([1, 0], 8)
    probability = TextureClassifier(kind).fit(images, labels).probability(images)
    assert score_classifiers(labels, {"it": probability}).loc["it", "accuracy"] == 1


def test_area_rule_finds_the_limit():
    images = sample_images(6, True) + sample_images(6, False)
    labels = np.repeat([1, 0], 6)
    rule = AreaRule(lambda image: image[..., 2] < 80).fit(images, labels)
    assert (
        score_classifiers(labels, {"rule": rule.probability(images)}).loc["rule", "F1"]
        == 1
    )
    assert rule.probability([images[-1]])[0] <= 0.5


def test_transfer_classifier_judges_what_is_extracted():
    images = sample_images(8, True) + sample_images(8, False)
    labels = np.repeat([1, 0], 8)

    def extract(images):
        return np.array([image.reshape(-1, 3).std(axis=0) for image in images])

    probability = TransferClassifier(extract).fit(images, labels).probability(images)
    assert ((probability > 0.5) == labels).all()
