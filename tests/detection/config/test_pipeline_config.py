"""What a pipeline.config says is read as the API reads it."""

import dataclasses

import pytest

from helpers.config_texts import MODEL, TRAIN, block_of
from inspection.detection.config import pipeline_config
from inspection.detection.config import pipeline_settings as settings
from inspection.detection.config.augmentation_settings import RANDOM_CROP


def test_the_zoo_file_comes_back_byte_for_byte(zoo_path, tmp_path):
    copy = tmp_path / "copy" / "pipeline.config"
    pipeline_config.read(zoo_path).write(copy)
    assert copy.read_text() == zoo_path.read_text()


def test_the_zoo_model(zoo_path):
    model = pipeline_config.read(zoo_path).model
    assert (model.num_classes, model.image_height, model.image_width) == (90, 320, 320)
    assert model.feature_extractor.depth_multiplier == 1.0
    assert model.feature_extractor.fpn == settings.FeaturePyramid(3, 7, 128)
    assert model.anchors == settings.Anchors(3, 7, 4.0, (1.0, 2.0, 0.5), 2)
    assert model.losses == settings.Losses(2.0, 0.25, 1.0, 1.0, 1.0)
    assert model.predictor.class_prediction_bias_init == pytest.approx(-4.6)
    assert model.predictor.num_layers_before_predictor == 4
    assert model.matcher == settings.Matcher(0.5, 0.5, True)
    hyperparams = model.predictor.conv_hyperparams
    assert hyperparams.l2_weight == pytest.approx(4e-5)
    assert hyperparams.batch_norm.decay == pytest.approx(0.997)
    assert hyperparams.activation == "RELU_6"
    assert model.post_processing.score_threshold == pytest.approx(1e-8)
    assert model.normalize_loc_loss_by_codesize


def test_the_zoo_training(zoo_path):
    train = pipeline_config.read(zoo_path).train
    assert (train.batch_size, train.num_steps) == (128, 50000)
    rate = train.optimizer.learning_rate
    assert rate.learning_rate_base == pytest.approx(0.08)
    assert (rate.total_steps, rate.warmup_steps) == (50000, 1000)
    assert train.optimizer.momentum == pytest.approx(0.9)
    assert train.optimizer.moving_average_decay == 0
    flip, crop = train.augmentations
    assert flip.name == "random_horizontal_flip"
    assert crop.params == RANDOM_CROP | {
        "min_object_covered": 0.0,
        "max_aspect_ratio": 3.0,
        "min_area": 0.75,
        "overlap_thresh": 0.0,
    }
    assert train.unpad_groundtruth_tensors is False


def test_what_is_left_out_has_the_default_of_the_api(read):
    config = read(MODEL + TRAIN)
    model, train = config.model, config.train
    assert model.image_height == 256
    assert model.feature_extractor.fpn == settings.FeaturePyramid(3, 7, 256)
    assert model.anchors.aspect_ratios == (1.0, 2.0)
    assert model.losses.alpha is None
    assert model.matcher.force_match_for_each_row is False
    assert model.normalize_loc_loss_by_codesize is False
    first, second = (
        model.feature_extractor.conv_hyperparams,
        model.predictor.conv_hyperparams,
    )
    assert (first.l2_weight, second.l2_weight) == (0.0, 1.0)
    assert first.initializer == settings.Initializer(
        "truncated_normal_initializer", 0.0, 0.03
    )
    assert first.activation == "RELU"
    assert first.batch_norm == settings.BatchNorm(0.999, True, False, 0.001, True)
    assert train.batch_size == 32
    assert train.fine_tune_checkpoint_type == "classification"
    assert train.optimizer.learning_rate.warmup_steps == 10000
    assert config.eval == settings.EvalSettings()


def test_settings_cannot_be_changed(read):
    model = read(MODEL).model
    with pytest.raises(dataclasses.FrozenInstanceError):
        model.num_classes = 3


@pytest.mark.parametrize(
    ("optimizer", "wanted"),
    [
        (
            "adam_optimizer { learning_rate { manual_step_learning_rate {"
            " initial_learning_rate: 1 schedule { step: 5 learning_rate: .1 }"
            " schedule { step: 9 learning_rate: .01 } } } }",
            settings.ManualStepLearningRate(1.0, ((5, 0.1), (9, 0.01)), False),
        ),
        (
            "momentum_optimizer { learning_rate { exponential_decay_learning_rate {"
            " decay_steps: 10 } } }",
            settings.ExponentialDecayLearningRate(decay_steps=10),
        ),
        (
            "adam_optimizer { learning_rate { constant_learning_rate { } } }",
            settings.ConstantLearningRate(0.002),
        ),
    ],
)
def test_optimizers(read, optimizer, wanted):
    optimizer += " use_moving_average: false"
    view = read(f"train_config {{ optimizer {{ {optimizer} }} }}").train.optimizer
    assert view.learning_rate == wanted
    assert view.kind == optimizer.split("_")[0]
    assert view.momentum == (0.9 if view.kind == "momentum" else 0.0)


def test_fields_of_the_api_that_are_not_used_are_no_slips(read):
    fields = "sync_replicas: true startup_delay_steps: 0 use_bfloat16: true"
    fields += " fine_tune_checkpoint_version: V2 replicas_to_aggregate: 8"
    fields += " load_all_detection_checkpoint_vars: true"
    assert read(block_of(fields)).train.batch_size == 32


def test_an_optimizer_of_old_configs(read):
    train = read(MODEL + TRAIN.replace("momentum_", "rms_prop_")).train
    wanted = settings.OptimizerSettings(
        "rms_prop", settings.CosineDecayLearningRate(), 0.9, 1.0, 0.9
    )
    assert train.optimizer == wanted


def test_plain_cross_entropy(read):
    config = read(MODEL.replace("weighted_sigmoid_focal", "weighted_sigmoid") + TRAIN)
    assert (config.model.losses.gamma, config.model.losses.alpha) == (0.0, None)


@pytest.mark.parametrize("converter", ["SIGMOID", "SOFTMAX"])
def test_converters_of_scores(read, converter):
    config = read(MODEL.replace("SIGMOID", converter))
    assert config.model.post_processing.score_converter == converter


def test_of_two_readers_the_first_is_evaluated(read, capsys):
    reader = (
        'eval_input_reader {{ label_map_path: "m" '
        'tf_record_input_reader {{ input_path: "{}" }} }}\n'
    )
    config = read(MODEL + TRAIN + reader.format("a") + reader.format("b"))
    assert config.eval_input.input_path == ("a",)
    err = capsys.readouterr().err
    assert "line 28: another eval_input_reader is passed over" in err
    assert '"b"' in config.text()


def test_dropout_before_the_classes(read):
    field = "use_depthwise: true share_prediction_tower: true"
    more = f"{field} use_dropout: true dropout_keep_probability: 0.6"
    predictor = read(MODEL.replace(field, more)).model.predictor
    assert (predictor.use_dropout, predictor.dropout_keep_probability) == (True, 0.6)
