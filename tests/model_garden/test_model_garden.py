"""Model Garden's RetinaNet: the same question as ours, asked in its own words."""

import copy
import math

import numpy as np
import pytest

pytest.importorskip("official", reason="needs requirements-modelgarden.txt")

import tensorflow as tf

from helpers.commands import run_python
from helpers.source_tree import MODULES, PACKAGE, imports_of
from inspection.common import run_identity
from inspection.common.errors import UserError
from inspection.course import paths
from inspection.detection.config import base_configs
from inspection.detection.model.anchors import make_anchors
from inspection.detection.training.losses import detection_losses
from inspection.model_garden import anchors, backbone, experiment, export, training
from inspection.model_garden.detector import standardize

CLASSES = {"leak": 1, "puddle": 2}
LEAKS = paths.ROOT / "data/leaks"


def test_only_its_own_folder_imports_model_garden():
    names = {
        path.name: {n.split(".")[0] for n in imports_of(path)} & {"official", "orbit"}
        for path in MODULES
        if path.relative_to(PACKAGE).parts[0] != "model_garden"
    }
    assert {name for name, found in names.items() if found} == set()


@pytest.mark.parametrize("size", [128, 224, 320])
def test_anchors_are_ours(size):
    settings = base_configs.read("ssd_mobilenet_v2_fpnlite_320x320").model.anchors
    theirs = anchors.make_anchors((size, size), settings) * size
    ours = make_anchors((size, size), settings) * size
    assert theirs.shape == ours.shape
    levels = range(settings.min_level, settings.max_level + 1)
    rows = [math.ceil(size / 2**level) for level in levels]
    start = 0
    for level, count in zip(levels, rows, strict=True):
        end = start + 6 * count**2
        one, other = np.sort(theirs[start:end], 0), np.sort(ours[start:end], 0)
        # where the stride does not divide the side, the grid is laid another way
        exact = size % 2**level == 0
        assert np.allclose(one, other, atol=1e-3) == exact
        assert np.abs(one - other).max() <= 2**level / 2
        start = end


def test_padding_would_change_the_size(config):
    wanted = experiment.make_experiment(config)
    for reader in (wanted.task.train_data, wanted.task.validation_data):
        assert reader.parser.pad is False and reader.parser.keep_aspect_ratio is False


def test_settings_arrive(config):
    wanted = experiment.make_experiment(config)
    model, crop = wanted.task.model, wanted.task.train_data.parser.aug_type
    assert model.backbone.type == "mobilenet"
    assert model.num_classes == 3 and model.input_size == [128, 128, 3]
    assert crop.ssd_random_crop.area_range == [0.5, 1.0]
    (case,) = crop.ssd_random_crop.ssd_random_crop_params
    assert case.min_box_overlap == pytest.approx(0.4)
    assert wanted.trainer.train_steps == 2


def test_settings_without_counterpart_are_refused(make_config, tmp_path):
    other = make_config(tmp_path)
    other.set("model.ssd.feature_extractor.conv_hyperparams.activation", "SWISH")
    with pytest.raises(UserError, match="SWISH"):
        experiment.make_experiment(other)


def test_backbones_see_the_same(config, network, start):
    theirs = backbone.build_backbone(experiment.make_experiment(config))
    backbone.fill(theirs, backbone.for_standardized_images(np.load(start)))
    images = tf.random.stateless_uniform((1, 128, 128, 3), (1, 2), -1.0, 1.0)
    found = theirs(standardize(images), training=False)["3"]
    level = network.get_layer("block_5_add").output
    wanted = type(network)(network.inputs, level)(images, training=False)
    inside = (slice(None), slice(0, 8), slice(0, 8))  # padding is below and right
    assert np.allclose(found[inside], wanted[inside], rtol=1e-3, atol=1e-5)


