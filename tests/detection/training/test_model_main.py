"""The command that trains: stopped, gone on with, and given what it cannot use."""

import subprocess
import sys

import pytest
import tensorflow as tf

from helpers import ROOT
from helpers.commands import run_command
from helpers.tiny_detector import image_record, make_records, tiny_config
from helpers.waiting import wait_until
from inspection.detection.evaluation.watch import step_of

RATE = (
    "train_config.optimizer.momentum_optimizer.learning_rate.cosine_decay_learning_rate"
)
BOX = (0.1, 0.1, 0.6, 0.6)


@pytest.fixture
def folder(tmp_path):
    return make_records(tmp_path / "my data" / "ü b (1)")


def arguments(folder, config, *more):
    path = folder / "pipeline.config"
    config.write(path)
    paths = [f"--pipeline_config_path={path}", f"--model_dir={folder / 'training'}"]
    return [*paths, "--alsologtostderr", *more]


def has_come(path, process):
    assert process.poll() is None, "the training ended before its second checkpoint"
    return path.exists() and "ckpt-2" in path.read_text()


def test_after_a_kill_the_same_command_goes_on(folder, monkeypatch, capsys):
    config = tiny_config(folder, num_steps=100_000)
    flags = arguments(folder, config, "--checkpoint_every_n=3")
    program = ROOT / "scripts" / "model_main_tf2.py"
    model_dir = folder / "training"
    process = subprocess.Popen(
        [sys.executable, program, *flags], cwd=folder, stdout=subprocess.DEVNULL
    )
    try:
        wait_until(lambda: has_come(model_dir / "checkpoint", process), 0.05)
    finally:
        process.kill()
        process.wait()
    latest = tf.train.latest_checkpoint(str(model_dir))
    step = step_of(latest)
    assert step and step % 3 == 0
    flags += [f"--num_train_steps={step + 4}"]
    status, out, err = run_command(monkeypatch, capsys, "model_main_tf2", *flags)
    assert (status, err) == (0, "")
    assert f"going on from {latest}, step {step}" in out
    table = (model_dir / "history.csv").read_text().splitlines()
    assert table[-1].startswith(f"{step + 4},")
    state = tf.train.get_checkpoint_state(str(model_dir))
    steps = [step_of(path) for path in state.all_model_checkpoint_paths]
    assert steps[-3:] == [step, step + 3, step + 4]


def test_a_loss_that_is_not_finite_stops_with_the_names(tmp_path, monkeypatch, capsys):
    names = ["plain.png", "ü b [1].png", 'it\'s "x".png']
    folder = make_records(tmp_path, [image_record(name, [BOX], [1]) for name in names])
    config = tiny_config(folder, num_steps=50)
    config.set(f"{RATE}.learning_rate_base", 1e20)
    config.set(f"{RATE}.warmup_steps", 0)
    flags = arguments(folder, config)
    status, _, err = run_command(monkeypatch, capsys, "model_main_tf2", *flags)
    assert status == 2
    assert err.startswith("error: the loss is not finite; the batch held ")
    assert err.count("\n") == 1
    assert all(name in err for name in names)
    assert "check_dataset.py" in err and "learning rate" in err
    saved = [path.name for path in (folder / "training").glob("ckpt-*.index")]
    assert saved == ["ckpt-1.index"]  # of step 0


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("model.ssd.num_classes", 90, "num_classes is 90 in pipeline.config"),
        ("model.ssd.feature_extractor.type", "ssd_inception_v2_keras", "inception"),
        (
            "train_input_reader.label_map_path",
            "nowhere.pbtxt",
            "no label map at nowhere",
        ),
        (
            "train_input_reader.tf_record_input_reader.input_path",
            "nowhere.record",
            "no record file found",
        ),
        ("train_config.num_steps", 0, "num_steps must be at least 1"),
        (
            "train_config.fine_tune_checkpoint",
            "PATH_TO_BE_CONFIGURED",
            "fine_tune_checkpoint is not filled in yet",
        ),
        ("train_config.fine_tune_checkpoint", "nowhere/ckpt-0", "no checkpoint here"),
        (
            "train_config.fine_tune_checkpoint",
            "C:/nowhere.npz",
            'fine_tune_checkpoint_type: "classification"',
        ),
        ("train_config.batch_size", -1, "batch_size must be at least 1"),
        ("train_config.data_augmentation_options", 5, "must be a block in braces"),
        (
            "model.ssd.anchor_generator.multiscale_anchor_generator.max_level",
            6,
            "multiscale_anchor_generator.max_level must be that of the pyramid, 7",
        ),
        (
            "train_config.data_augmentation_options[5].random_distort_color.color_ordering",
            2,
            "random_distort_color.color_ordering must be 0 or 1",
        ),
    ],
)
def test_what_cannot_be_used_ends_the_command(
    folder, field, value, message, monkeypatch, capsys
):
    config = tiny_config(folder, **{field: value})
    flags = arguments(folder, config)
    status, _, err = run_command(monkeypatch, capsys, "model_main_tf2", *flags)
    assert status == 2
    assert err.startswith("error: ") and message in err
    assert not (folder / "training").exists()


@pytest.mark.parametrize("flag", ["--num_train_steps", "--checkpoint_every_n"])
def test_numbers_of_steps_are_at_least_one(folder, flag, monkeypatch, capsys):
    flags = arguments(folder, tiny_config(folder), f"{flag}=0")
    status, _, err = run_command(monkeypatch, capsys, "model_main_tf2", *flags)
    assert status == 2 and flag in err
    assert not (folder / "training").exists()


def test_a_missing_config_is_named(tmp_path, monkeypatch, capsys):
    flags = [f"--pipeline_config_path={tmp_path / 'x.config'}", "--model_dir=x"]
    status, _, err = run_command(monkeypatch, capsys, "model_main_tf2", *flags)
    assert status == 2
    assert err == f"error: there is no pipeline.config at {tmp_path / 'x.config'}\n"
