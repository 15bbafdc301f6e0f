"""What a pipeline.config says that cannot be: refused, with its line."""

import pytest

from helpers.config_texts import MODEL, TRAIN, block_of, refused
from inspection.common.errors import DatasetError
from inspection.detection.config import pipeline_config


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"ssd_mobilenet_v2_fpn_keras"', '"ssd_mobilenet_v2_keras"', "(supported: ssd"),
        (
            "fixed_shape_resizer",
            "identity_resizer",
            "(supported: fixed_shape_resizer, k",
        ),
        (
            "fixed_shape_resizer",
            "keep_aspect_ratio_resizer",
            "min_dimension must be max_dimension",
        ),
        ("SIGMOID", "IDENTITY", "score_converter must be SIGMOID or SOFTMAX"),
        (
            "encode_background_as_zeros: true",
            "",
            "encode_background_as_zeros must be t",
        ),
        ("num_classes: 2", "", "num_classes must be at least 1"),
        ("num_classes: 2", 'num_classes: "2"', "num_classes must be a whole number"),
        ("num_classes: 2", "num_classes: 2 num_classes: 3", "given 2 times"),
        ("weighted_sigmoid_focal", "weighted_softmax", "weighted_softmax is not supp"),
        ("weighted_smooth_l1", "weighted_iou", "weighted_iou is not supported"),
        ("aspect_ratios: [1, 2]", "", "aspect_ratios is missing"),
        ("multiscale_anchor_generator", "ssd_anchor_generator", "is not supported"),
        ("argmax_matcher", "bipartite_matcher", "bipartite_matcher is not supported"),
        ("l2_regularizer", "l1_regularizer", "l1_regularizer is not supported"),
        ("model { ssd {", "model { faster_rcnn {", "faster_rcnn is not supported"),
    ],
)
def test_what_is_not_supported_is_refused_by_name(read, old, new, message):
    assert old in MODEL
    text = refused(read(MODEL.replace(old, new)), "model")
    assert "pipeline.config" in text
    assert message in text


def test_all_that_is_wrong_is_told_at_once_with_its_line(read):
    text = MODEL.replace("SIGMOID", "IDENTITY").replace("l2_", "l1_")
    faults = refused(read(text), "model").splitlines()[1:]
    assert len(faults) == 2
    lines = text.splitlines()
    line = next(i for i, row in enumerate(lines, 1) if "l1_regularizer" in row)
    assert f"line {line}: model.ssd.box_predictor" in "".join(faults)


def test_unknown_augmentation_and_optimizer_are_refused(read):
    config = read(
        "train_config { data_augmentation_options { autoaugment_image { } }\n"
        " optimizer { sgd_optimizer { } }\n fine_tune_checkpoint_type: 'all' }"
    )
    text = refused(config, "train")
    assert "autoaugment_image is not supported" in text
    assert "sgd_optimizer is not supported" in text
    assert '"all" is not known' in text


def test_paths_to_be_configured_are_named(zoo_path, read):
    text = refused(pipeline_config.read(zoo_path), "train_input")
    assert "line 175: train_input_reader.label_map_path is not filled in yet" in text
    assert "tf_record_input_reader.input_path is not filled in yet" in text


def test_a_missing_or_broken_file_is_named(tmp_path, read):
    with pytest.raises(DatasetError, match="no pipeline.config at .*nowhere"):
        pipeline_config.read(tmp_path / "nowhere")
    with pytest.raises(
        DatasetError, match=r"pipeline.config, line 1: this \{ is never"
    ):
        read("model {\n  ssd {\n  }\n")


@pytest.mark.parametrize(
    "field, message",
    [
        ("batch_size: 0", "train_config.batch_size must be at least 1"),
        ("batch_size: -1", "train_config.batch_size must be at least 1"),
        ("batch_size: 1000000000", "batch_size must be at most 65,536"),
        ("num_steps: 0", "train_config.num_steps must be at least 1"),
        ("num_steps: -4", "train_config.num_steps must be at least 1"),
        ("num_steps: 1e9", "train_config.num_steps must be a whole number"),
        ("max_number_of_boxes: 0", "max_number_of_boxes must be at least 1"),
        ("gradient_clipping_by_norm: -1", "must be at least 0"),
        ("gradient_clipping_by_norm: nan", "must be a finite number"),
        ("gradient_clipping_by_norm: inf", "must be a finite number"),
        ("data_augmentation_options: 5", "must be a block in braces"),
        ("data_augmentation_options: random_horizontal_flip", "must be a block"),
        (
            "data_augmentation_options { random_horizontal_flip: 5 }",
            "random_horizontal_flip",
        ),
        (
            "data_augmentation_options { random_horizontal_flip { probability: 2 } }",
            "probability must be at most 1",
        ),
        (
            "data_augmentation_options { random_crop_image { min_area: .9 max_area: .5"
            " } }",
            "min_area is 0.9, above max_area, 0.5",
        ),
        (
            "data_augmentation_options { random_horizontal_flip {}"
            " random_vertical_flip {} }",
            "stand in one block",
        ),
        ("freeze_variables: 5", "freeze_variables must be text"),
        ("freeze_variables: 'a('", "freeze_variables 'a(' is no pattern"),
        ("update_trainable_variables: 'a'", "name the others in freeze_variables"),
        ("bach_size: 8", "bach_size is not known: did you mean batch_size?"),
        ("batchsize: 8", "batchsize is not known: did you mean batch_size?"),
        ("num_stpes: 8", "num_stpes is not known: did you mean num_steps?"),
    ],
)
def test_training_numbers_and_slips_are_refused_with_their_line(read, field, message):
    text = refused(read(block_of(field)), "train")
    assert message in text and "line " in text and ": train_config." in text


