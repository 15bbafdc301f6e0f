"""Custom TensorFlow 2 detector, customTF2 (techzizou)

To change: the installation becomes the one cell; the mounted Drive stays.
"""

import os
import re
import shutil

import cv2
import numpy as np
import pytest

from inspection.detection.config.label_map import read_label_map
from inspection.detection.records.records import read_records

PLACES = "--pipeline_config_path=data/pipeline.config --model_dir=training"

pytestmark = pytest.mark.soak  # like others, but for its converters


def part_annotations(folder):
    """Part the XML into train_labels and test_labels"""
    for part, count in (("train_labels", 8), ("test_labels", 2)):
        os.makedirs(f"data/{part}", exist_ok=True)
        for path in sorted(folder.glob("*.xml"))[:count]:
            shutil.move(path, f"data/{part}")


def make_csv(cell):
    """Make CSV and label map"""
    out = cell("python xml_to_csv.py -i data")
    assert read_label_map("data/label_map.pbtxt") == {"leak": 1, "puddle": 2}
    return out


def make_records(cell):
    """Make the records, four words and no flag"""
    for part in ("train", "test"):
        cell(
            f"python generate_tfrecord.py data/{part}_labels.csv data/label_map.pbtxt "
            f"images/ data/{part}.record"
        )
    assert len(list(read_records("data/train.record"))) == 8


def edit_config(base):
    """Edit the config by hand: dropout, patches of noise, crops of SSD"""
    text = (base / "pipeline.config").read_text()
    text = text.replace("num_classes: 90", "num_classes: 2")
    start = f'fine_tune_checkpoint: "{base}/checkpoint/ckpt-0"'
    text = re.sub('fine_tune_checkpoint: ".*?"', start, text)
    text = text.replace('_type: "classification"', '_type: "detection"')
    text = re.sub(
        'label_map_path: ".*?"', 'label_map_path: "data/label_map.pbtxt"', text
    )
    text = text.replace(
        "use_depthwise: true\n        conv",
        "use_depthwise: true\n        use_dropout: true\n        conv",
    )
    assert "use_dropout" in text
    more = (
        "data_augmentation_options { random_patch_gaussian { } }\n"
        "data_augmentation_options { ssd_random_crop { } }\n  optimizer {"
    )
    train, evaluation = text.replace("optimizer {", more, 1).split("eval_config")
    place = 'input_path: ".*?"'
    train = re.sub(place, 'input_path: "data/train.record"', train)
    evaluation = re.sub(place, 'input_path: "data/test.record"', evaluation)
    with open("data/pipeline.config", "w") as file:
        file.write(f"{train}eval_config{evaluation}")


def train(cell):
    """Train, evaluate, and train on"""
    cell(f"python model_main_tf2.py {PLACES} --alsologtostderr --num_train_steps=2")
    out = cell(
        f"python model_main_tf2.py {PLACES} --checkpoint_dir=training --eval_timeout=0"
    )
    assert "mAP" in out
    out = cell(
        f"python model_main_tf2.py {PLACES} --alsologtostderr --num_train_steps=3"
    )
    assert "going on from training/ckpt-2, step 2" in out


def export(cell):
    """Export, and convert for TensorFlow Lite"""
    import tensorflow as tf

    flags = (
        "--trained_checkpoint_dir training --pipeline_config_path data/pipeline.config "
        "--output_directory"
    )
    cell(f"python exporter_main_v2.py {flags} data/inference_graph")
    cell(f"python export_tflite_graph_tf2.py {flags} data/tflite")
    converter = tf.lite.TFLiteConverter.from_saved_model("data/tflite/saved_model")
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    with open("data/tflite/detect.tflite", "wb") as file:
        file.write(converter.convert())


def detect(path):
    """Detect in a picture, and draw"""
    import tensorflow as tf

    from object_detection.utils import label_map_util
    from object_detection.utils import visualization_utils as viz_utils

    index = label_map_util.create_category_index_from_labelmap("data/label_map.pbtxt")
    model = tf.saved_model.load("data/inference_graph/saved_model")
    image = cv2.imread(str(path))
    found = model(np.expand_dims(image, 0))
    viz_utils.visualize_boxes_and_labels_on_image_array(
        image,
        found["detection_boxes"][0].numpy(),
        found["detection_classes"][0].numpy().astype(np.int32),
        found["detection_scores"][0].numpy(),
        index,
        use_normalized_coordinates=True,
        min_score_thresh=0.4,
    )
    interpreter = tf.lite.Interpreter("data/tflite/detect.tflite")
    interpreter.allocate_tensors()
    assert len(interpreter.get_output_details()) == 4


def test_from_the_annotations_to_the_phone(notebook, cell, unpack):
    part_annotations(notebook / "images")
    for _ in range(2):  # a cell is run again
        make_csv(cell)
        make_records(cell)
    edit_config(unpack(notebook))
    train(cell)
    export(cell)
    detect(next((notebook / "images").glob("*.jpg")))
