"""The names that tutorials import from object_detection, and all others refused."""

import importlib
import inspect

import numpy as np
import pytest
from google.protobuf import text_format
from PIL import Image

from helpers import ROOT
from helpers.commands import run_python
from inspection.common.errors import DatasetError, UserError
from inspection.detection.config import base_configs, pipeline_config
from inspection.detection.config import pipeline_settings as settings
from inspection.detection.config.augmentation_settings import AUGMENTATIONS
from object_detection.protos import pipeline_pb2
from object_detection.utils import (
    config_util,
    dataset_util,
    label_map_util,
    ops,
    visualization_utils,
)

PACKAGE = ROOT / "scripts/object_detection"
MAP = """
item { id: 1 name: "leak" display_name: "Leak" }
item { id: 3 name: "puddle" }
"""
CATEGORIES = {1: {"id": 1, "name": "Leak"}, 3: {"id": 3, "name": "puddle"}}


@pytest.fixture
def label_map(tmp_path):
    path = tmp_path / "map ü.pbtxt"
    path.write_text(MAP)
    return str(path)


def test_label_maps(label_map):
    loaded = label_map_util.load_labelmap(label_map)
    assert [(item.id, item.name) for item in loaded.item] == [
        (1, "leak"),
        (3, "puddle"),
    ]
    assert label_map_util.get_max_label_map_index(loaded) == 3
    for given in (label_map, loaded):
        ids = label_map_util.get_label_map_dict(given)
        assert ids == {"leak": 1, "puddle": 3}
    ids = label_map_util.get_label_map_dict(label_map, use_display_name=True)
    assert ids == {"Leak": 1, "puddle": 3}
    filled = label_map_util.get_label_map_dict(
        label_map, fill_in_gaps_and_background=True
    )
    assert filled == {"leak": 1, "puddle": 3, "2": 2, "background": 0}


def test_categories(label_map):
    index = label_map_util.create_category_index_from_labelmap(label_map)
    assert index == CATEGORIES
    loaded = label_map_util.load_labelmap(label_map)
    few = label_map_util.convert_label_map_to_categories(
        loaded, max_num_classes=2, use_display_name=False
    )
    assert few == [{"id": 1, "name": "leak"}]
    listed = label_map_util.create_categories_from_labelmap(label_map)
    assert label_map_util.create_category_index(listed) == CATEGORIES
    numbers = label_map_util.convert_label_map_to_categories(None, 2)
    assert numbers == [{"id": i, "name": f"category_{i}"} for i in (1, 2)]


def test_a_bad_label_map_is_refused_as_everywhere(tmp_path):
    path = tmp_path / "map.pbtxt"
    path.write_text('item { id: 0 name: "leak" }')
    with pytest.raises(DatasetError, match="ids begin at 1"):
        label_map_util.load_labelmap(str(path))


def drawn(*boxes, classes=None, scores=(), **more):
    """Return where a grey picture of 100 x 200 has changed."""
    image = np.full((100, 200, 3), 128, np.uint8)
    classes = [1] * len(boxes) if classes is None else classes
    same = visualization_utils.visualize_boxes_and_labels_on_image_array(
        image,
        np.array(boxes),
        np.array(classes),
        None if scores is None else np.array(scores or [0.9] * len(boxes)),
        CATEGORIES,
        **more,
    )
    assert same is image
    return (image != 128).any(axis=2)


BOX = (0.5, 0.5, 0.9, 0.9)


def test_a_box_is_drawn_in_place():
    changed = drawn(BOX, use_normalized_coordinates=True)
    assert changed[52, 120] and changed[88, 120] and changed[70, 101]
    assert not changed[70, 140] and not changed[:25].any()
    pixels = drawn((50, 100, 90, 180))
    assert (pixels == changed).all()


