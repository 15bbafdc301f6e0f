"""TFODCourse (N. Renotte)

To change: the install cells become the one cell; `num_steps` of your own.
"""

import os

import cv2
import numpy as np
import pytest

from inspection.detection.records.records import read_records

LABELS = [{"name": "leak", "id": 1}, {"name": "puddle", "id": 2}]
RESEARCH = "models/research/object_detection"


@pytest.fixture
def paths(notebook, deal, unpack):
    deal(train=8, test=2)
    found = {
        "annotations": notebook / "annotations",
        "images": notebook / "images",
        "pretrained": notebook / "pre-trained-models",
        "checkpoint": notebook / "models/my_ssd_mobnet",
    }
    for path in found.values():
        path.mkdir(parents=True, exist_ok=True)
    found["base"] = unpack(found["pretrained"])
    return found


def write_label_map(paths):
    """Write the label map"""
    with open(paths["annotations"] / "label_map.pbtxt", "w") as file:
        for label in LABELS:
            file.write("item { \n")
            file.write(f"\tname:'{label['name']}'\n")
            file.write(f"\tid:{label['id']}\n")
            file.write("}\n")


def make_records(cell):
    """Make the records"""
    for part in ("train", "test"):
        cell(
            f"python generate_tfrecord.py -x images/{part} "
            f"-l annotations/label_map.pbtxt -o annotations/{part}.record"
        )
    assert len(list(read_records("annotations/train.record"))) == 8


def edit_config(paths):
    """Edit the config as a protocol buffer"""
    import tensorflow as tf
    from google.protobuf import text_format

    from object_detection.protos import pipeline_pb2
    from object_detection.utils import config_util

    source, target = (paths[k] / "pipeline.config" for k in ("base", "checkpoint"))
    target.write_bytes(source.read_bytes())
    configs = config_util.get_configs_from_pipeline_file(str(target))
    assert configs["model"].ssd.num_classes == 90
    config = pipeline_pb2.TrainEvalPipelineConfig()
    with tf.io.gfile.GFile(str(target), "r") as file:
        text_format.Merge(file.read(), config)
    config.model.ssd.num_classes = len(LABELS)
    config.train_config.batch_size = 4
    start = os.path.join(paths["base"], "checkpoint", "ckpt-0")
    config.train_config.fine_tune_checkpoint = start
    config.train_config.fine_tune_checkpoint_type = "detection"
    label_map, record = "annotations/label_map.pbtxt", "annotations/{}.record"
    config.train_input_reader.label_map_path = label_map
    config.train_input_reader.tf_record_input_reader.input_path[:] = [
        record.format("train")
    ]
    config.eval_input_reader[0].label_map_path = label_map
    config.eval_input_reader[0].tf_record_input_reader.input_path[:] = [
        record.format("test")
    ]
    with tf.io.gfile.GFile(str(target), "wb") as file:
        file.write(text_format.MessageToString(config))


def train(cell, places):
    """Train"""
    cell(
        f"python {RESEARCH}/model_main_tf2.py {places} --num_train_steps=4 "
        "--checkpoint_every_n=2"
    )


def evaluate(cell, places):
    """Evaluate"""
    out = cell(
        f"python {RESEARCH}/model_main_tf2.py {places} --eval_timeout=0 "
        "--checkpoint_dir=models/my_ssd_mobnet"
    )
    assert "DetectionBoxes_Precision/mAP" in out or "mAP" in out


def load_checkpoint(paths):
    """Restore the checkpoint whose number the tutorial names"""
    import tensorflow as tf

    from object_detection.builders import model_builder
    from object_detection.utils import config_util

    config = str(paths["checkpoint"] / "pipeline.config")
    configs = config_util.get_configs_from_pipeline_file(config)
    model = model_builder.build(model_config=configs["model"], is_training=False)
    checkpoint = tf.compat.v2.train.Checkpoint(model=model)
    newest = str(paths["checkpoint"] / "ckpt-3")
    checkpoint.restore(newest).expect_partial()

    @tf.function
    def detect_fn(image):
        image, shapes = model.preprocess(image)
        return model.postprocess(model.predict(image, shapes), shapes)

    return detect_fn


def draw(detect_fn, image):
    """Detect in pictures and in the frames of a camera, and draw"""
    import tensorflow as tf

    from object_detection.utils import label_map_util
    from object_detection.utils import visualization_utils as viz_utils

    label_map = "annotations/label_map.pbtxt"
    category_index = label_map_util.create_category_index_from_labelmap(label_map)
    tensor = tf.convert_to_tensor(np.expand_dims(image, 0), dtype=tf.float32)
    detections = detect_fn(tensor)
    number = int(detections.pop("num_detections"))
    detections = {k: v[0, :number].numpy() for k, v in detections.items()}
    detections["detection_classes"] = detections["detection_classes"].astype(np.int64)
    drawn = image.copy()
    viz_utils.visualize_boxes_and_labels_on_image_array(
        drawn,
        detections["detection_boxes"],
        detections["detection_classes"] + 1,
        detections["detection_scores"],
        category_index,
        use_normalized_coordinates=True,
        max_boxes_to_draw=5,
        min_score_thresh=0.0,
        agnostic_mode=False,
    )
    assert number > 0 and (drawn != image).any()


def export(cell):
    """Freeze the graph, and convert it for TensorFlow Lite"""
    import tensorflow as tf

    config = "--pipeline_config_path=models/my_ssd_mobnet/pipeline.config"
    trained = "--trained_checkpoint_dir=models/my_ssd_mobnet"
    cell(
        f"python {RESEARCH}/exporter_main_v2.py --input_type=image_tensor {config} "
        f"{trained} --output_directory=models/export"
    )
    cell(
        f"python {RESEARCH}/export_tflite_graph_tf2.py {config} {trained} "
        "--output_directory=models/tfliteexport"
    )
    converter = tf.lite.TFLiteConverter.from_saved_model(
        "models/tfliteexport/saved_model"
    )
    converter.allow_custom_ops = True
    assert len(converter.convert()) > 100_000


def test_from_the_label_map_to_the_exports(paths, cell):
    places = (
        "--model_dir=models/my_ssd_mobnet "
        "--pipeline_config_path=models/my_ssd_mobnet/pipeline.config"
    )
    for _ in range(2):  # a cell is run again
        write_label_map(paths)
        make_records(cell)
        edit_config(paths)
    train(cell, places)
    evaluate(cell, places)
    detect_fn = load_checkpoint(paths)
    for path in sorted((paths["images"] / "test").glob("*.jpg")):
        draw(detect_fn, cv2.imread(str(path)))
    export(cell)
