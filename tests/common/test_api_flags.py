"""The API's flags in the commands that bear its programs' names."""

import argparse

import pytest

import export_tflite_graph_tf2
import exporter_main_v2
import model_main_tf2
from inspection.common import notices
from inspection.common.api_flags import add_switch, truth

CONFIG = "--pipeline_config_path=a.config"
TRAIN = (model_main_tf2, (CONFIG, "--model_dir=b"))
EXPORT = ("--trained_checkpoint_dir=b", "--output_directory=c", CONFIG)
SAVE, LITE = (exporter_main_v2, EXPORT), (export_tflite_graph_tf2, EXPORT)


def parse(monkeypatch, command, *flags):
    module, needed = command
    monkeypatch.setattr("sys.argv", [module.__name__, *needed, *flags])
    return module.parse_arguments()


@pytest.mark.parametrize(
    "flag",
    [
        "--logtostderr",
        "--alsologtostderr",
        "--alsologtostderr=True",
        "--alsologtostderr=false",
        "--noalsologtostderr",
        "--stderrthreshold=info",
        "--verbosity=1",
        "--log_dir=x",
    ],
)
@pytest.mark.parametrize("command", [TRAIN, SAVE, LITE], ids=["train", "save", "lite"])
def test_flags_of_logging_are_taken(monkeypatch, command, flag):
    assert parse(monkeypatch, command, flag)


@pytest.mark.parametrize(
    "command, flags",
    [
        (TRAIN, "--record_summaries"),
        (TRAIN, "--record_summaries=true --use_tpu=false --num_workers=1"),
        (TRAIN, "--norecord_summaries --nouse_tpu --tpu_name="),
        (TRAIN, "--eval_on_train_data=False"),
        (TRAIN, "--sample_1_of_n_eval_on_train_examples=5"),
        (TRAIN, "--sample_1_of_n_eval_examples=1 --num_train_steps 40000"),
        (TRAIN, "--checkpoint_dir=b --eval_timeout=60 --checkpoint_every_n=1000"),
        (SAVE, "--input_type image_tensor --config_override= --use_side_inputs=False"),
        (SAVE, "--side_input_shapes= --side_input_types= --side_input_names="),
        (LITE, "--max_detections 10 --ssd_use_regular_nms=t --config_override="),
        (LITE, "--centernet_include_keypoints=false --keypoint_label_map_path="),
    ],
)
def test_what_changes_nothing_is_taken(monkeypatch, command, flags):
    assert parse(monkeypatch, command, *flags.split())


@pytest.mark.parametrize(
    "command, flag, reason",
    [
        (TRAIN, "--use_tpu", "there is no TPU here"),
        (TRAIN, "--use_tpu=true", "there is no TPU here"),
        (TRAIN, "--tpu_name=mine", "there is no TPU here"),
        (TRAIN, "--num_workers=2", "train with --distribute"),
        (TRAIN, "--eval_on_train_data=true", "into eval_input_reader"),
        (TRAIN, "--eval_on_train_data", "into eval_input_reader"),
        (TRAIN, "--noeval_on_train_data=true", "into eval_input_reader"),
        (TRAIN, "--sample_1_of_n_eval_on_train_examples=0", "--sample_1_of_n_eval_on"),
        (TRAIN, "--alsologtostderr=maybe", "maybe is neither true nor false"),
        (SAVE, "--use_side_inputs=true", "no side inputs"),
        (TRAIN, "--checkpont_dir=b", "the nearest is --checkpoint_dir"),
        (TRAIN, "--num_train_step=5", "the nearest is --num_train_steps"),
        (SAVE, "--pipeline_config_pat=a", "the nearest is --pipeline_config_path"),
        (LITE, "--centernet_include_keypoints", "no CenterNet"),
        (LITE, "--keypoint_label_map_path=k.pbtxt", "no CenterNet"),
    ],
)
def test_what_cannot_be_had_is_refused_by_name(
    monkeypatch, capsys, command, flag, reason
):
    with pytest.raises(SystemExit) as stop:
        parse(monkeypatch, command, flag)
    assert stop.value.code == 2
    err = capsys.readouterr().err
    assert reason in err and flag.partition("=")[0] in err


@pytest.mark.parametrize("word", "true True t 1 yes Y".split())
def test_truths(word):
    assert truth(word) is True
    no = {"true": "false", "True": "FALSE", "t": "f", "1": "0", "yes": "no", "Y": "N"}
    assert truth(no[word]) is False


def test_a_switch_keeps_what_was_said():
    parser = argparse.ArgumentParser()
    add_switch(parser, "x")
    values = [parser.parse_args(a.split()).x for a in ("", "--x", "--x=0", "--nox")]
    assert values == [None, True, False, False]


@pytest.mark.parametrize("command", [TRAIN, SAVE, LITE], ids=["train", "save", "lite"])
@pytest.mark.parametrize(
    "flags, name",
    [
        ("--num_eval_steps=1000", "--num_eval_steps"),
        ("--num_eval_steps 1000", "--num_eval_steps"),
        ("--run_once", "--run_once"),
        ("--hparams_overrides=a=b --logtostderr", "--hparams_overrides"),
    ],
)
def test_what_nobody_knows_is_passed_over(monkeypatch, capsys, command, flags, name):
    monkeypatch.setattr(notices, "_said", set())
    assert parse(monkeypatch, command, *flags.split())
    err = capsys.readouterr().err
    assert err == f"warning: {name} is not known here: passed over\n"


@pytest.mark.parametrize("words", [["stray"], ["--run_once=1", "stray"], ["a", "--b"]])
def test_a_word_without_a_flag_is_refused(monkeypatch, capsys, words):
    with pytest.raises(SystemExit):
        parse(monkeypatch, TRAIN, *words)
    assert "unrecognized arguments: " in capsys.readouterr().err