@pytest.mark.parametrize(
    "more, expected",
    [
        ({}, [True, False]),
        ({"min_score_thresh": 0.2}, [True, True]),
        ({"min_score_thresh": 0.2, "max_boxes_to_draw": 1}, [True, False]),
        ({"scores": None}, [True, True]),
        ({"skip_boxes": True}, [False, False]),
    ],
)
def test_which_boxes_are_drawn(more, expected):
    settings = {"scores": [0.9, 0.3]} | more
    changed = drawn(
        (0.3, 0.1, 0.9, 0.4),
        (0.3, 0.6, 0.9, 0.9),
        use_normalized_coordinates=True,
        **settings,
    )
    assert [changed[60, 20:60].any(), changed[60, 120:160].any()] == expected


def test_labels_can_be_left_out():
    named = drawn(BOX, use_normalized_coordinates=True)
    bare = {"skip_labels": True, "skip_scores": True}
    plain = drawn(BOX, use_normalized_coordinates=True, **bare)
    number = drawn(BOX, use_normalized_coordinates=True, skip_labels=True)
    assert named.sum() > number.sum() > plain.sum()
    tracked = drawn(BOX, use_normalized_coordinates=True, track_ids=[4])
    assert tracked.sum() > named.sum()


@pytest.mark.parametrize("part", ["instance_masks", "keypoints"])
def test_masks_and_keypoints_are_refused(part):
    with pytest.raises(UserError, match="masks and keypoints"):
        drawn(BOX, **{part: np.zeros((1, 4, 4))})
    with pytest.raises(UserError, match="no masks"):
        ops.reframe_box_masks_to_image_masks(None, None, 4, 4)


def test_one_box_on_a_picture_of_pillow():
    image = Image.new("RGB", (200, 100), "gray")
    visualization_utils.draw_bounding_box_on_image(
        image, *BOX, color="blue", thickness=2, display_str_list=["leak: 90%"]
    )
    assert image.getpixel((140, 51)) == (0, 0, 255)


@pytest.mark.parametrize("name", sorted(base_configs.VARIANTS))
def test_a_config_survives_as_a_message(tmp_path, name):
    base_configs.read(name).write(tmp_path / "a.config")
    configs = config_util.get_configs_from_pipeline_file(
        str(tmp_path / "a.config"), "model { ssd { num_classes: 7 } }"
    )
    config = config_util.create_pipeline_proto_from_configs(configs)
    config_util.save_pipeline_config(config, str(tmp_path / "saved"))
    saved = pipeline_config.read(tmp_path / "saved/pipeline.config")
    wanted = base_configs.read(name)
    wanted.set("model.ssd.num_classes", 7)
    for view in ("model", "train", "eval"):
        assert near(getattr(saved, view), getattr(wanted, view))


def near(one, other):
    """Tell whether two settings are equal but for the rounding of 32-bit floats."""
    if isinstance(one, float):
        return one == pytest.approx(other, rel=1e-6)
    if hasattr(one, "__dataclass_fields__"):
        one, other = vars(one), vars(other)
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(near(one[k], other[k]) for k in one)
    if isinstance(one, tuple):
        return len(one) == len(other) and all(map(near, one, other))
    return one == other


def test_every_augmentation_and_schedule_has_a_message():
    config = pipeline_pb2.TrainEvalPipelineConfig()
    steps = "".join(
        f"data_augmentation_options {{ {name} {{ }} }}" for name in AUGMENTATIONS
    )
    text_format.Merge(f"train_config {{ {steps} }}", config)
    options = config.train_config.data_augmentation_options
    assert len(options) == len(AUGMENTATIONS)
    assert options[0].random_horizontal_flip.probability == 0.5
    for name in settings.LEARNING_RATES:
        text = f"learning_rate {{ {name} {{ }} }}"
        text = f"train_config {{ optimizer {{ adam_optimizer {{ {text} }} }} }}"
        text_format.Merge(text, pipeline_pb2.TrainEvalPipelineConfig())


def test_one_optimizer_takes_the_place_of_another():
    config = pipeline_pb2.TrainEvalPipelineConfig()
    optimizer = config.train_config.optimizer
    optimizer.momentum_optimizer.momentum_optimizer_value = 0.5
    optimizer.adam_optimizer.epsilon = 1e-7
    assert optimizer.WhichOneof("optimizer") == "adam_optimizer"
    assert "momentum" not in text_format.MessageToString(config)


