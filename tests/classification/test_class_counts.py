"""Three classes from folders to scores, figures and files, without the commands."""

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import pytest

from helpers import tiny_networks
from helpers.sets.class_sets import copy_renamed, draw, write_set
from inspection.classification import (
    comparison,
    comparison_figures,
    experiment,
    features,
    figures,
    gradcam,
    model,
    saved,
    training,
)
from inspection.classification.batches import load_images
from inspection.classification.predictions import Predictions
from inspection.common.errors import DatasetError, UserError
from inspection.deploy.runtime import load_model

NAMES = ("glatt ü", "Riss", "zwei Risse")  # not in the order of the alphabet
SIZE = 32


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_set(tmp_path_factory.mktemp("set") / "walls", NAMES)


@pytest.fixture(scope="module")
def set_up(folder):
    return experiment.prepare(folder, list(NAMES))


@pytest.fixture(scope="module")
def candidates(set_up):
    """Return texture and a tiny network as Candidates."""
    images, splits = set_up.images, set_up.splits
    backbone = tiny_networks.backbone(SIZE)
    rows = features.extract(backbone, images.paths)
    parts = {split: (rows[i], images.labels[i]) for split, i in splits.items()}
    head, history = training.train_head(*parts["train"], parts["val"], 3, 60, 0.02)
    facts = saved.Facts(
        class_names=NAMES, size=SIZE, backbone="mobilenetv2_035", weights="none"
    )
    network = comparison.network_candidate(
        model.join(backbone, head), facts, model.predict(head, rows), 1.0, history
    )
    return [comparison.train_texture(images, splits, SIZE), network]


def test_every_candidate_scores_every_class(candidates, set_up):
    for one in candidates:
        assert one.scores.shape == (60, 3)
        np.testing.assert_allclose(one.scores.sum(axis=1), 1, atol=1e-5)
        said = one.predictions(set_up.splits["test"])
        assert said.right(set_up.labels("test")).mean() > 0.7
        again = one.predict_files(set_up.images.paths[:5])
        np.testing.assert_allclose(again.scores, one.scores[:5], atol=1e-4)
    assert candidates[0].parameters == 3 * (candidates[0].parameters // 3) > 100


def test_no_threshold_is_chosen_and_that_is_said(candidates, set_up, capsys):
    chosen = experiment.choose_thresholds(candidates, set_up, 10, 1)
    said = capsys.readouterr().out
    assert said == (
        "3 classes: costs and thresholds are for two; the most probable is said\n"
    )
    assert [one.scores is same.scores for one, same in zip(candidates, chosen)]
    assert {one.threshold for one in chosen} == {0.5}


def test_fine_tuning_of_three_classes(candidates, set_up):
    settings = comparison.TrainingSettings(tune_epochs=1)
    split = set_up.images, set_up.splits
    tuned = comparison.fine_tuned(candidates[1], *split, settings)
    assert tuned.scores.shape == (60, 3) and tuned.title.endswith(", tuned")
    heat = gradcam.grad_cam(
        tuned.classifier.model, draw(np.random.default_rng(1), 2, SIZE)
    )
    assert heat.shape == (SIZE, SIZE) and heat.max() == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize("format", ["float32", "float16", "int8"])
def test_a_tflite_of_three_classes_says_the_same(candidates, set_up, tmp_path, format):
    kept = candidates[1].classifier
    images = load_images(set_up.images.paths[::3], SIZE)
    path = saved.save_tflite(kept, tmp_path / "m.tflite", format, images)
    loaded = load_model(path)
    assert loaded.labels == NAMES
    assert loaded.name == "classifier of 3 classes"
    scores = np.stack([loaded.predict(image).scores for image in images])
    far = 0.25 if format == "int8" else 0.01
    np.testing.assert_allclose(scores, kept.scores(images), atol=far)
    assert np.mean(scores.argmax(1) == kept.scores(images).argmax(1)) > 0.9


def test_classes_of_another_set_are_never_guessed(set_up, folder, tmp_path):
    other = experiment.read_other(folder, None, set_up.images)
    assert other.class_names == NAMES
    with pytest.raises(
        UserError, match="2 classes named for it, and the models know 3"
    ):
        experiment.read_other(folder, ["a", "b"], set_up.images)
    strange = copy_renamed(folder, tmp_path / "other", dict(zip(NAMES, "cab")))
    with pytest.raises(DatasetError, match="its folders are not the classes"):
        experiment.read_other(strange, None, set_up.images)


# --- figures


@pytest.fixture
def answers(candidates, set_up):
    return experiment.test_answers(candidates, set_up)


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def test_costs_become_the_share_found_of_each_class(candidates, set_up, capsys):
    comparison_figures.error_costs(candidates[1], set_up, 10, 1)
    assert "3 classes: costs and thresholds are for two" in capsys.readouterr().out
    (axis,) = plt.gcf().axes
    assert [text.get_text() for text in axis.get_yticklabels()] == list(NAMES)


def test_each_class_has_a_curve_against_the_rest(answers, set_up):
    figures.precision_recall(answers, set_up.labels("test"), NAMES)
    drawn = [axis for axis in plt.gcf().axes if axis.lines]
    assert [axis.get_xlabel() for axis in drawn] == [
        f"recall: {n} found" for n in NAMES
    ]
    # a curve and a dot of each model
    assert [len(axis.lines) for axis in drawn] == [4, 4, 4]


def test_of_two_classes_the_last_alone_has_a_curve(answers, set_up):
    labels = np.minimum(set_up.labels("test"), 1)
    two = {
        title: Predictions(np.stack([said.scores[:, 0], 1 - said.scores[:, 0]], axis=1))
        for title, said in answers.items()
    }
    figures.precision_recall(two, labels, ["clean", "crack"])
    (axis,) = plt.gcf().axes
    assert axis.get_xlabel() == "recall: crack found"


def test_guessing_is_drawn_where_it_is(answers, set_up):
    table = comparison.figures_table(answers, set_up.labels("test"))
    figures.comparison({"test": table, "other": table}, num_classes=3)
    lines = [line.get_xdata()[0] for line in plt.gca().lines if line.get_ls() == ":"]
    assert lines == [pytest.approx(1 / 3)]


def test_confusions_and_calibration_of_three_classes(answers, set_up):
    labels = set_up.labels("test")
    matrices = comparison_figures.matrices(answers, labels, NAMES)
    assert {m.to_numpy().sum() for m in matrices.values()} == {len(labels)}
    figures.confusions(matrices)
    comparison_figures.calibration(answers, labels)
    titles = [axis.get_title() for axis in plt.gcf().axes]
    assert ["mean gap" in title for title in titles] == [True, True]
