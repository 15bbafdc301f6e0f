"""The commands on three classes: training, comparison, files, answers, the service."""

import json
import tarfile

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from helpers import ROOT
from helpers.commands import run_here
from helpers.service_client import upload
from helpers.sets import crack_sets
from helpers.sets.class_sets import copy_renamed, draw, write_set
from inspection.classification import features
from inspection.classification.backbones import build_backbone
from inspection.classification.model_files import load_model_file
from inspection.deploy.runtime import load_model
from inspection.deploy.service.app import create_app
from inspection.deploy.service.server import serving

NAMES = ("glatt ü", "Riss", "zwei Risse")  # not in the order of the alphabet
SIZE = 32
SIDE = 96  # of real pictures
WALLS = ROOT / "data/weights/walls.npz"


def succeed(name, *arguments):
    """Run a command that must end well; return what it printed."""
    status, out, err = run_here(name, *arguments)
    assert status == 0, err
    return out


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_set(tmp_path_factory.mktemp("set") / "walls", NAMES)


@pytest.fixture(scope="module")
def flags(folder, tmp_path_factory):
    """Return what the commands that train are told alike."""
    cache = tmp_path_factory.mktemp("cache")
    return (folder, "--classes", *NAMES, "--size", SIZE, "--features", cache)


@pytest.fixture(scope="module")
def trained(flags, tmp_path_factory):
    """Run train_classifier.py; return its folder and what it printed."""
    out = tmp_path_factory.mktemp("model")
    printed = succeed("train_classifier", *flags, "--weights", WALLS, "-o", out)
    return out, printed


def read(path):
    return json.loads(path.read_text(encoding="utf-8"))


def test_the_command_trains_three_classes(trained):
    out, printed = trained
    assert "threshold" not in printed
    assert "macro F1" in printed and "zwei Risse" in printed
    found = read(out / "figures.json")
    assert found["classes"] == list(NAMES) and "thresholds" not in found
    assert "test at 0.5" not in found
    (row,) = found["test"].values()
    assert row["low"] <= row["accuracy"] <= row["high"] and row["accuracy"] > 0.7
    (by_class,) = found["classes, test"].values()
    assert by_class["Riss"]["pictures"] == 5
    (matrix,) = found["confusion, test"].values()
    right = sum(matrix[i][i] for i in range(3))
    assert right / np.sum(matrix) == pytest.approx(row["accuracy"], abs=1e-5)


def test_answers_hold_the_class_and_the_score_of_each(trained):
    table = pd.read_csv(trained[0] / "answers.csv")
    title = "MobileNetV2 0.35"
    scores = table[[f"{title}: {name}" for name in NAMES]]
    assert list(table)[:4] == ["image", "split", "group", "class"]
    assert table[title].tolist() == [NAMES[i] for i in scores.to_numpy().argmax(1)]
    row = next(iter(read(trained[0] / "figures.json")["test"].values()))
    test = table[table["split"] == "test"]
    assert (test[title] == test["class"]).mean() == pytest.approx(row["accuracy"])


@pytest.mark.parametrize("file", ["model.keras", "model.tflite"])
def test_evaluation_of_three_classes(trained, folder, tmp_path, file):
    flags = ("--json", tmp_path / "figures.json")
    printed = succeed("evaluate_classifier", trained[0] / file, folder, *flags)
    assert "60 pictures\n" in printed and "macro ROC-AUC" in printed
    found = read(tmp_path / "figures.json")
    assert set(found["classes"]) == set(NAMES) and "threshold" not in found
    table = pd.read_csv(trained[0] / "answers.csv")
    wanted = (table["MobileNetV2 0.35"] == table["class"]).mean()
    assert found["accuracy"] == pytest.approx(wanted, abs=0.02)
    assert np.trace(found["confusion"]) / 60 == pytest.approx(
        found["accuracy"], abs=1e-4
    )


def test_what_three_classes_cannot_have_is_refused(trained, flags, folder, tmp_path):
    model = trained[0] / "model.tflite"
    for line, told in [
        (("evaluate_classifier", model, folder, "--threshold", 0.3), "leave it out"),
        (
            ("classify", model, folder, "--threshold", 0.5),
            "--threshold is for two classes",
        ),
        (
            ("train_classifier", *flags, "-o", tmp_path, "--miss_cost", 10),
            "holds 3 classes",
        ),
        (
            ("compare_classifiers", *flags, "-o", tmp_path, "--alarm_cost", 2),
            "two classes",
        ),
        (
            ("evaluate_classifier", model, folder, "--classes", "a", "b"),
            "as many names",
        ),
    ]:
        status, _, err = run_here(*line)
        assert (status, err.count("\n")) == (2, 1) and told in err, line


@pytest.mark.parametrize("file", ["model.keras", "model.tflite"])
def test_classify_names_one_of_three(trained, folder, tmp_path, file):
    model, pictures = trained[0] / file, folder / "Riss"
    printed = succeed("classify", model, pictures, "-o", tmp_path).splitlines()
    table = pd.read_csv(tmp_path / "classes.csv")
    assert list(table) == ["image", "class", *NAMES]
    most = table[list(NAMES)].to_numpy().argmax(axis=1)
    assert table["class"].tolist() == [NAMES[i] for i in most]
    assert (table["class"] == "Riss").mean() > 0.7
    scores = table[list(NAMES)].max(axis=1)
    assert printed[0] == f"{table['image'][0]}  {table['class'][0]}  {scores[0]:.3f}"