def test_features_of_an_example():
    import tensorflow as tf

    features = {
        "a": dataset_util.int64_feature(3),
        "b": dataset_util.int64_list_feature([1, 2]),
        "c": dataset_util.bytes_feature(b"x"),
        "d": dataset_util.bytes_list_feature([b"x", b"y"]),
        "e": dataset_util.float_list_feature([0.5]),
        "f": dataset_util.float_feature(0.25),
    }
    example = tf.train.Example(features=tf.train.Features(feature=features))
    found = tf.train.Example.FromString(example.SerializeToString()).features.feature
    assert (found["b"].int64_list.value, found["f"].float_list.value) == (
        [1, 2],
        [0.25],
    )


def test_annotations_as_a_dict(tmp_path):
    from lxml import etree

    xml = "<a><size><width>4</width></size><object><name>x</name></object><n/></a>"
    found = dataset_util.recursive_parse_xml_to_dict(etree.fromstring(xml))
    assert found == {
        "a": {"size": {"width": "4"}, "object": [{"name": "x"}], "n": None}
    }
    (tmp_path / "list.txt").write_text("a 1\nb -1\n")
    assert dataset_util.read_examples_list(tmp_path / "list.txt") == ["a", "b"]


@pytest.mark.parametrize(
    "line, name",
    [
        ("import object_detection.model_lib_v2", "object_detection.model_lib_v2"),
        ("from object_detection.utils import colab_utils", "utils.colab_utils"),
        ("from object_detection import inputs", "object_detection.inputs"),
        ("from object_detection.core import preprocessor", "object_detection.core"),
        ("from object_detection.protos import model_pb2", "protos.model_pb2"),
        (
            "from object_detection.utils.label_map_util import get_keypoint_label_map_dict",
            "label_map_util.get_keypoint_label_map_dict",
        ),
        (
            "from object_detection.utils import ops\nops.normalize_to_target",
            "ops.normalize_to_target",
        ),
    ],
)
def test_anything_else_says_what_this_is_and_where_to_look(line, name):
    with pytest.raises(ImportError) as error:
        exec(line)
    text = str(error.value)
    assert name in text and "docs/old_notebooks.md" in text
    assert (ROOT / "docs/old_notebooks.md").is_file()


def test_an_installed_one_wins_and_that_is_said(tmp_path):
    other = tmp_path / "object_detection"
    (other / "utils").mkdir(parents=True)
    (other / "__init__.py").write_text("")
    (other / "utils/__init__.py").write_text("")
    (other / "utils/label_map_util.py").write_text("WHOSE = 'theirs'")
    (other / "eval_util.py").write_text("")
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT / 'scripts')!r})\n"
        "import object_detection.eval_util\n"
        "from object_detection.utils import label_map_util\n"
        "print(label_map_util.WHOSE, object_detection.__file__)"
    )
    done = run_python("-c", code, PYTHONPATH=str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"theirs {other / '__init__.py'}\n"
    assert done.stderr.count("object_detection is the installed one") == 1


def test_a_mere_folder_of_that_name_is_not_installed(tmp_path):
    (tmp_path / "object_detection/utils").mkdir(parents=True)
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT / 'scripts')!r})\n"
        "from object_detection.utils import label_map_util"
    )
    done = run_python("-c", code, PYTHONPATH=str(tmp_path))
    assert (done.returncode, done.stderr) == (0, "")


def test_it_is_small_and_says_what_each_part_does():
    files = sorted(PACKAGE.rglob("*.py"))
    lines = [file.read_text(encoding="utf-8").splitlines() for file in files]
    assert sum(map(len, lines)) <= 600
    for file in files:
        parts = file.relative_to(ROOT / "scripts").with_suffix("").parts
        module = importlib.import_module(".".join(parts).removesuffix(".__init__"))
        assert module.__doc__, file
        own = inspect.getmembers(module, inspect.isfunction)
        public = [f for name, f in own if not name.startswith("_")]
        assert all(f.__doc__ for f in public if f.__module__ == module.__name__)
