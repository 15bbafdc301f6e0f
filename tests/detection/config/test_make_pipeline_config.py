import pytest

from helpers.commands import run_command
from helpers.tiny_detector import image_record
from inspection.detection.config import pipeline_config
from inspection.detection.config.label_map import write_label_map
from inspection.detection.config.pipeline_settings import AtssMatcher
from inspection.detection.records.records import write_records

PATHS = ("train a.record", "train b.record", "ü test.record")


@pytest.fixture
def make(tmp_path, monkeypatch, capsys):
    """Return a function that runs the command; gives (status, out, err, config)."""
    write_label_map(["leak", "puddle", "crack"], tmp_path / "label_map.pbtxt")

    def run(*arguments):
        output = tmp_path / "out" / "pipeline.config"
        status, out, err = run_command(
            monkeypatch,
            capsys,
            "make_pipeline_config",
            *("--output", output),
            *("--label_map", tmp_path / "label_map.pbtxt"),
            *("--train_records", *PATHS[:2], "--eval_records", PATHS[2]),
            *arguments,
        )
        config = pipeline_config.read(output) if output.exists() else None
        return status, out, err, config

    return run


def refused(make, *arguments):
    status, out, err, config = make(*arguments)
    assert (status, out, config) == (2, "", None)
    assert err.startswith("error: ") or "make_pipeline_config.py: error: " in err
    assert "Traceback" not in err
    return err


def test_a_config_from_nothing_but_records_and_classes(make, tmp_path):
    status, out, err, config = make("--num_steps", 300, "--batch_size", 4)
    assert (status, err) == (0, "")
    assert "3 classes, 320x320 pixels, 300 steps of 4" in out
    assert config.model.num_classes == 3
    assert config.train_input.input_path == PATHS[:2]
    assert config.eval_input.input_path == PATHS[2:]
    assert config.train_input.label_map_path == str(tmp_path / "label_map.pbtxt")
    assert config.eval_input.label_map_path == str(tmp_path / "label_map.pbtxt")
    assert (config.train.num_steps, config.train.batch_size) == (300, 4)
    rate = config.train.optimizer.learning_rate
    assert (rate.total_steps, rate.warmup_steps) == (300, 30)
    assert config.train.fine_tune_checkpoint == ""


def test_values_of_every_type(make):
    _, _, _, config = make(
        "--set",
        "train_config.max_number_of_boxes=7",
        "model.ssd.feature_extractor.depth_multiplier=0.35",
        'train_config.fine_tune_checkpoint="my model/ckpt-0"',
        "model.ssd.freeze_batchnorm=true",
        "model.ssd.post_processing.score_converter=SIGMOID",
        "model.ssd.loss.classification_loss.weighted_sigmoid_focal.gamma=1",
    )
    assert config.train.max_number_of_boxes == 7
    assert config.model.feature_extractor.depth_multiplier == 0.35
    assert config.train.fine_tune_checkpoint == "my model/ckpt-0"
    assert config.model.freeze_batchnorm is True
    assert config.model.losses.gamma == 1.0
    assert "score_converter: SIGMOID" in config.text()


def test_one_of_several_blocks_is_reached_by_its_number(make):
    path = "train_config.data_augmentation_options[1].random_crop_image.min_area"
    _, _, _, config = make("--set", f"{path}=0.9")
    assert config.train.augmentations[1].params["min_area"] == 0.9
    assert config.train.augmentations[1].params["overlap_thresh"] == 0.4


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("train_config.batch_size=many", "train_config.batch_size must be a whole"),
        ("train_config.batch_size=1.5", "train_config.batch_size must be a whole"),
        ("model.ssd.num_classes=0", "num_classes must be at least 1"),
        ("model.ssd.freeze_batchnorm=2", "freeze_batchnorm must be true or false"),
        ('model.ssd.feature_extractor.type="ssd_resnet"', '"ssd_resnet" is not supp'),
        ("model.ssd.feature_extractor=1", "feature_extractor must be a block"),
        ("train_config.batch_size", "write FIELD=VALUE"),
        ("=5", "write FIELD=VALUE"),
        ("train_config.batch_size=", "--set train_config.batch_size="),
        ("train_config.batch_size.value=5", "train_config.batch_size"),
    ],
)
def test_a_change_that_cannot_be_used_is_refused(make, change, message):
    assert message in refused(make, "--set", change)


def test_a_field_of_the_wrong_kind_is_told_with_all_others(make):
    err = refused(make, "--set", "model.ssd.num_classes=x", "model.ssd.loss=5")
    assert "num_classes" in err and "loss must be a block" in err


def test_the_zoo_file_keeps_what_we_do_not_know(make, shared_data):
    name = "ssd_mobilenet_v2_fpnlite_320x320_coco17_tpu-8"
    zoo = shared_data / "odapi_reference" / name / "pipeline.config"
    checkpoint = f"{name}/checkpoint/ckpt-0"
    status, _, _, config = make(
        *("--base", zoo, "--fine_tune_checkpoint", checkpoint),
        *("--fine_tune_checkpoint_type", "detection", "--batch_size", 8),
    )
    assert status == 0
    assert config.train.fine_tune_checkpoint == checkpoint
    assert config.train.fine_tune_checkpoint_type == "detection"
    assert config.train.num_steps == 50000
    old, new = zoo.read_text().splitlines(), config.text().splitlines()
    kept = [line for line in old if line in new]
    assert len(kept) >= len(old) - 10
    for field in (
        "sync_replicas: true",
        "replicas_to_aggregate: 8",
        "use_bfloat16: true",
    ):
        assert any(field in line for line in old) == any(field in line for line in new)


