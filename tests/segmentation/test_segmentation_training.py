"""Training, going on after a stop, export and the commands, on tiny drawn pictures."""

import csv
import dataclasses
import json
import shutil
import subprocess

import numpy as np
import pytest
from PIL import Image

from helpers.commands import run_command
from inspection.common.errors import UserError
from inspection.course import paths
from inspection.datasets.mask_pairs import read_pairs, write_split_lists
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


@pytest.mark.parametrize("last", [pytest.param(0, marks=pytest.mark.soak), 11])
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
    assert "points of percent" in result.area_error_text()


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
    for depth in (-1, 0, 10**9):
        with pytest.raises(UserError, match="is not between 1 and 8"):
            training.Settings(size=32, depth=depth)
    with pytest.raises(UserError, match="crop 18 must be a multiple of 4"):
        training.Settings(size=32, crop=18, depth=2)
    with pytest.raises(UserError, match="crop 64 is larger than size 32"):
        training.Settings(size=32, crop=64, depth=2)
    with pytest.raises(UserError, match="train one with"):
        Segmenter(tmp_path / "nothing")


def test_a_loss_that_is_no_number_stops_in_words(splits, tmp_path, monkeypatch):
    monkeypatch.setattr(training.MaskLoss, "call", lambda *maps: maps[-1] * np.nan)
    with pytest.raises(UserError, match="the loss is nan: take a tenth"):
        training.train(splits, tmp_path, SETTINGS)


def test_a_setting_that_is_not_known_is_refused(tmp_path):
    with pytest.raises(TypeError, match="epoch"):
        training.Settings(epoch=1)
    with pytest.raises(TypeError, match="positional"):
        training.Settings(32)
    (tmp_path / training.SETTINGS).write_text('{"epoch": 3, "size": 64}')
    with pytest.raises(UserError, match=r"settings.json has .* not known: epoch; "):
        training.read_settings(tmp_path)


def test_other_data_in_the_folder_of_a_run_is_refused(splits, folder, model_dir):
    train = splits["train"]
    swapped = {**splits, "train": [train[0], *train[2:]], "val": train[1:2]}
    with pytest.raises(UserError, match=r"train: 1 name gone, p01; val: 4 names gone"):
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
        Segmenter(model_dir), [folder / "images"], tmp_path, clean=True
    )
    assert len(rows) == 24
    table = list(csv.DictReader((tmp_path / "areas.csv").open(encoding="utf-8")))
    mask = np.array(Image.open(tmp_path / "masks/p01.png"))
    assert mask.shape == (40, 48) and set(np.unique(mask)) <= {0, 255}
    assert table[1]["image"] == "p01.jpg"
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
        segment_images.mark_images(Segmenter(model_dir), [inside], tmp_path / "out")
    assert (tmp_path / "out/masks/good.png").is_file()


def test_masks_of_one_name_do_not_replace_each_other(folder, model_dir, tmp_path):
    image = (folder / "images/p01.jpg").read_bytes()
    for name in ("in/a/1.jpg", "in/b/1.jpg"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_bytes(image)
    out = tmp_path / "in/out"
    for _ in range(2):
        rows = segment_images.mark_images(Segmenter(model_dir), [tmp_path / "in"], out)
        assert [row["image"] for row in rows] == ["a/1.jpg", "b/1.jpg"]
    masks = sorted(p.relative_to(out).as_posix() for p in out.rglob("*.png"))
    assert masks == ["masks/a/1.png", "masks/b/1.png"]
    (tmp_path / "in/a/1.JPEG").write_bytes(image)
    with pytest.raises(UserError, match="2 faults in 3 pictures"):
        segment_images.mark_images(Segmenter(model_dir), [tmp_path / "in"], out)


def test_settings_of_older_folders_mark_rust(model_dir, tmp_path):
    stored = json.loads((model_dir / training.SETTINGS).read_text(encoding="utf-8"))
    del stored["class_name"]
    (tmp_path / training.SETTINGS).write_text(json.dumps(stored), encoding="utf-8")
    assert training.read_settings(tmp_path).class_name == "rust"


@pytest.fixture
def run(monkeypatch, capsys):
    """Return a function that runs a command and returns what it prints."""

    def command(name, *arguments):
        status, out, _ = run_command(monkeypatch, capsys, name, *arguments)
        assert status == 0
        return out

    return command


def test_commands_one_after_the_other(folder, tmp_path, run):

    model, data = tmp_path / "model ü", ("--images", folder / "images")
    data += ("--masks", folder / "masks")
    small = ("--size", 32, "--depth", 2, "--width", 4, "--epochs", 1)
    crack = ("--class_name", "hair crack")
    out = run("train_segmenter", *data, "-o", model, *crack, *small)
    out += run("evaluate_segmenter", model, *data, "--split", "val")
    images = [folder / "images" / name for name in ("p01.jpg", "p02.jpg")]
    out += run("segment", model, *images, "-o", tmp_path / "out", "--tile", 32)
    out += run("export_segmenter", model, "-o", tmp_path / "m.tflite")
    for line in ("train", "boundary F1", "pictures of val", "area of hair crack"):
        assert line in out
    assert "areas.csv of 2 pictures" in out and "% hair crack on average" in out
    header = (tmp_path / "out/areas.csv").read_text(encoding="utf-8").split("\n")[0]
    assert header == "image,hair crack_percent,regions,largest_percent"
    assert b"background\nhair crack" in (tmp_path / "m.tflite").read_bytes()


def test_older_flags_of_the_commands_still_work(folder, model_dir, tmp_path, run):
    data = ("--images", folder / "images", "--masks", folder / "masks")
    write_split_lists({"test": read_pairs(data[1], data[3])[:2]}, tmp_path / "lists")
    lists = ("--splits", tmp_path / "lists/splits", "--side", "test")
    out = run("evaluate_segmenter", *data, "--model", model_dir, *lists)
    image, masks = folder / "images/p01.jpg", tmp_path / "out"
    out += run("segment", "--model", model_dir, "--input", image, "--out", masks)
    out += run("export_segmenter", "--model", model_dir, "--out", tmp_path / "m.tflite")
    for line in ("2 pictures of test", "areas.csv of 1 picture", "m.tflite: "):
        assert line in out


def test_a_command_says_what_is_wrong_in_one_line(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    flags = ("--images", "no", "--masks", "no", "--model", "m")
    status, _, err = run_command(monkeypatch, capsys, "train_segmenter", *flags)
    assert status == 2
    assert err.startswith("error: no is not a folder")