def test_losses_are_ours(config, network):
    from official.core import task_factory

    wanted = experiment.make_experiment(config)
    task = task_factory.get_task(wanted.task)
    rng = np.random.default_rng(0)
    matched = (rng.random((1, 10)) < 0.3).astype("float32")
    classes = np.where(matched, rng.integers(1, 3, (1, 10)), -1)  # -1: nothing there
    codes, boxes, logits = (
        rng.normal(size=(1, 10, n)).astype("float32") for n in (4, 4, 3)
    )
    labels = {"cls_targets": {"3": classes[:, None]}, "box_targets": {"3": codes}}
    labels |= {"cls_weights": np.ones((1, 10), "float32"), "box_weights": matched}
    outputs = {"cls_outputs": {"3": logits}, "box_outputs": {"3": boxes}}
    _, *theirs, _ = task.build_losses(outputs, labels)
    predicted = {"class_predictions_with_background": logits, "box_encodings": boxes}
    targets = codes, np.maximum(classes, 0), tf.constant(matched)
    box_loss, class_loss = detection_losses(predicted, targets, config.model)
    count = matched.sum()  # they divide by one more, so as not to divide by zero
    for one, other in zip(theirs, (class_loss, box_loss), strict=True):
        assert float(one) * (count + 1) == pytest.approx(float(other) * count, 1e-4)


def test_last_stretch_may_be_shorter(config, tmp_path):
    wanted = experiment.make_experiment(config)
    wanted.trainer.steps_per_loop, wanted.trainer.train_steps = 50, 120
    progress = training.Progress(wanted, tmp_path)
    for _ in range(3):
        progress(dict.fromkeys(training.LOSSES, 1.0))
    assert progress.table().index.tolist() == [50, 100, 120]


def test_curves_go_on_where_the_checkpoint_stands(config, tmp_path):
    wanted = experiment.make_experiment(config)
    wanted.trainer.steps_per_loop, wanted.trainer.train_steps = 50, 150
    stopped = training.Progress(wanted, tmp_path)
    for loss in (4.0, 3.0):  # the second was not saved any more
        stopped(dict.fromkeys(training.LOSSES, loss))
    going_on = training.Progress(wanted, tmp_path, 50)
    for loss in (2.0, 1.0):
        going_on(dict.fromkeys(training.LOSSES, loss))
    done = training.Progress(wanted, tmp_path, 150).table()
    assert done["total_loss"].to_dict() == {50: 4.0, 100: 2.0, 150: 1.0}


def test_export_without_training_is_refused(config, tmp_path):
    wanted = experiment.make_experiment(config)
    with pytest.raises(UserError, match="train first"):
        export.export_saved_model(wanted, tmp_path, tmp_path / "out")


def test_figures_of_a_notebook_stay_where_they_were():
    program = (
        "import matplotlib; matplotlib.use('svg'); import inspection.model_garden; "
        "print(matplotlib.get_backend())"
    )
    done = run_python("-c", program, PYTHONPATH=str(paths.ROOT / "scripts"))
    assert done.stdout.split()[-1] == "svg", done.stderr[-500:]


def test_another_training_in_its_folder_is_refused(config, make_config, tmp_path):
    wanted = experiment.make_experiment(config)
    folder = tmp_path / "garden"
    run_identity.begin(folder, training.identity_of(wanted), begun=False)
    run_identity.begin(folder, training.identity_of(wanted), begun=True)
    other = make_config(tmp_path, size=160)
    with pytest.raises(UserError, match="task.model.input_size .*128.*, now .*160"):
        identity = training.identity_of(experiment.make_experiment(other))
        run_identity.begin(folder, identity, begun=True)


def test_gradients_are_clipped_where_the_config_says_so(config):
    def clipped():
        options = experiment.make_experiment(config).trainer.optimizer_config
        return options.optimizer.sgd.global_clipnorm

    config = copy.deepcopy(config)
    assert clipped() is None
    config.set("train_config.gradient_clipping_by_norm", 5.0)
    assert clipped() == 5.0