def test_the_options_are_checked_as_a_whole_file_is(make, tmp_path):
    broken = tmp_path / "broken.config"
    broken.write_text("model {\n")
    assert "never closed" in refused(make, "--base", broken)
    assert "there is no pipeline.config" in refused(make, "--base", tmp_path / "none")
    assert "there is no label map" in refused(
        make, "--label_map", tmp_path / "no.pbtxt"
    )


@pytest.mark.parametrize(
    "text, value",
    [
        ("my model/ckpt-0", "my model/ckpt-0"),
        ("/content/zoo/ckpt-0", "/content/zoo/ckpt-0"),
        ("C:\\Users\\ann\\zoo\\ckpt-0", "C:/Users/ann/zoo/ckpt-0"),
        ("zoo\\train\\ckpt-0", "zoo/train/ckpt-0"),
        ("ckpt-0", "ckpt-0"),
        ("123", "123"),
        ("true", "true"),
        ("", ""),
        ("'quoted # path'", "quoted # path"),
        ("a # b", "a # b"),
    ],
)
def test_text_needs_no_quotes(make, text, value):
    kind = "train_config.fine_tune_checkpoint_type=detection"
    change = f"train_config.fine_tune_checkpoint={text}"
    status, _, err, config = make("--set", kind, change)
    assert (status, err) == (0, "")
    assert config.train.fine_tune_checkpoint == value
    assert config.train.fine_tune_checkpoint_type == "detection"


def test_lists_of_records_and_of_numbers(make):
    reader = "train_input_reader.tf_record_input_reader.input_path"
    ratios = "model.ssd.anchor_generator.multiscale_anchor_generator.aspect_ratios"
    _, _, _, config = make("--set", f'{reader}=["a b", "/c"]', f"{ratios}=[1, 3]")
    assert config.train_input.input_path == ("a b", "/c")
    assert config.model.anchors.aspect_ratios == (1.0, 3.0)


@pytest.mark.parametrize(
    "change, message",
    [
        ("train_config.bach_size=4", "no field bach_size, the nearest is batch_size"),
        ("train_config.batchSize=4", "no field batchSize, the nearest is batch_size"),
        ("tran_config.batch_size=4", "no field tran_config, the nearest is train_con"),
        ("train_config.num_stpes=4", "no field num_stpes, the nearest is num_steps"),
        ("model.ssd.nmu_classes=4", "no field nmu_classes, the nearest is num_clas"),
        ("eval_config.batch_size=0", "eval_config.batch_size must be at least 1"),
        ("train_config.batch_size=nan", "train_config.batch_size must be a whole"),
        ("train_config.batch_size=[1, 2]", "train_config.batch_size is given 2 times"),
        (".".join("a" * 3000) + "=1", "write FIELD=VALUE"),
        ("...=1", "write FIELD=VALUE"),
        ("a b=1", "write FIELD=VALUE"),
        ("train_config[x].batch_size=1", "write FIELD=VALUE"),
        (f"train_config[{'9' * 5000}].batch_size=1", "write FIELD=VALUE"),
        (
            "train_config.data_augmentation_options[9].random_crop_image.min_area=1",
            "there are 5 train_config.data_augmentation_options, numbered from 0",
        ),
        ("train_config.batch_size[1]=1", "there are 1 train_config.batch_size"),
    ],
)
def test_slips_and_impossible_values_are_refused(make, change, message):
    assert message in refused(make, "--set", change)


def test_a_field_that_only_the_api_knows_is_kept_and_said(make):
    status, out, _, config = make("--set", "train_config.sync_replicas=true")
    assert status == 0
    assert "sync_replicas is not known here: written, without effect" in out
    assert "sync_replicas: true" in config.text()


@pytest.mark.parametrize("flag", ["--num_steps", "--batch_size"])
@pytest.mark.parametrize("number", ["0", "-1"])
def test_counts_begin_at_one(make, flag, number):
    assert "at least 1" in refused(make, flag, number)


def test_anchors_are_fitted_to_the_boxes_of_the_records(make, tmp_path):
    thin = [(0.1, 0.1, 0.15, 0.9), (0.5, 0.05, 0.54, 0.8), (0.7, 0.2, 0.76, 0.99)]
    record = tmp_path / "long.record"
    write_records([image_record("a.png", thin, [1, 1, 2])], record)
    status, out, err, config = make("--fit_anchors", "--train_records", record)
    assert (status, err) == (0, "")
    assert "100% of the boxes" in out and "0% before" in out
    assert min(config.model.anchors.aspect_ratios) > 10
    assert config.model.matcher == AtssMatcher(9, True)
    assert config.train.batch_size == 8  # all else is as it was


def test_anchors_that_cannot_be_fitted_are_refused(make, tmp_path):
    empty = tmp_path / "empty.record"
    write_records([image_record("a.png")], empty)
    says = refused(make, "--fit_anchors", "--train_records", empty)
    assert "there is no box to fit anchors to" in says
    model = ("--model", "ssd_mobilenet_v2_320x320")
    write_records([image_record("a.png", [(0, 0, 1, 1)], [1])], empty)
    says = refused(make, "--fit_anchors", "--train_records", empty, *model)
    assert "it has no pyramid" in says
