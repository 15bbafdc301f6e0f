"""Training, going on after a stop, export and the commands, on tiny drawn pictures."""

import csv
import dataclasses
import json
import runpy
import shutil
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from inspection.common.errors import UserError
from inspection.course import paths
from inspection.datasets.mask_pairs import read_pairs
from inspection.segmentation import evaluation, export, segment_images, training
from inspection.segmentation.batches import read_batches, training_batches
from inspection.segmentation.losses import PooledIoU
from inspection.segmentation.segmenter import Segmenter
from inspection.segmentation.workflow import train_segmenter

SETTINGS = training.Settings(size=32, depth=2, width=4, epochs=12, learning_rate=0.01)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a folder with images/ and masks/ of 24 brown squares on grey."""
    folder = tmp_path_factory.mktemp("a set ü")
    (folder / "images").mkdir()
    (folder / "masks").mkdir()
    for number in range(24):
        rng = np.random.default_rng(number)
        mask = np.zeros((40, 48), np.uint8)
        top, left = rng.integers(2, 18, 2)
        mask[top : top + 18, left : left + 20] = 87 * (number % 6 > 0)
        image = np.where(mask[..., None] > 0, (140, 70, 30), (150, 152, 155))
        image = np.clip(image + rng.normal(0, 12, image.shape), 0, 255)
        name = f"p{number:02d}"
        Image.fromarray(image.astype(np.uint8)).save(folder / f"images/{name}.jpg")
        Image.fromarray(mask).save(folder / f"masks/{name}.png")
    return folder


@pytest.fixture(scope="module")
def splits(folder):
    pairs = read_pairs(folder / "images", folder / "masks")
    return {"train": pairs[:16], "val": pairs[16:20], "test": pairs[20:]}


@pytest.fixture(scope="module")
def model_dir(splits, tmp_path_factory):
    model_dir = tmp_path_factory.mktemp("models") / "my model"
    train_segmenter(splits, model_dir, SETTINGS)
    return model_dir


@pytest.fixture(scope="module")
def exported(model_dir):
    path = model_dir / "rust.tflite"
    export.export(Segmenter(model_dir).network, 32, path)
    return path


class Stop(training.keras.callbacks.Callback):
    def __init__(self, last):
        super().__init__()
        self.last = last

    def on_epoch_end(self, epoch, logs=None):
        if epoch == self.last:
            raise KeyboardInterrupt


@pytest.mark.parametrize("last", [0, 11])
def test_after_a_stop_it_ends_where_a_whole_training_does(
    last, splits, tmp_path, model_dir
):
    with pytest.raises(KeyboardInterrupt):
        training.train(splits, tmp_path / "m", SETTINGS, callbacks=[Stop(last)])
    assert not (tmp_path / "m" / training.MODEL).exists()
    training.train(splits, tmp_path / "m", SETTINGS)
    for run in (tmp_path / "m", model_dir):
        rows = list(csv.DictReader((run / training.HISTORY).open()))
        assert [int(row["epoch"]) for row in rows] == list(range(12))
        assert all(float(row["seconds"]) > 0 for row in rows)
    stopped, whole = (training.load(run)[0] for run in (tmp_path / "m", model_dir))
    for after, wanted in zip(stopped.get_weights(), whole.get_weights(), strict=True):
        np.testing.assert_allclose(after, wanted, rtol=1e-3, atol=1e-5)


def test_the_network_kept_is_the_one_that_was_validated_last(splits, model_dir):
    network, _ = training.load(model_dir)
    seen, batches = PooledIoU(), read_batches(splits["val"], 32, 8)
    for images, masks in batches:
        seen.update_state(masks, network(images))
    *_, last = csv.DictReader((model_dir / training.HISTORY).open())
    assert float(last["val_iou"]) == pytest.approx(float(seen.result()), abs=1e-3)


def test_parts_are_trained_on_and_each_picture_once_an_epoch(splits):
    settings = training.Settings(size=32, depth=2, crop=16, epochs=3, batch_size=5)
    shapes = [images.shape for images, _ in training_batches(splits["train"], settings)]
    assert shapes == [(5, 16, 16, 3)] * 9  # of 16 pictures three times five
    again = training_batches(splits["train"], settings, first_epoch=2)
    whole = training_batches(splits["train"], settings).skip(6)
    for (images, _), (wanted, _) in zip(again, whole, strict=True):
        np.testing.assert_array_equal(images, wanted)


def test_it_learns(splits, model_dir):
    result = evaluation.evaluate(model_dir, splits["test"])
    assert result.table.loc["U-Net", "IoU"] > 0.5
    assert "points of percent" in result.describe_area()


def test_a_finished_run_is_not_trained_again(splits, model_dir, capsys):
    before = (model_dir / training.MODEL).stat().st_mtime_ns
    training.train(splits, model_dir, SETTINGS)
    assert "trained already" in capsys.readouterr().out
    assert (model_dir / training.MODEL).stat().st_mtime_ns == before


def test_other_settings_and_missing_parts_are_refused(splits, model_dir, tmp_path):
    other = training.Settings(size=64, depth=2, width=4, epochs=12, learning_rate=0.01)
    with pytest.raises(UserError, match="size 32, now 64"):
        training.train(splits, model_dir, other)
    with pytest.raises(UserError, match="0 pictures to val"):
        training.train({**splits, "val": []}, tmp_path, SETTINGS)
    empty = [pair for pair in splits["train"] if not pair.read()[1].any()]
    with pytest.raises(UserError, match="no mask of train has a foreground"):
        training.train({**splits, "train": empty}, tmp_path, SETTINGS)
    with pytest.raises(UserError, match="no mask of val has a foreground"):
        training.train({**splits, "val": empty}, tmp_path, SETTINGS)
    with pytest.raises(UserError, match="multiple of 4"):
        training.Settings(size=30, depth=2)
    with pytest.raises(UserError, match="crop 18 must be a multiple of 4"):
        training.Settings(size=32, crop=18, depth=2)
    with pytest.raises(UserError, match="crop 64 is larger than size 32"):
        training.Settings(size=32, crop=64, depth=2)
    with pytest.raises(UserError, match="train one with"):
        Segmenter(tmp_path / "nothing")


def test_other_data_in_the_folder_of_a_run_is_refused(splits, folder, model_dir):
    swapped = {**splits, "train": splits["train"][1:], "val": splits["train"][:1]}
    with pytest.raises(UserError, match=r"train: 1 name gone, p00; val: 4 names gone"):
        training.train(swapped, model_dir, SETTINGS)
    first = splits["train"][0]
    other = dataclasses.replace(first, mask=splits["train"][1].mask)
    mended = {**splits, "train": [other, *splits["train"][1:]]}
    with pytest.raises(UserError, match="train: 1 name changed, p00"):
        train_segmenter(mended, model_dir, SETTINGS)
    weights = folder / "some.npz"
    weights.write_bytes(b"other")
    with pytest.raises(UserError, match="other starting weights"):
        training.train(splits, model_dir, SETTINGS, weights)


def test_a_run_of_an_earlier_version_goes_on(splits, model_dir, tmp_path, capsys):
    old = shutil.copytree(model_dir, tmp_path / "old")
    (old / "run.json").unlink()
    training.train(splits, old, SETTINGS)
    assert "does not say which data" in capsys.readouterr().out


def test_export_answers_like_the_network_and_carries_labels(
    splits, model_dir, exported
):
    from ai_edge_litert.interpreter import Interpreter

    segmenter = Segmenter(model_dir)
    image, _ = splits["test"][1].read((32, 32))
    runner = Interpreter(str(exported))
    runner.allocate_tensors()
    runner.set_tensor(runner.get_input_details()[0]["index"], export.scale(image[None]))
    runner.invoke()
    answer = runner.get_tensor(runner.get_output_details()[0]["index"])
    assert answer.shape == (1, 32, 32, 2)
    assert np.allclose(answer.sum(axis=-1), 1, atol=1e-5)
    expected = segmenter.probability(image)
    assert np.allclose(answer[0, ..., 1], expected, atol=1e-4)
    assert b"background\nrust" in exported.read_bytes()


def test_mediapipe_marks_the_same(splits, model_dir, exported, tmp_path):
    python = paths.ROOT / ".venv-mediapipe/bin/python"
    if not (paths.ROOT / ".venv-mediapipe/ready").exists() or not python.exists():
        pytest.skip("needs .venv-mediapipe: python tools/setup_mediapipe.py")
    segmenter = Segmenter(model_dir)
    image, _ = splits["test"][1].read((32, 32))
    Image.fromarray(image).save(tmp_path / "x.png")
    client = paths.ROOT / "tests/helpers/mediapipe_client.py"
    command = [python, client, "segmenter", exported, "0"]
    done = subprocess.run(
        [*command, tmp_path / "x.png"], capture_output=True, text=True, timeout=240
    )
    assert done.returncode == 0, done.stderr[-1500:]
    answer = json.loads(done.stdout.splitlines()[-1])
    assert answer["labels"] == ["background", "rust"]
    ours = segmenter.probability(image)
    assert np.allclose(answer["scores"][1], ours, atol=1e-3)
    sure = np.abs(ours - 0.5) > 0.01
    assert np.array_equal(np.array(answer["classes"])[sure] > 0, (ours > 0.5)[sure])


def test_int8_export_is_smaller_and_needs_pictures(
    splits, model_dir, exported, tmp_path
):
    network, path = Segmenter(model_dir).network, tmp_path / "q.tflite"
    assert (
        export.export(network, 32, path, splits["train"], "int8") == path.stat().st_size
    )
    assert path.stat().st_size < exported.stat().st_size
    with pytest.raises(UserError, match="needs pictures"):
        export.export(network, 32, tmp_path / "x.tflite", kind="int8")


def test_segmenting_a_folder_writes_masks_overlays_and_areas(
    folder, model_dir, tmp_path
):
    rows = segment_images.mark_images(
        model_dir, folder / "images", tmp_path, clean=True
    )
    assert len(rows) == 24
    table = list(csv.DictReader((tmp_path / "areas.csv").open(encoding="utf-8")))
    mask = np.array(Image.open(tmp_path / "masks/p01.png"))
    assert mask.shape == (40, 48) and set(np.unique(mask)) <= {0, 255}
    assert float(table[1]["rust_percent"]) == pytest.approx(
        100 * (mask > 0).mean(), abs=1e-3
    )
    assert (tmp_path / "overlays/p01.jpg").is_file()


def test_broken_pictures_do_not_stop_the_others(folder, model_dir, tmp_path):
    inside = tmp_path / "in"
    inside.mkdir()
    (inside / "bad.jpg").write_bytes(b"\xff\xd8\xff")
    (inside / "good.jpg").write_bytes((folder / "images/p01.jpg").read_bytes())
    with pytest.raises(UserError, match="1 of 2 pictures.*\n.*bad.jpg"):
        segment_images.mark_images(model_dir, inside, tmp_path / "out")
    assert (tmp_path / "out/masks/good.png").is_file()


def command(name, *arguments):
    """Run a command in this process, where TensorFlow is loaded already."""
    script = paths.ROOT / "scripts" / name
    before, sys.argv = sys.argv, [str(script), *map(str, arguments)]
    try:
        runpy.run_path(str(script), run_name="__main__")
    finally:
        sys.argv = before


def test_commands_one_after_the_other(folder, tmp_path, capsys):
    model, data = tmp_path / "model ü", ("--images", folder / "images")
    data += ("--masks", folder / "masks")
    small = ("--size", 32, "--depth", 2, "--width", 4, "--epochs", 1)
    command("train_segmentation.py", *data, "--model", model, *small)
    command("evaluate_segmentation.py", *data, "--model", model)
    command("segment.py", "--model", model, "--input", folder / "images/p01.jpg",
            "--out", tmp_path / "out", "--tile", 32)  # fmt: skip
    command("export_segmentation.py", "--model", model, "--out", tmp_path / "m.tflite")
    out = capsys.readouterr().out
    for line in ("train", "boundary F1", "areas.csv of 1 picture", "m.tflite: "):
        assert line in out


def test_a_command_says_what_is_wrong_in_one_line(tmp_path):
    script = paths.ROOT / "scripts/train_segmentation.py"
    done = subprocess.run(
        [sys.executable, script, "--images", "no", "--masks", "no", "--model", "m"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("error: no is not a folder")