@pytest.mark.parametrize(
    "old, new, message",
    [
        ("height: 256", "height: -5", "height must be at least 32"),
        ("height: 256", "height: 0", "height must be at least 32"),
        ("height: 256", "height: 1000000000", "height must be at most 4,096"),
        ("width: 320", "widht: 320", "widht is not known: did you mean width?"),
        ("num_classes: 2", "num_classes: -2", "num_classes must be at least 1"),
        ("num_classes: 2", "num_classes: 999999992", "must be at most 100,000"),
        ("use_depthwise: true", "depth_multiplier: nan", "must be a finite number"),
        ("use_depthwise: true", "depth_multiplier: 0", "must be at least 0.01"),
        ("use_depthwise: true", "min_depth: -1", "min_depth must be at least 0"),
        ("use_depthwise: true", "fpn { min_level: 1 }", "must be at least 2"),
        (
            "batch_norm { }",
            "activation: TANH batch_norm { }",
            '"TANH" is not supported (NONE, RELU',
        ),
        ("stddev: 0.03", "stddev: -1", "stddev must be at least 0"),
        ("aspect_ratios: [1, 2]", 'aspect_ratios: ["2.0"]', "must be a number"),
        ("aspect_ratios: [1, 2]", "aspect_ratios: [1, two]", "must be a number"),
        ("aspect_ratios: [1, 2]", "aspect_ratios: [1, -2]", "must be at least 0.001"),
        ("aspect_ratios: [1, 2]", "aspect_ratios: [nan]", "must be a finite number"),
        ("model { ssd {", "model { ssd { ssd: 5", ""),
    ],
)
def test_model_numbers_and_slips_are_refused(read, old, new, message):
    assert old in MODEL
    config = read(MODEL.replace(old, new, 1))
    if message:
        text = refused(config, "model")
        assert message in text and "line " in text
    else:
        assert config.model.num_classes == 2  # a field that is not known is kept


@pytest.mark.parametrize(
    "rate, message",
    [
        ("cosine_decay_learning_rate { learning_rate_base: nan }", "a finite number"),
        ("cosine_decay_learning_rate { learning_rate_base: 0 }", "must be at least 1e"),
        ("cosine_decay_learning_rate { total_steps: 9 warmup_steps: 10 }", "above tot"),
        ("cosine_decay_learning_rate { total_steps: 2000 }", "above total_steps"),
        ("exponential_decay_learning_rate { decay_steps: 0 }", "must be at least 1"),
        ("constant_learning_rate { learning_rate: -1 }", "must be at least 0"),
        ("manual_step_learning_rate { schedule: 5 }", "must be a block in braces"),
        (
            'manual_step_learning_rate { schedule { step: "900" } }',
            "step must be a whole",
        ),
        (
            "manual_step_learning_rate { schedule { step: 9 } schedule { step: 5 } }",
            "must have rising steps",
        ),
        ("cosine_decay_learning_rate: 5", "is missing or empty"),
    ],
)
def test_learning_rates_that_cannot_be_are_refused(read, rate, message):
    text = f"train_config {{ optimizer {{ adam_optimizer {{ learning_rate {{ {rate} }}"
    assert message in refused(read(text + "}}}"), "train")


def test_two_optimizers_are_refused(read):
    both = "momentum_optimizer { } adam_optimizer { }"
    text = refused(read(f"train_config {{ optimizer {{ {both} }} }}"), "train")
    assert "momentum_optimizer and adam_optimizer stand in one block" in text


@pytest.mark.parametrize("view", ["train", "model", "train_input", "eval"])
def test_scalars_where_blocks_belong_are_named(read, view):
    name = {"train": "train_config", "eval": "eval_config"}.get(view, view)
    name = {"train_input": "train_input_reader"}.get(name, name)
    text = refused(read(f"{name}: 5"), view)
    assert f"line 1: {name} must be a block in braces" in text


def test_input_paths_are_text(read):
    reader = 'label_map_path: "a" tf_record_input_reader { input_path: 5 }'
    text = refused(read(f"train_input_reader {{ {reader} }}"), "train_input")
    assert "input_path must be text" in text
    config = read("train_input_reader { label_map_path: 5 }")
    assert config.label_map_path == ""


def test_a_slip_in_the_name_of_a_block_is_named(read):
    config = read(MODEL + TRAIN.replace("train_config", "tran_config"))
    assert "did you mean train_config?" in refused(config, "train")


@pytest.mark.parametrize("field", ["use_moving_average: true", ""])
def test_averages_of_weights_are_refused_with_the_line(read, field):
    config = read(MODEL + TRAIN.replace("use_moving_average: false", field))
    text = refused(config, "train")
    assert "line 25: train_config.optimizer.use_moving_average must be false" in text


def test_another_converter_is_refused_with_the_line(read):
    text = refused(read(MODEL.replace("SIGMOID", "IDENTITY")), "model")
    assert "post_processing.score_converter must be SIGMOID or SOFTMAX" in text
    assert "line 21" in text
