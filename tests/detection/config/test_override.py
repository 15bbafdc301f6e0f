"""--config_override: the text of a pipeline.config merged into another."""

import pytest

from inspection.common.errors import DatasetError, UserError
from inspection.detection.config import base_configs
from inspection.detection.config.pipeline_changes import override


@pytest.fixture
def config():
    return base_configs.read("ssd_mobilenet_v2_fpnlite_320x320")


def test_blocks_are_merged_and_values_replaced(config):
    override(
        config,
        "model { ssd { num_classes: 7 post_processing { batch_non_max_suppression {"
        " score_threshold: 0.3 } } } } train_config { batch_size: 2 }",
    )
    keep = config.model.post_processing
    assert (keep.score_threshold, keep.iou_threshold) == (0.3, 0.6)
    assert (config.model.num_classes, config.train.batch_size) == (7, 2)


def test_what_may_stand_several_times_is_added(config):
    before = len(config.train.augmentations)
    override(
        config,
        "train_config { data_augmentation_options { random_vertical_flip { } }"
        ' freeze_variables: "a" freeze_variables: "b" }',
    )
    assert len(config.train.augmentations) == before + 1
    assert config.train.freeze_variables == ("a", "b")


def test_nothing_changes_nothing(config):
    text = config.text()
    override(config, "")
    assert config.text() == text


@pytest.mark.parametrize(
    "text, kind, message",
    [
        ("model { ssd { num_clases: 3 } }", UserError, "the nearest is num_classes"),
        ("modle { }", UserError, "the nearest is model"),
        ("model { ssd {", DatasetError, "--config_override, line 1: this {"),
    ],
)
def test_what_is_not_meant_is_refused(config, text, kind, message):
    with pytest.raises(kind, match=message):
        override(config, text)


def test_places_to_be_configured_as_the_api_has_them(config):
    """Notebooks replace them by regular expressions."""
    text = config.text()
    for place in ("train", "val", "label_map"):
        assert f'"PATH_TO_BE_CONFIGURED/{place}' in text
    with pytest.raises(DatasetError, match="input_path is not filled in yet"):
        config.train_input  # noqa: B018
    config.set("train_config.fine_tune_checkpoint", "PATH_TO_BE_CONFIGURED/ckpt-0")
    assert config.label_map_path == ""