def test_a_scan_reports_tiles_where_the_last_class_is_most_probable(trained, tmp_path):
    model = load_model_file(trained[0] / "model.tflite")
    rng = np.random.default_rng(3)
    tiles = [draw(rng, kind) for kind in (0, 1, 2) for _ in range(8)]
    last = model.scores(tiles).argmax(axis=1) == 2
    assert 0 < last.sum() < 24
    rows = [np.hstack(tiles[start : start + 6]) for start in range(0, 24, 6)]
    Image.fromarray(np.vstack(rows)).save(tmp_path / "wall.png")
    flags = ("--tile", 48, "--stride", 48, "--scan", tmp_path / "heat.jpg")
    source = (trained[0] / "model.tflite", tmp_path / "wall.png")
    printed = succeed("classify", *source, *flags)
    assert f"zwei Risse in {last.sum()} of 24 tiles of 48 pixels" in printed
    assert Image.open(tmp_path / "heat.jpg").size == (288, 192)


def test_the_service_answers_with_three_classes(trained, folder):
    model = load_model(trained[0] / "model.tflite")
    path = next((folder / "zwei Risse").iterdir())
    with serving(create_app(model, "walls")) as url:
        rows = upload(url, path.read_bytes()).body["classes"]
    assert {row["label"] for row in rows} == set(NAMES)
    scores = [row["score"] for row in rows]
    assert sum(scores) == pytest.approx(1, abs=1e-3) and scores == sorted(scores)[::-1]


def test_models_are_compared_on_another_set_too(flags, folder, tmp_path):
    other = copy_renamed(folder, tmp_path / "other", dict(zip(NAMES, "cab")))
    where = ("--other", other, "--other_classes", *"cab", "-o", tmp_path / "out")
    models = ("--models", "texture", f"mobilenetv2_035={WALLS}", "mobilenetv2_035=none")
    printed = succeed(
        "compare_classifiers", *flags, *models, *where, "--head_epochs", 20
    )
    assert "3 classes: costs and thresholds are for two" in printed
    assert "share found of each class" in printed
    found = read(tmp_path / "out/comparison.json")
    titles = ["Texture", "MobileNetV2 0.35, walls.npz", "MobileNetV2 0.35, none"]
    assert list(found["test"]) == list(found["on other"]) == titles
    # the same pictures, in the order of the first set's classes
    assert found["on other"]["Texture"]["accuracy"] > 0.7
    assert len(found["pairs"]) == 3
    assert {p.name for p in (tmp_path / "out").glob("*.png")} == {
        *("accuracy.png", "classes.png", "confusion.png", "precision_recall.png")
    }


def take(archive, folder, names, count):
    """Unpack so many pictures of each class, of both parts of CIFAR-10."""
    left = {(part, name): count for part in ("train", "test") for name in names}
    with tarfile.open(archive) as tar:
        for member in tar:
            part = tuple(member.name.split("/")[:2])
            if member.isfile() and left.get(part):
                tar.extract(member, folder, filter="data")
                left[part] -= 1
    assert not any(left.values())


def sklearn_accuracy(weights, cache, known, others):
    """Return the accuracy of a logistic regression of the same features.

    known, others: (paths, labels) to learn from and to test on.
    """
    backbone = build_backbone("mobilenetv2_035", SIDE, weights)
    rows = [features.extract(backbone, paths, cache) for paths, _ in (known, others)]
    regression = LogisticRegression(max_iter=3000)
    fitted = make_pipeline(StandardScaler(), regression).fit(rows[0], known[1])
    return fitted.score(rows[1], others[1])


@pytest.mark.soak
def test_real_pictures_are_named_as_scikit_learn_does(shared_data, tmp_path):
    names = ("ship", "cat", "horse")
    take(shared_data / "cifar10_jpeg.tar", tmp_path, names, 60)
    weights = shared_data / "weights/mobilenet_v2_0.35_224_notop.npz"
    cache = tmp_path / "cache"
    flags = ("--size", SIDE, "--weights", weights, "--features", cache)
    order, out = ("--classes", *names), tmp_path / "out"
    succeed("train_classifier", tmp_path / "train", *order, *flags, "-o", out)
    measured = ("--json", tmp_path / "figures.json")
    test = tmp_path / "test"
    succeed("evaluate_classifier", out / "model.keras", test, *measured)
    table = pd.read_csv(out / "answers.csv").query("split == 'train'")
    known = [tmp_path / "train" / name for name in table["image"]]
    others = [(p, i) for i, n in enumerate(names) for p in sorted((test / n).iterdir())]
    wanted = sklearn_accuracy(
        weights,
        cache,
        (known, [names.index(name) for name in table["class"]]),
        tuple(zip(*others)),
    )
    found = read(tmp_path / "figures.json")
    assert wanted > 0.8
    assert found["accuracy"] > wanted - 0.03


def test_two_classes_keep_threshold_and_columns_in_any_order(tmp_path):
    folder = crack_sets.write_set(tmp_path / "walls")
    other = crack_sets.write_set(tmp_path / "other", seed=1)
    flags = ("--classes", "crack", "clean", "--models", "texture", "--size", SIZE)
    flags += ("--other", other, "--miss_cost", 1, "-o", tmp_path / "out")
    succeed("compare_classifiers", folder, *flags)
    found = read(tmp_path / "out/comparison.json")
    assert list(found["thresholds"]) == ["Texture"]
    assert {"test", "test at 0.5", "on other", "on other at 0.5"} <= set(found)
    assert {"precision", "recall", "F1"} <= set(found["test"]["Texture"])
    # the other set in the order of the first, not of the alphabet
    assert found["on other at 0.5"]["Texture"]["accuracy"] > 0.9
    table = pd.read_csv(tmp_path / "out/answers.csv")
    assert list(table) == ["image", "split", "group", "class", "Texture"]
    assert table.groupby("class")["Texture"].mean()["clean"] > 0.5
