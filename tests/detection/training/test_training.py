import csv
import dataclasses
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from helpers.tiny_detector import (
    STEPS,
    image_record,
    make_records,
    random_record,
    tiny_config,
    train_once,
)
from inspection.common.errors import DatasetError, UserError
from inspection.detection.config.label_map import write_label_map
from inspection.detection.model import checkpoint
from inspection.detection.model.checkpoint_files import trained_step
from inspection.detection.training import training_loop
from inspection.detection.training.callbacks import CheckpointWriter
from inspection.detection.training.graph_errors import explained
from inspection.detection.training.input_pipeline import (
    evaluation_batches,
    training_batches,
)
from inspection.keras_shared import precision

BOX = (0.1, 0.1, 0.6, 0.6)
CURVES = [
    "localization_loss",
    "classification_loss",
    "regularization_loss",
    "total_loss",
]


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Return the config and the folder of a short training."""
    return train_once(tmp_path_factory)


def history(model_dir):
    with open(model_dir / "history.csv", newline="", encoding="utf-8") as file:
        return [{k: float(v) for k, v in row.items()} for row in csv.DictReader(file)]


def arrays(variables):
    return {variable.path: np.array(variable) for variable in variables}


def test_the_loss_falls(trained):
    rows = history(trained[1])
    assert [row["step"] for row in rows] == [10, 20, 30, STEPS]
    total = [row["Loss/total_loss"] for row in rows]
    assert total[-1] < 0.95 * total[0]
    for row in rows:
        parts = [row[f"Loss/{name}"] for name in CURVES[:3]]
        assert sum(parts) == pytest.approx(row["Loss/total_loss"], rel=1e-4)
        assert row["steps_per_sec"] > 0
    assert rows[-1]["learning_rate"] == pytest.approx(0, abs=1e-6)  # the cosine's end


def test_tensorboard_shows_the_curves_under_the_names_of_the_api(trained):
    (path,) = (trained[1] / "train").glob("events.out.tfevents.*")
    points = {}
    for event in tf.compat.v1.train.summary_iterator(str(path)):
        for value in event.summary.value:
            points.setdefault(value.tag, []).append(event.step)
    names = {f"Loss/{name}" for name in CURVES} | {"learning_rate", "steps_per_sec"}
    assert set(points) == names
    assert all(steps == [10, 20, 30, STEPS] for steps in points.values())


def test_checkpoints_at_every_nth_step_and_at_the_end(trained):
    model_dir = trained[1]
    found = sorted(path.name for path in model_dir.glob("*.index"))
    assert found == ["ckpt-1.index", "ckpt-2.index", "ckpt-3.index"]
    assert checkpoint.find_checkpoint(model_dir) == str(model_dir / "ckpt-3")
    steps = [trained_step(model_dir / f"ckpt-{number}") for number in (1, 2, 3)]
    assert steps == [0, STEPS // 2, STEPS]  # as the API numbers them


def test_a_finished_training_has_nothing_to_do_and_keeps_its_state(trained, capsys):
    config, model_dir = trained
    files = {path: path.stat().st_mtime_ns for path in model_dir.rglob("*")}
    trainer = training_loop.train(config, model_dir)
    out = capsys.readouterr().out
    assert f"going on from {model_dir / 'ckpt-3'}, step {STEPS}" in out
    assert f"trained to step {STEPS} already: nothing to do" in out
    assert {path: path.stat().st_mtime_ns for path in model_dir.rglob("*")} == files
    reader = tf.train.load_checkpoint(str(model_dir / "ckpt-3"))
    moving = 0
    for variable in trainer.optimizer.variables:
        name = precision.state_key(variable)
        stored = reader.get_tensor(f"optimizer/{name}{checkpoint.SUFFIX}")
        np.testing.assert_array_equal(variable, stored, variable.path)
        moving += bool(np.any(stored))
    assert moving > 150  # the momentum of the weights, and not zeros
    for key, variable in checkpoint.variables_by_key(trainer.network).items():
        np.testing.assert_array_equal(
            variable, reader.get_tensor(key + checkpoint.SUFFIX)
        )


def test_a_folder_of_other_classes_is_refused(trained, tmp_path):
    config, model_dir = trained
    other = tiny_config(make_records(tmp_path), model__ssd__num_classes=3)
    write_label_map(["leak", "puddle", "crack"], tmp_path / "label_map.pbtxt")
    before = (model_dir / "checkpoint").read_text()
    with pytest.raises(checkpoint.CheckpointError) as error:
        training_loop.train(other, model_dir)
    text = str(error.value)
    assert str(model_dir) in text and "another model_dir" in text
    assert "fine_tune_checkpoint" in text
    assert (model_dir / "checkpoint").read_text() == before


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"train_config__batch_size": 2}, "train.batch_size 4, now 2"),
        (
            {"train_config__gradient_clipping_by_norm": 3.0},
            "train.gradient_clipping_by_norm .*, now 3.0",
        ),
    ],
)
def test_a_folder_of_other_settings_is_refused(trained, fields, named):
    config, model_dir = trained
    folder = Path(config.train_input.input_path[0]).parent
    other = tiny_config(folder, STEPS, **fields)
    with pytest.raises(UserError, match=named):
        training_loop.train(other, model_dir)


def test_a_folder_of_other_records_or_classes_is_refused(trained, tmp_path):
    config, model_dir = trained
    records = [random_record(i) for i in range(7)]
    other = tiny_config(make_records(tmp_path / "a", records), STEPS)
    with pytest.raises(UserError, match="train: 1 name changed, pictures.record"):
        training_loop.train(other, model_dir)
    same = tiny_config(make_records(tmp_path / "b"), STEPS + 40)
    training_loop.train(same, model_dir, STEPS)  # moved, and more steps wanted later
    write_label_map(["puddle", "leak"], tmp_path / "b" / "label_map.pbtxt")
    with pytest.raises(UserError, match="classes .*'leak': 1.*, now .*'leak': 2"):
        training_loop.train(same, model_dir)


@pytest.fixture(scope="module")
def frozen(tmp_path_factory):
    """Return a trainer with batch norms and backbone frozen, and one batch of one."""
    folder = make_records(tmp_path_factory.mktemp("frozen"))
    config = tiny_config(
        folder,
        train_config__batch_size=1,
        train_config__freeze_variables=["classification_backbone", "_fpn_.*top_layers"],
        model__ssd__freeze_batchnorm=True,
    )
    trainer = training_loop.build_trainer(config)
    trainer.run_eagerly = True
    return trainer, next(iter(training_batches(config)))


def test_frozen_variables_stay_and_the_others_move(frozen):
    trainer, (images, ground_truth) = frozen
    assert images.shape[0] == 1
    before = arrays(trainer.network.variables)
    trainer.train_on_batch(images, ground_truth)
    after = arrays(trainer.network.variables)
    moved = {
        path.split("/")[0] for path in before if (before[path] != after[path]).any()
    }
    names = {layer.name for layer in trainer.network.layers if layer.variables}
    learning = {
        "projection_1",
        "projection_2",
        "box_head",
        "class_head",
        "tower_0_conv",
    }
    assert learning <= moved
    assert moved == {
        name
        for name in names
        if name.startswith(("projection_1", "projection_2", "box_", "class_"))
        or name.endswith("_conv")
        and not name.startswith(("block_", "expanded"))
    }


def test_a_batch_without_objects_trains(frozen):
    trainer, (images, _) = frozen
    ground_truth = {
        "boxes": tf.zeros([1, 0, 4]),
        "classes": tf.zeros([1, 0], tf.int32),
        "name": tf.constant(["empty.png"]),
    }
    trainer.train_on_batch(images, ground_truth)
    parts = {name: float(metric.result()) for name, metric in trainer.parts.items()}
    assert all(np.isfinite(value) for value in parts.values())


def test_the_steps_are_split_where_the_curves_have_a_point():
    stretches = [
        list(training_loop._stretches(*ends, 100)) for ends in ((0, 250), (30, 250))
    ]
    assert stretches[0] == [(0, 200, 100), (200, 250, 50)]
    assert stretches[1] == [(30, 100, 70), (100, 200, 100), (200, 250, 50)]
    assert list(training_loop._stretches(30, 60, 100)) == [(30, 60, 30)]
    assert list(training_loop._stretches(100, 200, 100)) == [(100, 200, 100)]


def test_classes_of_label_map_and_config_must_agree(tmp_path):
    config = tiny_config(make_records(tmp_path), model__ssd__num_classes=90)
    with pytest.raises(UserError) as error:
        training_loop.train(config, tmp_path / "model")
    assert "num_classes is 90" in str(error.value)
    assert "label_map.pbtxt has 2 classes" in str(error.value)
    assert not (tmp_path / "model").exists()


def test_missing_records_are_told_before_anything_is_written(tmp_path):
    config = tiny_config(make_records(tmp_path))
    (tmp_path / "pictures.record").unlink()
    with pytest.raises(DatasetError, match="no record file found"):
        training_loop.train(config, tmp_path / "model")
    assert not (tmp_path / "model").exists()


def test_records_of_others_are_checked_before_training(tmp_path):
    boxes = [(6.0, 6.0, 40.0, 40.0)]
    data = random_record(1).encoded
    records = [random_record(0), image_record("pixels.png", boxes, [1], encoded=data)]
    config = tiny_config(make_records(tmp_path, records))
    with pytest.raises(DatasetError, match=r"record 2, pixels\.png: box .* in pixels"):
        training_loop.train(config, tmp_path / "model")
    assert not (tmp_path / "model").exists()


def test_a_picture_in_training_and_evaluation_is_refused(tmp_path):
    config = tiny_config(make_records(tmp_path))
    other = make_records(tmp_path / "val", [random_record(9), random_record(2)])
    name = "eval_input_reader.tf_record_input_reader.input_path"
    config.set(name, (other / "pictures.record").as_posix())
    with pytest.raises(DatasetError, match=r"tiny_02\.png: is tiny_02\.png there"):
        training_loop.train(config, tmp_path / "model")


@pytest.mark.parametrize("name", ["ckpt-2", "ckpt-2.index", ""])
def test_a_detection_checkpoint_is_no_classification_one(trained, name):
    config, model_dir = trained
    other = dataclasses.replace(
        config.train,
        fine_tune_checkpoint=str(model_dir / name),
        fine_tune_checkpoint_type="classification",
    )
    fake = type("Config", (), {"train": other, "model": config.model})
    with pytest.raises(UserError, match='_type: "detection"'):
        training_loop.load_starting_weights(None, fake)


@pytest.mark.parametrize("source", ["imagenet", "weights.npz", "weights.h5"])
def test_weights_of_a_backbone_are_no_detection_checkpoint(trained, tmp_path, source):
    config = trained[0]
    if source != "imagenet":
        source = str(tmp_path / source)
        open(source, "wb").close()
    other = dataclasses.replace(
        config.train, fine_tune_checkpoint=source, fine_tune_checkpoint_type="detection"
    )
    fake = type("Config", (), {"train": other, "model": config.model})
    with pytest.raises(UserError, match='_type: "classification"'):
        training_loop.load_starting_weights(None, fake)


@pytest.mark.parametrize("batches", [training_batches, evaluation_batches])
def test_a_class_id_without_a_class_names_the_picture(tmp_path, batches):
    records = [random_record(0), image_record("it's ü [1].png", [BOX], [3])]
    config = tiny_config(make_records(tmp_path, records))
    config.set("train_input_reader.shuffle", False)
    with pytest.raises(UserError) as error, explained([]):
        list(batches(config).take(1))
    assert str(error.value) == "it's ü [1].png: a class id that is not in the label map"


def test_a_record_with_something_else_for_a_picture(tmp_path):
    records = [image_record("page.png", [BOX], [1], encoded=b"<html></html>")]
    config = tiny_config(make_records(tmp_path, records))
    with pytest.raises(UserError, match="cannot be read .Unknown image file format"):
        with explained([]):
            list(evaluation_batches(config))


def test_a_cut_off_record_file_is_named(tmp_path):
    config = tiny_config(make_records(tmp_path))
    path = tmp_path / "pictures.record"
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(DatasetError, match="pictures.record: record 8 is cut off"):
        with explained([path]):
            list(evaluation_batches(config))


def test_a_writer_saves_a_step_once(frozen, tmp_path):
    writer = CheckpointWriter(frozen[0], tmp_path / "new", 5)
    writer.resume()
    for step in (4, 5, 5, 6, 10):
        writer.optimizer.iterations.assign(step)
        writer.on_train_batch_end(0)
    writer.save()
    names = sorted(path.name for path in (tmp_path / "new").glob("*.index"))
    assert names == ["ckpt-1.index", "ckpt-2.index"]
