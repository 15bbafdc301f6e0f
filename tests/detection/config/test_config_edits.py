"""A pipeline.config is changed in these lines and no other."""

import pytest

from inspection.common.errors import DatasetError
from inspection.detection.config import pipeline_config


def test_edit_changes_these_lines_and_no_other(zoo_path, tmp_path):
    config = pipeline_config.edit(
        pipeline_config.read(zoo_path),
        num_classes=2,
        batch_size=8,
        num_steps=300,
        fine_tune_checkpoint="my model/ckpt-0",
        fine_tune_checkpoint_type="detection",
        train_records=["a\\train.record-0", "a/train.record-1"],
        eval_records=tmp_path / "ü b" / "test.record",
        label_map="label_map.pbtxt",
    )
    path = tmp_path / "pipeline.config"
    config.write(path)
    read = pipeline_config.read(path)
    assert read.model.num_classes == 2
    assert (read.train.batch_size, read.train.num_steps) == (8, 300)
    rate = read.train.optimizer.learning_rate
    assert (rate.total_steps, rate.warmup_steps) == (300, 30)
    assert read.train.fine_tune_checkpoint == "my model/ckpt-0"
    assert read.train_input.input_path == ("a/train.record-0", "a/train.record-1")
    assert read.train_input.label_map_path == "label_map.pbtxt"
    assert read.eval_input.input_path == (str(tmp_path / "ü b" / "test.record"),)
    old, new = zoo_path.read_text().splitlines(), path.read_text().splitlines()
    assert len(new) == len(old) + 1
    assert len(set(old) & set(new)) == len(set(old)) - 9


def test_edit_leaves_out_what_is_not_given(zoo_path):
    config = pipeline_config.read(zoo_path)
    before = config.text()
    assert pipeline_config.edit(config).text() == before
    pipeline_config.edit(config, fine_tune_checkpoint="")
    assert config.train.fine_tune_checkpoint == ""


def test_set_by_path(zoo_path):
    config = pipeline_config.read(zoo_path)
    config.set("model.ssd.feature_extractor.depth_multiplier", 0.35)
    config.set("model.ssd.freeze_batchnorm", True)
    config.set("train_config.freeze_variables", ["backbone", "fpn"])
    assert config.model.feature_extractor.depth_multiplier == 0.35
    assert config.model.freeze_batchnorm is True
    assert config.train.freeze_variables == ("backbone", "fpn")


@pytest.mark.parametrize(
    "text",
    [
        r"C:\Users\mara\set\map.pbtxt",
        r"D:\training\annot",
        r"set\train.record",
        r"set\new\bar.record",
        r"set\2024\a.record",
        r"\\server\share\a",
        r"set\map.pbtxt",
        "D:\\leaks\\",
    ],
)
def test_a_backslash_in_a_path_is_refused_when_it_is_read(read, text):
    for field in ("train_config { fine_tune_checkpoint", "x { y { label_map_path"):
        closing = "}" * field.count("{")
        with pytest.raises(DatasetError, match="write /") as error:
            read(f'# config\n{field}: "{text}"\n{closing}')
        assert "line 2: " in str(error.value)


def test_a_path_with_an_escaped_backslash_comes_back(read, tmp_path):
    config = read(r'train_config { fine_tune_checkpoint: "C:\\new\\ckpt-0" }')
    assert config.message.get("train_config.fine_tune_checkpoint") == r"C:\new\ckpt-0"
    config.write(tmp_path / "b.config")
    again = pipeline_config.read(tmp_path / "b.config")
    assert again.text() == config.text()


def test_no_escape_is_written_that_would_not_be_read(read, tmp_path):
    config = read("a: 1")
    config.set("train_config.fine_tune_checkpoint", "D:\train")
    with pytest.raises(DatasetError, match="write /"):
        config.write(tmp_path / "b.config")
    assert not (tmp_path / "b.config").exists()


@pytest.mark.parametrize(
    "text",
    [
        "train_config { optimizer: 5 }",
        "train_config { optimizer { adam_optimizer: 5 } }",
        "train_config { optimizer { adam_optimizer { learning_rate: 5 } } }",
        "train_config { optimizer { adam_optimizer { learning_rate {"
        " cosine_decay_learning_rate: 5 } } } }",
        "train_config { optimizer { adam_optimizer { learning_rate {"
        ' cosine_decay_learning_rate { warmup_steps: "5" } } } } }',
    ],
)
def test_edit_leaves_to_the_views_what_is_no_block(read, text):
    config = pipeline_config.edit(read(text), num_steps=300)
    assert config.message.get("train_config.num_steps") == 300
