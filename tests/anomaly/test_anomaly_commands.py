"""From good parts to a map: training, measuring, the runtime without TensorFlow."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from helpers import ROOT
from helpers.commands import run_here, run_python
from inspection.anomaly import evaluation, settings, training
from inspection.anomaly.features import read_batch
from inspection.common import notices
from inspection.common.errors import UserError
from inspection.datasets.good_parts import find_good, find_test, gather_test
from inspection.datasets.images.image_file import read_rgb
from inspection.deploy.inspect_images import paint_map
from inspection.deploy.runtime import load_model
from inspection.keras_shared.saving import read_model

WEIGHTS = ROOT / "data/weights/walls.npz"
SIZE = 64


def striped(rng, defect=False):
    """Return a plate with stripes, 64x64, and a mask of the dark spot on it, if any."""
    image = 150 + 25 * np.sin(np.arange(64) / 2 + rng.uniform(0, 0.4))
    image = image + rng.normal(0, 4, (64, 64))
    mask = np.zeros((64, 64), np.uint8)
    if defect:
        top, left = rng.integers(8, 44, 2)
        mask[top : top + 12, left : left + 12] = 255
        image = np.where(mask, 60, image)
    return np.uint8(np.clip(image, 0, 255))[..., None].repeat(3, axis=2), mask


def write(path, pixels):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)


@pytest.fixture(scope="module")
def plates(tmp_path_factory):
    folder, rng = tmp_path_factory.mktemp("plates ü"), np.random.default_rng(0)
    for number in range(70):
        write(folder / f"train/good/{number:02d}.png", striped(rng)[0])
    for number in range(20):
        write(folder / f"test/good/{number:02d}.png", striped(rng)[0])
        image, mask = striped(rng, defect=True)
        write(folder / f"test/spot/{number:02d}.png", image)
        write(folder / f"ground_truth/spot/{number:02d}_mask.png", mask)
    return folder


@pytest.fixture(scope="module", params=["gaussian", "memory"])
def trained(request, plates, tmp_path_factory):
    folder = tmp_path_factory.mktemp(request.param)
    chosen = settings.Settings(size=SIZE, method=request.param, memory=200)
    done = training.train(find_good(plates), WEIGHTS, chosen)
    training.save(done, folder)
    return folder, done


def test_spots_are_found_and_good_plates_pass(trained, plates):
    result = evaluation.evaluate(trained[0], find_test(plates))
    assert list(result.table.index) == ["spot", "all"]
    assert result.table.loc["all", "AUROC"] > 0.99
    # 8 x 8 places see a spot of 12 pixels roughly
    assert result.table.loc["all", "pixel AUROC"] > 0.85
    assert result.table.loc["spot", "PRO"] > 0.5
    assert result.table.loc["spot", "found"] == 1
    low, high = result.interval
    assert low <= result.false_alarms <= high


def test_tflite_says_what_keras_says(trained, plates):
    folder, done = trained
    paths = find_test(plates).all()[::7]
    batch = read_batch(paths, SIZE)
    expected = done.network.predict_on_batch(batch)
    stored = read_model(folder / training.MODEL).predict_on_batch(batch)
    np.testing.assert_allclose(stored, expected, atol=1e-5)
    model = load_model(folder / training.TFLITE)
    assert model.kind == "anomaly" and model.labels == ("good", "anomaly")
    for path, scores in zip(paths, expected, strict=True):
        found = model.predict(read_rgb(path))
        np.testing.assert_allclose(found.scores, scores, atol=1e-3)
        distance = np.sort((scores[..., 1] / scores[..., 0]).ravel())[-2:].mean()
        assert found.score == pytest.approx(distance / (1 + distance), abs=1e-3)
        assert found.map.shape == found.mask.shape == (64, 64)


def test_what_was_learnt_is_not_measured_on(trained, plates, capsys, monkeypatch):
    monkeypatch.setattr(notices, "_said", set())
    learnt = gather_test(plates / "train/good", plates / "test/spot")
    result = evaluation.evaluate(trained[0], learnt)
    aside = len(learnt.good) - len(trained[1].fitted.learnt)
    kept = sum(path.parent.name == "good" for path in result.scores)
    assert kept == aside == trained[1].fitted.aside
    assert "were learnt from: they are left out" in capsys.readouterr().err


def test_copies_are_learnt_once(plates):
    paths = find_good(plates)
    chosen = settings.Settings(size=SIZE)
    learnt, aside = training.divide([*paths, *paths], chosen)
    assert len(learnt) + len(aside) == len(paths)
    assert not set(learnt) & set(aside)
    with pytest.raises(UserError, match="12 different pictures.*are too few"):
        training.divide(paths[:12], chosen)


def test_a_bad_part_among_the_good_is_named():
    paths = [Path(f"{number}.png") for number in range(12)]
    scores = [1, 1.1, 0.9, 1.05, 0.95, 1, 1.1, 0.9, 1, 1, 9, 5]
    assert training.find_odd(paths, scores) == [paths[10], paths[11]]
    assert training.find_odd(paths[:10], scores[:10]) == []


def test_the_map_reddens_what_is_wrong_alone(trained, plates):
    model = load_model(trained[0] / training.TFLITE)
    path = plates / "test/spot/03.png"
    image = read_rgb(path)
    found = model.predict(image)
    changed = np.abs(paint_map(image, found).astype(int) - image).max(axis=2)
    mask = read_rgb(plates / "ground_truth/spot/03_mask.png")[..., 0] > 0
    assert changed[mask].mean() > 1.5 * changed[~mask].mean()


def test_the_commands_one_after_the_other(plates, tmp_path):
    model = tmp_path / "model"
    status, out, err = run_here(
        *("train_anomaly", plates, "-o", model, "--weights", WEIGHTS),
        *("--size", SIZE, "--false_alarms", "0.1"),
    )
    assert status == 0, err
    assert "threshold from 21 others" in out
    figures = tmp_path / "figures.json"
    status, out, err = run_here("evaluate_anomaly", model, plates, "--json", figures)
    assert status == 0, err
    assert json.loads(figures.read_text())["kinds"]["all"]["AUROC"] > 0.99
    found = tmp_path / "out"
    status, out, err = run_here(
        "inspect_parts", model / "model.tflite", plates / "test", "-o", found
    )
    assert status == 0, err
    with open(found / "parts.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 40 == len(list((found / "maps").rglob("*.jpg")))
    bad = [r["answer"] == "anomaly" for r in rows if r["image"].startswith("spot")]
    assert len(bad) == 20 and all(bad)
    assert out.startswith("40 pictures: ")


def test_inspection_needs_no_tensorflow(trained, plates):
    code = (
        "import sys; sys.path.insert(0, {scripts!r})\n"
        "from inspection.deploy import inspect_images, runtime\n"
        "from inspection.datasets.images.image_file import read_rgb\n"
        "found = runtime.load_model({model!r}).predict(read_rgb({image!r}))\n"
        "assert found.is_bad and not {{'tensorflow', 'keras'}} & set(sys.modules)\n"
    ).format(
        scripts=str(ROOT / "scripts"),
        model=str(trained[0] / training.TFLITE),
        image=str(plates / "test/spot/00.png"),
    )
    done = run_python("-c", code)
    assert done.returncode == 0, done.stderr


def test_what_the_commands_refuse(plates, tmp_path):
    other = ROOT / "data/models/cifar10_standin_small.tflite"
    for arguments, message in (
        (
            ("evaluate_anomaly", tmp_path, "--good", plates),
            "name a SET, or two folders",
        ),
        (("evaluate_anomaly", tmp_path, plates), "train one with train_anomaly.py"),
        (("inspect_parts", other, plates, "-o", tmp_path / "o"), "is a classifier"),
    ):
        status, _, err = run_here(*arguments)
        assert status == 2 and message in err
    with pytest.raises(UserError, match="multiple of 32"):
        training.train(find_good(plates), WEIGHTS, settings.Settings(size=70))
