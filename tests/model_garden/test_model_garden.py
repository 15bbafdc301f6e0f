"""Model Garden's RetinaNet: the same question as ours, asked in its own words."""

import copy
import math

import numpy as np
import pytest

pytest.importorskip("official", reason="needs requirements-modelgarden.txt")

import tensorflow as tf
from official.vision.ops import box_ops

from helpers.commands import run_python
from helpers.source_tree import MODULES, PACKAGE, imports_of
from inspection.common import run_identity
from inspection.common.errors import UserError
from inspection.course import paths
from inspection.datasets import voc
from inspection.detection.config import base_configs, label_map, pipeline_config
from inspection.detection.evaluation import evaluator
from inspection.detection.model.anchors import make_anchors
from inspection.detection.model.backbone_weights import save_backbone
from inspection.detection.model.network import build_network
from inspection.detection.records import record_builder
from inspection.detection.training.input_pipeline import evaluation_batches
from inspection.detection.training.losses import detection_losses
from inspection.model_garden import anchors, backbone, experiment, export, training
from inspection.model_garden.detector import GardenDetector, standardize

CLASSES = {"leak": 1, "puddle": 2}
LEAKS = paths.ROOT / "data/leaks"


def make_config(folder, size=128, steps=2):
    """Return a config of the smallest network for six bundled pictures."""
    names = (LEAKS / "splits/train.txt").read_text().split()[:6]
    sources = [LEAKS / f"annotations/{name}.xml" for name in names]
    assert set(sources) <= set(voc.list_annotations(LEAKS / "annotations"))
    record, labels = folder / "six.record", folder / "label_map.pbtxt"
    record_builder.build_records(sources, LEAKS / "images", CLASSES, record)
    label_map.write_label_map(CLASSES, labels)
    config = base_configs.read("ssd_mobilenet_v2_fpnlite_320x320")
    pipeline_config.edit(config, 2, 2, steps, train_records=record, label_map=labels)
    pipeline_config.edit(config, eval_records=record)
    config.set("model.ssd.feature_extractor.depth_multiplier", 0.35)
    for side in ("height", "width"):
        config.set(f"model.ssd.image_resizer.fixed_shape_resizer.{side}", size)
    return config


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    return make_config(tmp_path_factory.mktemp("records"))


@pytest.fixture(scope="module")
def network(config):
    return build_network(config.model)


@pytest.fixture(scope="module")
def start(network, tmp_path_factory):
    """Return the weights of our backbone as a file."""
    path = tmp_path_factory.mktemp("start") / "backbone.npz"
    save_backbone(network, path)
    return path


@pytest.fixture(scope="module")
def trained(config, start, tmp_path_factory):
    """Return (experiment, folder, model, curves) after two steps from our backbone."""
    folder = tmp_path_factory.mktemp("trained")
    start = backbone.write_checkpoint(start, experiment.make_experiment(config), folder)
    wanted = experiment.make_experiment(config, start)
    return wanted, folder, *training.train(wanted, folder / "model")


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


def test_settings_without_counterpart_are_refused(config, tmp_path):
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


def test_trains_on_our_records(trained):
    _, folder, _, curves = trained
    assert curves.index.tolist() == [2]
    assert np.isfinite(curves.to_numpy()).all()
    assert tf.train.latest_checkpoint(str(folder / "model"))


def test_last_stretch_may_be_shorter(config):
    wanted = experiment.make_experiment(config)
    wanted.trainer.steps_per_loop, wanted.trainer.train_steps = 50, 120
    progress = training.Progress(wanted)
    for _ in range(3):
        progress(dict.fromkeys(training.LOSSES, 1.0))
    assert progress.table().index.tolist() == [50, 100, 120]


def test_curves_of_a_training_that_is_done_already(config, trained):
    _, folder, _, _ = trained
    wanted = experiment.make_experiment(config)
    assert training.reached_step(folder / "model") == 2
    assert training.Progress(wanted, 2).table().empty


def test_our_coco_code_judges_it(trained, config):
    wanted, _, model, _ = trained
    result = evaluator.evaluate(GardenDetector(model, wanted), config)
    assert len(result.ground_truths) == 6
    assert result.coco.warnings == ()  # boxes of known classes were found


@pytest.fixture(scope="module")
def files(trained, tmp_path_factory):
    """Return {format: path} of the exported .tflite, calibrated with two pictures."""
    wanted, folder = copy.deepcopy(trained[0]), trained[1]
    keep = wanted.task.model.detection_generator.tflite_post_processing
    keep.nms_score_threshold = 0.0  # after two steps no score is high
    output = tmp_path_factory.mktemp("exported")
    return export.export_tflite(wanted, folder / "model", output, images=2)


def test_int8_is_smaller(files):
    assert set(files) == {"float32", "int8"}
    assert files["int8"].stat().st_size < 0.5 * files["float32"].stat().st_size


def boxes_of_all_anchors(model, images, config):
    """Return what the heads say of each anchor, as boxes [N, 4] in 0..1."""
    codes = model.head(model.decoder(model.backbone(standardize(images))))[1]
    codes = np.concatenate([np.reshape(level, (-1, 4)) for level in codes.values()])
    grid = anchors.make_anchors(images.shape[1:3], config.model.anchors)
    return box_ops.decode_boxes(codes, grid, [10.0, 10.0, 5.0, 5.0]).numpy()


def test_exported_file_finds_what_the_model_finds(trained, files, config):
    wanted, _, model, _ = trained
    images, _ = next(iter(evaluation_batches(config)))
    (inside,) = GardenDetector(model, wanted).detect_prepared(images[:1])
    (outside,) = export.TfliteDetector(files["float32"]).detect_prepared(images[:1])
    assert outside.scores.max() == pytest.approx(inside.scores.max(), abs=1e-4)
    # after two steps scores are nearly equal, and which box wins is chance: but each
    # one is a box of the network
    every = boxes_of_all_anchors(model, images[:1], config)
    off = np.abs(outside.boxes[:, None] - every[None]).max(-1).min(1)
    assert len(off) > 20 and off.max() < 1e-3


def test_exported_file_loses_no_class_on_two_threads(files, config):
    images, _ = next(iter(evaluation_batches(config)))
    one, two = (export.TfliteDetector(files["float32"], n) for n in (1, 2))
    for image in images:
        alone, shared = (d.detect_prepared(image[None])[0] for d in (one, two))
        np.testing.assert_array_equal(shared.class_ids, alone.class_ids)
        np.testing.assert_allclose(shared.scores, alone.scores, atol=1e-6)


def test_saved_model_takes_pictures_of_any_size(trained, tmp_path):
    wanted, folder, _, _ = trained
    made = export.export_saved_model(wanted, folder / "model", tmp_path / "saved")
    serve = tf.saved_model.load(str(made)).signatures["serving_default"]
    found = serve(tf.zeros((1, 90, 60, 3), tf.uint8))
    assert {"detection_boxes", "detection_scores"} <= set(found)


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


def test_another_training_in_its_folder_is_refused(config, tmp_path):
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
