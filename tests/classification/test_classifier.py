"""From pictures to a classifier in a file: features, training, explanation, use."""

import json
import zipfile
from dataclasses import FrozenInstanceError, asdict

import keras
import numpy as np
import pytest
from PIL import Image

from helpers import ROOT, tiny_networks
from helpers.commands import run_command, run_python
from helpers.sets.crack_sets import draw, write_set
from inspection.classification import (
    batches,
    comparison,
    experiment,
    features,
    gradcam,
    model,
    saved,
    scan,
    texture,
    training,
)
from inspection.classification.backbones import build_backbone
from inspection.classification.model_files import load_model_file
from inspection.classification.predictions import Predictions
from inspection.common.errors import UserError
from inspection.deploy.runtime import load_model

SIZE = 32


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_set(tmp_path_factory.mktemp("set") / "walls ü")


@pytest.fixture(scope="module")
def set_up(folder):
    return experiment.prepare(folder)


@pytest.fixture(scope="module")
def backbone():
    return tiny_networks.backbone(SIZE)


@pytest.fixture(scope="module")
def rows(backbone, set_up):
    return features.extract(backbone, set_up.images.paths)


def head_of(rows, set_up, **settings):
    part = {
        split: (rows[indices], set_up.images.labels[indices])
        for split, indices in set_up.splits.items()
    }
    return training.train_head(*part["train"], part["val"], **settings)


@pytest.fixture(scope="module")
def head(rows, set_up):
    return head_of(rows, set_up, epochs=60, rate=0.02)[0]


@pytest.fixture(scope="module")
def classifier(backbone, head):
    facts = saved.Facts(
        class_names=("clean", "crack"),
        size=SIZE,
        backbone="tiny",
        weights="none",
        threshold=0.4,
        tile=48,
        trained_on="walls",
    )
    return saved.Classifier(model.join(backbone, head), facts)


def test_batches_hold_every_picture_once(set_up):
    labelled = set_up.images
    data = batches.make_batches(labelled.paths, labelled.labels, SIZE, 7, shuffle=True)
    images, labels = zip(*data.as_numpy_iterator())
    assert images[0].shape == (7, SIZE, SIZE, 3) and images[0].dtype == np.float32
    assert np.bincount(np.concatenate(labels)).tolist() == [24, 24]
    sums = sorted(np.concatenate(images).sum(axis=(1, 2, 3)).tolist())
    loaded = batches.load_images(labelled.paths, SIZE).astype(float)
    assert sums == pytest.approx(sorted(loaded.sum(axis=(1, 2, 3))))


def test_augmented_pictures_stay_pictures(set_up):
    images = set_up.images
    data = batches.make_batches(images.paths[:8], images.labels[:8], SIZE)
    ((plain, labels),) = data.as_numpy_iterator()
    ((changed, same),) = batches.augment(data).as_numpy_iterator()
    assert changed.shape == plain.shape and same.tolist() == labels.tolist()
    assert changed.min() >= 0 and changed.max() <= 255
    assert np.abs(changed - plain).mean() > 1


def test_the_head_learns_on_features(rows, set_up, head):
    scores = model.predict(head, rows)
    assert scores.shape == (48, 2) and np.allclose(scores.sum(axis=1), 1)
    test = set_up.splits["test"]
    assert np.mean(scores[test].argmax(axis=1) == set_up.labels("test")) > 0.9


def test_joined_it_says_what_the_head_said(classifier, rows, head, set_up):
    direct = classifier.scores_of_files(set_up.images.paths[:6])
    np.testing.assert_allclose(direct, model.predict(head, rows[:6]), atol=1e-5)


