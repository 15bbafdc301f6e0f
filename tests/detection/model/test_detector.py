"""The detector of a config and a checkpoint that do not belong together in silence."""

import shutil

import pytest

from helpers.tiny_detector import tiny_config, train_once
from inspection.common import notices
from inspection.detection.model.detector import load_detector

CODER = "model.ssd.box_coder.faster_rcnn_box_coder"


@pytest.fixture
def archive(tmp_path_factory, tmp_path):
    """Return a folder as an archive has it: pipeline.config and checkpoint/."""
    notices._said.clear()
    _, trained = train_once(tmp_path_factory)
    shutil.copytree(
        trained, tmp_path / "checkpoint", ignore=shutil.ignore_patterns("*.config")
    )
    return tmp_path


@pytest.mark.parametrize("scales, said", [({}, False), ({"y_scale": 1.0}, True)])
def test_boxes_coded_otherwise_are_told(archive, capsys, scales, said):
    theirs = tiny_config(**{f"{CODER}.{name}": value for name, value in scales.items()})
    theirs.write(archive / "pipeline.config")
    load_detector(tiny_config(), archive / "checkpoint")
    assert (
        "has the box_coder (1.0, 10.0, 5.0, 5.0)" in capsys.readouterr().err
    ) == said


def test_a_config_that_cannot_be_read_is_passed_over(archive, capsys):
    (archive / "pipeline.config").write_text("model { faster_rcnn { } }")
    load_detector(tiny_config(), archive / "checkpoint")
    assert capsys.readouterr().err == ""
