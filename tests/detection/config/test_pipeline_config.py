import dataclasses

import pytest

from inspection.common.errors import DatasetError
from inspection.detection.config import pipeline_config
from inspection.detection.config import pipeline_settings as settings
from inspection.detection.config.augmentation_settings import RANDOM_CROP

MODEL = """
model { ssd {
  num_classes: 2
  image_resizer { fixed_shape_resizer { height: 256 width: 320 } }
  feature_extractor {
    type: "ssd_mobilenet_v2_fpn_keras" use_depthwise: true
    override_base_feature_extractor_hyperparams: true
    conv_hyperparams { initializer { truncated_normal_initializer { stddev: 0.03 } }
                       batch_norm { } }
  }
  box_coder { faster_rcnn_box_coder { } }
  matcher { argmax_matcher { } }
  similarity_calculator { iou_similarity { } }
  box_predictor { weight_shared_convolutional_box_predictor {
    use_depthwise: true share_prediction_tower: true
    conv_hyperparams { initializer { random_normal_initializer { } }
                       regularizer { l2_regularizer { } } batch_norm { } } } }
  anchor_generator { multiscale_anchor_generator { aspect_ratios: [1, 2] } }
  loss { classification_loss { weighted_sigmoid_focal { } }
         localization_loss { weighted_smooth_l1 { } } }
  post_processing { score_converter: SIGMOID }
  encode_background_as_zeros: true
} }
"""
TRAIN = """
train_config { optimizer { use_moving_average: false
  momentum_optimizer { learning_rate { cosine_decay_learning_rate { } } } } }
"""


@pytest.fixture
def read(tmp_path):
    def read_text(text):
        path = tmp_path / "pipeline.config"
        path.write_text(text, encoding="utf-8")
        return pipeline_config.read(path)

    return read_text


@pytest.fixture
def zoo_path(shared_data):
    folder = "ssd_mobilenet_v2_fpnlite_320x320_coco17_tpu-8"
    return shared_data / "odapi_reference" / folder / "pipeline.config"


def refused(config, view):
    with pytest.raises(DatasetError) as error:
        getattr(config, view)
    return str(error.value)


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


def test_a_missing_or_broken_file_is_named(tmp_path, read):
    with pytest.raises(DatasetError, match="no pipeline.config at .*nowhere"):
        pipeline_config.read(tmp_path / "nowhere")
    with pytest.raises(
        DatasetError, match=r"pipeline.config, line 1: this \{ is never"
    ):
        read("model {\n  ssd {\n  }\n")


def block_of(field):
    """Return a config with a field of train_config or model.ssd in its place."""
    return TRAIN.replace("train_config {", "train_config {\n" + field) + MODEL


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


def test_a_slip_in_the_name_of_a_block_is_named(read):
    config = read(MODEL + TRAIN.replace("train_config", "tran_config"))
    assert "did you mean train_config?" in refused(config, "train")


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


@pytest.mark.parametrize("field", ["use_moving_average: true", ""])
def test_averages_of_weights_are_refused_with_the_line(read, field):
    config = read(MODEL + TRAIN.replace("use_moving_average: false", field))
    text = refused(config, "train")
    assert "line 25: train_config.optimizer.use_moving_average must be false" in text


def test_plain_cross_entropy(read):
    config = read(MODEL.replace("weighted_sigmoid_focal", "weighted_sigmoid") + TRAIN)
    assert (config.model.losses.gamma, config.model.losses.alpha) == (0.0, None)


@pytest.mark.parametrize("converter", ["SIGMOID", "SOFTMAX"])
def test_converters_of_scores(read, converter):
    config = read(MODEL.replace("SIGMOID", converter))
    assert config.model.post_processing.score_converter == converter


def test_another_converter_is_refused_with_the_line(read):
    text = refused(read(MODEL.replace("SIGMOID", "IDENTITY")), "model")
    assert "post_processing.score_converter must be SIGMOID or SOFTMAX" in text
    assert "line 21" in text


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