def test_the_same_seed_gives_the_same_head(rows, set_up):
    first, history = head_of(rows, set_up, epochs=3, seed=5)
    again, _ = head_of(rows, set_up, epochs=3, seed=5)
    for a, b in zip(first.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert list(history["phase"]) == ["head"] * 3


def test_features_come_from_the_cache_by_content(
    backbone, folder, tmp_path, monkeypatch
):
    paths = sorted((folder / "crack").iterdir())[:5]
    first = features.extract(backbone, paths, tmp_path / "my cache")
    calls = []
    load = features.load_images
    monkeypatch.setattr(
        features,
        "load_images",
        lambda p, *a, **k: calls.append(len(p)) or load(p, *a, **k),
    )
    renamed = tmp_path / "renamed.png"
    renamed.write_bytes(paths[2].read_bytes())
    again = features.extract(backbone, [renamed, *paths], tmp_path / "my cache")
    assert calls == []
    np.testing.assert_array_equal(again, first[[2, 0, 1, 2, 3, 4]])
    Image.fromarray(np.full((9, 9, 3), 7, np.uint8)).save(renamed)
    features.extract(backbone, [renamed, *paths], tmp_path / "my cache")
    assert calls == [1]


def test_another_backbone_has_another_cache(backbone, folder, tmp_path):
    paths = sorted((folder / "crack").iterdir())[:2]
    features.extract(backbone, paths, tmp_path)
    other = build_backbone("mobilenetv2_035", SIZE)
    assert features.extract(other, paths, tmp_path).shape == (2, 1280)
    assert len(list(tmp_path.iterdir())) == 2


def test_fine_tuning_leaves_batch_norm_alone(backbone, head, set_up):
    tuned = model.join(
        keras.models.clone_model(backbone), keras.models.clone_model(head)
    )
    tuned.set_weights(model.join(backbone, head).get_weights())
    inner = next(k for k in tuned.layers if k.name == "tiny")
    before = [w.copy() for w in inner.get_weights()]
    images, train = set_up.images, set_up.splits["train"]
    data = batches.make_batches(
        [images.paths[i] for i in train], images.labels[train], SIZE
    )
    history = training.fine_tune(tuned, data, data, epochs=2, rate=1e-3)
    after = inner.get_weights()
    changed = [not np.array_equal(a, b) for a, b in zip(before, after)]
    assert changed == [True, True, False, False, False, False]
    assert history["loss"].iloc[-1] < history["loss"].iloc[0]


def test_fine_tuning_never_ends_worse_than_it_began(classifier, set_up):
    worse = keras.models.clone_model(classifier.model)
    worse.set_weights(classifier.model.get_weights())
    images, val = set_up.images, set_up.splits["val"]
    data = batches.make_batches(
        [images.paths[i] for i in val], images.labels[val], SIZE
    )
    model.compile_for(worse, 0.0)
    before = worse.evaluate(data, verbose=0)[0]
    training.fine_tune(worse, data, data, epochs=1, rate=50.0)
    assert worse.evaluate(data, verbose=0)[0] <= before + 1e-6


def test_a_loss_that_is_not_finite_stops(rows, set_up):
    broken = rows.copy()
    broken[set_up.splits["train"][0]] = np.nan
    with pytest.raises(UserError, match="the loss is nan: take a tenth"):
        head_of(broken, set_up, epochs=2)


def test_three_classes_get_three_scores():
    rng = np.random.default_rng(0)
    labels = np.arange(90) % 3
    points = np.eye(3)[labels] * 3 + rng.normal(0, 0.3, (90, 3))
    head, _ = training.train_head(points, labels, (points, labels), 3, 30, 0.05)
    scores = model.predict(head, points)
    assert scores.shape == (90, 3) and np.mean(scores.argmax(axis=1) == labels) == 1


def test_texture_tells_rough_from_smooth(set_up):
    rows = texture.texture_vectors(set_up.images.paths, SIZE)
    assert np.isfinite(rows).all()
    train, test = set_up.splits["train"], set_up.splits["test"]
    predicted = texture.train(rows[train], set_up.images.labels[train])
    assert predicted.score(rows[test], set_up.labels("test")) > 0.9
    assert np.isfinite(texture.texture_vector(np.full((32, 32, 3), 7, np.uint8))).all()


def test_grad_cam_points_at_the_crack(classifier):
    wall = draw(np.random.default_rng(8), False, SIZE)
    wall[:, 22:26] = 25
    heat = gradcam.grad_cam(classifier.model, wall)
    assert heat.shape == (SIZE, SIZE) and heat.max() == pytest.approx(1, abs=0.05)
    assert heat[:, 20:28].mean() > 2 * heat[:, :16].mean()
    against = gradcam.grad_cam(classifier.model, wall, class_id=0)
    assert against[:, 20:28].mean() < heat[:, 20:28].mean()


def test_a_scan_covers_every_pixel():
    image = np.zeros((70, 101, 3), np.uint8)
    image[:, 60:64] = 255
    heat, boxes, scores = scan.scan(
        image, lambda tiles: np.array([t.max() / 255 for t in tiles]), 32
    )
    assert heat.shape == (70, 101) and np.isfinite(heat).all()
    assert boxes[:, 2].max() == 70 and boxes[:, 3].max() == 101
    assert (boxes[:, 2] - boxes[:, 0] == 32).all()
    covered = (boxes[:, 1] <= 63) & (boxes[:, 3] > 60)
    np.testing.assert_array_equal(scores, covered.astype(float))
    assert heat[10, 62] == 1 and heat[10, 5] == 0
    small, boxes, _ = scan.scan(image[:20], lambda tiles: np.ones(len(tiles)), 32)
    assert small.shape == (20, 101) and (boxes[:, 2] == 20).all()


def test_a_classifier_keeps_its_facts(classifier, folder, tmp_path):
    path = saved.save_classifier(classifier, tmp_path / "my model.keras")
    again = saved.load_classifier(path)
    assert again.facts == classifier.facts
    paths = sorted((folder / "crack").iterdir())[:3]
    np.testing.assert_allclose(
        again.scores_of_files(paths), classifier.scores_of_files(paths), atol=1e-6
    )
    loaded = load_model_file(path)
    assert (loaded.labels, loaded.threshold) == (("clean", "crack"), 0.4)
    assert loaded.interpret(np.array([[0.55, 0.45]])).predicted.tolist() == [1]
    assert loaded.interpret(np.array([[0.55, 0.45]]), 0.5).predicted.tolist() == [0]
    assert [p.name for p in tmp_path.iterdir()] == ["my model.keras"]


def test_facts_of_another_version_are_refused_by_name(classifier, tmp_path):
    path = saved.save_classifier(classifier, tmp_path / "model.keras")
    facts = asdict(classifier.facts)
    for changed, message in [
        (facts | {"tresh": 0.3}, "model.keras has settings that are not known: tresh"),
        ({"size": SIZE}, "model.keras lacks the settings class_names, backbone"),
    ]:
        rewrite_facts(path, changed)
        with pytest.raises(UserError, match=message):
            saved.load_classifier(path)


def rewrite_facts(path, facts):
    """Put other facts into a .keras file."""
    with zipfile.ZipFile(path) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    entries[saved.ENTRY] = json.dumps(facts)
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in entries.items():
            archive.writestr(name, data)


def test_a_misspelt_setting_is_refused(set_up):
    split = set_up.images, set_up.splits
    with pytest.raises(TypeError, match="head_epoch"):
        comparison.train_network(*split, "tiny", SIZE, head_epoch=1)
    with pytest.raises(TypeError, match="tune_epoch"):
        comparison.fine_tuned(None, *split, tune_epoch=1)
    with pytest.raises(TypeError, match="head_epoch"):
        comparison.TrainingSettings(head_epoch=1)
    with pytest.raises(FrozenInstanceError):
        comparison.TrainingSettings().seed = 1


def test_batch_norm_learns_only_where_weights_are_random_or_it_is_asked_for():
    settings = comparison.TrainingSettings
    assert settings().freezes_norm("imagenet") and not settings().freezes_norm("none")
    assert settings(frozen_norm=True).freezes_norm("none")
    assert not settings(frozen_norm=False).freezes_norm("imagenet")


def test_files_that_are_none_are_refused(classifier, tmp_path):
    other = tmp_path / "other.keras"
    classifier.model.save(other)
    with pytest.raises(UserError, match="does not say what its classes are"):
        saved.load_classifier(other)
    other.write_text("text")
    with pytest.raises(UserError, match="is no .keras file"):
        saved.load_classifier(other)
    with pytest.raises(UserError, match="is no file; looked from"):
        saved.load_classifier(tmp_path / "gone.keras")
    with pytest.raises(UserError, match="is saved as .keras"):
        saved.save_classifier(classifier, tmp_path / "model.h5")


@pytest.mark.parametrize(("format", "far"), [("float32", 1e-4), ("int8", 0.15)])
def test_a_tflite_runs_without_tensorflow(classifier, tmp_path, format, far):
    rng = np.random.default_rng(2)
    images = np.stack([draw(rng, k % 2, SIZE) for k in range(8)])
    path = saved.save_tflite(classifier, tmp_path / "m.tflite", format, images)
    loaded = load_model(path)
    assert (loaded.kind, loaded.labels) == ("classifier", ("clean", "crack"))
    assert loaded.input_size == (SIZE, SIZE)
    scores = np.stack([loaded.predict(image).scores for image in images])
    np.testing.assert_allclose(scores, classifier.scores(images), atol=far)
    assert (scores.argmax(axis=1) == np.arange(8) % 2).all()


def test_tables_of_a_comparison(set_up):
    labels = set_up.labels("test")
    perfect, half = labels.astype(float), np.where(np.arange(len(labels)) % 2, 0.9, 0.1)
    both = {"perfect": perfect, "half": half}
    answers = {
        title: Predictions(np.stack([1 - said, said], 1))
        for title, said in both.items()
    }
    table = comparison.figures_table(answers, labels)
    assert table.loc["perfect", "accuracy"] == 1 and table.loc["perfect", "high"] == 1
    assert table.loc["half", "low"] < table.loc["half", "accuracy"]
    pairs = comparison.pairs_table(answers, labels)
    wrong = int(np.sum((half >= 0.5) != labels))
    assert pairs.loc[0, "only first right"] == wrong


def test_the_command_trains_saves_and_is_used(folder, tmp_path, monkeypatch, capsys):
    def run(name, *arguments):
        status, printed, err = run_command(monkeypatch, capsys, name, *arguments)
        assert status == 0, err
        return printed

    out, table = tmp_path / "aus gabe", tmp_path / "said.csv"
    flags = ("--weights", "none", "--size", "32", "--head_epochs", "5")
    places = ("--out", out, "--features", tmp_path / "cache")
    run("train_classifier", folder, *flags, *places)
    predicted = json.loads((out / "figures.json").read_text(encoding="utf-8"))
    assert predicted["classes"] == ["clean", "crack"]
    assert predicted["pictures"]["test"]["clean"] == 6
    assert {p.name for p in out.iterdir()} >= {"model.keras", "model.tflite"}
    scores = run("classify", out / "model.tflite", folder / "crack", "--csv", table)
    assert len(scores.splitlines()) == 25
    assert len(table.read_text(encoding="utf-8").splitlines()) == 25
    assert table.read_text(encoding="utf-8").startswith("image,class,clean,crack\n")
    several = sorted((folder / "crack").iterdir())[:2]
    run("classify", out / "model.tflite", *several, "-o", tmp_path / "said")
    lines = (tmp_path / "said/classes.csv").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 3
    photo, heat = tmp_path / "photo.png", tmp_path / "heat.jpg"
    Image.fromarray(draw(np.random.default_rng(1), True, 100)).save(photo)
    tiles = ("--tile", "48", "--scan", heat)
    scores = run("classify", out / "model.tflite", photo, *tiles)
    assert "of 16 tiles of 48 pixels" in scores and Image.open(heat).size == (100, 100)


def test_faults_end_the_commands_without_a_traceback(tmp_path):
    script = ROOT / "scripts/classify.py"
    done = run_python(script, tmp_path / "no.keras", tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("error: 0 pictures found in")
    assert "Traceback" not in done.stderr
