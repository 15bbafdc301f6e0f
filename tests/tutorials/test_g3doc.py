"""The API's own pages (g3doc): own records, training, export, phones

To change: `pip install` and `protoc` become the one cell; sharded records are written by
`generate_tfrecord.py --num_shards`.
"""

import os

import pytest
from lxml import etree

from inspection.detection.config.label_map import write_label_map
from inspection.detection.records.records import read_records

PROGRAMS = "models/research/object_detection"

pytestmark = pytest.mark.soak  # like others, but for its converters


def make_example(path, label_map_dict):
    """Make an example of one annotation"""
    import tensorflow as tf

    from object_detection.utils import dataset_util

    xml = etree.fromstring(path.read_bytes())
    data = dataset_util.recursive_parse_xml_to_dict(xml)["annotation"]
    width, height = (int(data["size"][side]) for side in ("width", "height"))
    names = [found["name"] for found in data["object"]]
    sides = {
        f"image/object/bbox/{side}": dataset_util.float_list_feature(
            [
                float(found["bndbox"][side]) / (width if side[0] == "x" else height)
                for found in data["object"]
            ]
        )
        for side in ("xmin", "xmax", "ymin", "ymax")
    }
    name = data["filename"].encode("utf8")
    feature = {
        "image/height": dataset_util.int64_feature(height),
        "image/width": dataset_util.int64_feature(width),
        "image/filename": dataset_util.bytes_feature(name),
        "image/source_id": dataset_util.bytes_feature(name),
        "image/encoded": dataset_util.bytes_feature(
            path.with_suffix(".jpg").read_bytes()
        ),
        "image/format": dataset_util.bytes_feature(b"jpeg"),
        "image/object/class/text": dataset_util.bytes_list_feature(
            [found.encode("utf8") for found in names]
        ),
        "image/object/class/label": dataset_util.int64_list_feature(
            [label_map_dict[found] for found in names]
        ),
        **sides,
    }
    return tf.train.Example(features=tf.train.Features(feature=feature))


def make_records(folder):
    """Make records with a program of one's own"""
    import tensorflow as tf

    from object_detection.utils import label_map_util

    ids = label_map_util.get_label_map_dict("data/label_map.pbtxt")
    for part in ("train", "val"):
        with tf.io.TFRecordWriter(f"data/{part}.record") as writer:
            for path in sorted((folder / part).glob("*.xml")):
                writer.write(make_example(path, ids).SerializeToString())
    assert len(list(read_records("data/train.record"))) == 8


def edit_config(base):
    """Edit the config with config_util"""
    from object_detection.utils import config_util

    configs = config_util.get_configs_from_pipeline_file(str(base / "pipeline.config"))
    configs["model"].ssd.num_classes = 2
    train = configs["train_config"]
    train.fine_tune_checkpoint = str(base / "checkpoint/ckpt-0")
    train.fine_tune_checkpoint_type = "detection"
    for part, reader in (
        ("train", configs["train_input_config"]),
        ("val", configs["eval_input_configs"][0]),
    ):
        reader.label_map_path = "data/label_map.pbtxt"
        reader.tf_record_input_reader.input_path[:] = [f"data/{part}.record"]
    config = config_util.create_pipeline_proto_from_configs(configs)
    config_util.save_pipeline_config(config, "my_model")


def train(cell):
    """Train and evaluate locally"""
    places = "--pipeline_config_path=my_model/pipeline.config --model_dir=my_model"
    cell(
        f"python {PROGRAMS}/model_main_tf2.py {places} --num_train_steps=2 "
        "--sample_1_of_n_eval_examples=1 --alsologtostderr"
    )
    cell(
        f"python {PROGRAMS}/model_main_tf2.py {places} --checkpoint_dir=my_model "
        "--eval_timeout=0 --alsologtostderr"
    )
    assert os.listdir("my_model/eval")


def export_for_phones(cell, base):
    """Export a model of the zoo for phones, its config overridden"""
    out = cell(
        f"python {PROGRAMS}/export_tflite_graph_tf2.py "
        f"--pipeline_config_path {base}/pipeline.config "
        f"--trained_checkpoint_dir {base}/checkpoint --output_directory lite "
        "--config_override model{ssd{post_processing{batch_non_max_suppression"
        "{score_threshold:0.0,iou_threshold:0.5}}}}"
    )
    assert "lite/saved_model" in out
    names = open("lite/labels.txt").read().splitlines()
    assert len(names) == 90 and names[0] == "person"


def test_from_the_label_map_to_the_phone(notebook, deal, cell, unpack):
    deal(train=8, val=2)
    (notebook / "data").mkdir()
    write_label_map(["leak", "puddle"], "data/label_map.pbtxt")
    base = unpack(notebook)
    for _ in range(2):  # a cell is run again
        make_records(notebook / "images")
        edit_config(base)
    train(cell)
    # a path with a space could not stand in a line of words
    base = base.rename(notebook / "zoo").relative_to(notebook)
    export_for_phones(cell, base)


def test_what_the_pages_have_beside_is_refused_by_name():
    with pytest.raises(ImportError, match="docs/old_notebooks.md"):
        from object_detection.dataset_tools import tf_record_creation_util  # noqa: F401
