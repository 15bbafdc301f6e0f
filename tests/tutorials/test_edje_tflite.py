"""Train TFLite2 object detection model (E. Juras)

To change: the installation becomes the one cell, `create_csv` is `xml_to_csv.py`,
`create_tfrecord` is `generate_tfrecord.py`.
"""

import re

import cv2
import numpy as np
import pytest

from inspection.detection.config import base_configs
from inspection.detection.records.records import read_records


def make_records(cell):
    """Make CSV and records from labelmap.txt"""
    cell("python xml_to_csv.py")
    for part in ("train", "validation"):
        cell(
            f"python generate_tfrecord.py --csv_input=images/{part}_labels.csv "
            f"--labelmap=labelmap.txt --image_dir=images/{part} "
            f"--output_path={part}.tfrecord"
        )
    assert len(list(read_records("train.tfrecord"))) == 7


def count_classes():
    """Count the classes of the label map"""
    from object_detection.utils import label_map_util

    label_map = label_map_util.load_labelmap("labelmap.pbtxt")
    categories = label_map_util.convert_label_map_to_categories(
        label_map,
        max_num_classes=label_map_util.get_max_label_map_index(label_map),
        use_display_name=True,
    )
    return len(label_map_util.create_category_index(categories).keys())


def edit_config(base, num_classes):
    """Edit the config by regular expressions"""
    text = base.text()
    for pattern, value in {
        'fine_tune_checkpoint: ".*?"': 'fine_tune_checkpoint: "zoo/checkpoint/ckpt-0"',
        '(input_path: ".*?)(PATH_TO_BE_CONFIGURED/train)(.*?")': (
            'input_path: "train.tfrecord"'
        ),
        '(input_path: ".*?)(PATH_TO_BE_CONFIGURED/val)(.*?")': (
            'input_path: "validation.tfrecord"'
        ),
        'label_map_path: ".*?"': 'label_map_path: "labelmap.pbtxt"',
        "batch_size: [0-9]+": "batch_size: 4",
        "num_steps: [0-9]+": "num_steps: 2",
        "num_classes: [0-9]+": f"num_classes: {num_classes}",
        'fine_tune_checkpoint_type: "classification"': (
            'fine_tune_checkpoint_type: "detection"'
        ),
        "learning_rate_base: .8": "learning_rate_base: .08",
    }.items():
        text = re.sub(pattern, value, text)
    with open("pipeline_file.config", "w") as file:
        file.write(text)


def train(cell):
    """Train"""
    cell(
        "python models/research/object_detection/model_main_tf2.py "
        "--pipeline_config_path=pipeline_file.config --model_dir=training "
        "--alsologtostderr --num_train_steps=2 --sample_1_of_n_eval_examples=1"
    )


def convert(cell):
    """Convert for TensorFlow Lite"""
    import tensorflow as tf

    cell(
        "python models/research/object_detection/export_tflite_graph_tf2.py "
        "--trained_checkpoint_dir training --output_directory custom_model_lite "
        "--pipeline_config_path pipeline_file.config"
    )
    converter = tf.lite.TFLiteConverter.from_saved_model(
        "custom_model_lite/saved_model"
    )
    with open("custom_model_lite/detect.tflite", "wb") as file:
        file.write(converter.convert())


def detect(path):
    """Detect with the interpreter, the outputs told by the name of the first"""
    import tensorflow as tf

    interpreter = tf.lite.Interpreter(model_path="custom_model_lite/detect.tflite")
    interpreter.allocate_tensors()
    given, outputs = interpreter.get_input_details(), interpreter.get_output_details()
    _, height, width, _ = given[0]["shape"]
    is_float = given[0]["dtype"] == np.float32
    of_tf2 = "StatefulPartitionedCall" in outputs[0]["name"]
    boxes_at, classes_at, scores_at = (1, 3, 0) if of_tf2 else (0, 1, 2)
    image = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)
    data = np.expand_dims(cv2.resize(image, (width, height)), axis=0)
    data = (np.float32(data) - 127.5) / 127.5 if is_float else data
    interpreter.set_tensor(given[0]["index"], data)
    interpreter.invoke()
    boxes, classes, scores = (
        interpreter.get_tensor(outputs[place]["index"])[0]
        for place in (boxes_at, classes_at, scores_at)
    )
    assert boxes.shape == (len(scores), 4) and classes.shape == scores.shape
    assert ((0 <= scores) & (scores <= 1)).all() and set(classes) <= {0.0, 1.0}


def test_from_the_label_map_to_the_interpreter(notebook, deal, cell, unpack, tiny_base):
    deal(train=7, validation=2, test=1)
    unpack(notebook).rename(notebook / "zoo")
    (notebook / "labelmap.txt").write_text("leak\npuddle\n")
    for _ in range(2):  # a cell is run again
        make_records(cell)
    assert count_classes() == 2
    edit_config(tiny_base, count_classes())
    train(cell)
    convert(cell)
    for path in (notebook / "images/test").glob("*.jpg"):
        detect(path)


@pytest.fixture
def tiny_base():
    """Return the course's base config for a small network, its places as they are."""
    from helpers.tiny_detector import FIELDS

    config = base_configs.read("ssd_mobilenet_v2_fpnlite_320x320")
    for name, value in FIELDS.items():
        config.set(name, value)
    return config
