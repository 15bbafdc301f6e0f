"""TensorFlow 2 Object Detection API tutorial (L. Vladimirov)

To change: the installation becomes the one cell; a `zip` of scripts need not be fetched.
"""

import numpy as np
import pytest
from PIL import Image

from inspection.detection.config.label_map import write_label_map
from inspection.detection.records.records import read_records

NAME = "my_ssd_mobilenet"
PLACES = (
    f"--model_dir=models/{NAME} --pipeline_config_path=models/{NAME}/pipeline.config"
)

pytestmark = pytest.mark.soak  # like others, but for its converters


def part_pictures(cell):
    """Part the pictures"""
    cell("python partition_dataset.py -x -i images -r 0.2")


def make_records(cell):
    """Make the records, with a CSV beside"""
    for part in ("train", "test"):
        cell(
            f"python generate_tfrecord.py -x images/{part} "
            f"-l annotations/label_map.pbtxt -o annotations/{part}.record "
            f"-c annotations/{part}.csv"
        )
    counts = [
        len(list(read_records(f"annotations/{p}.record"))) for p in ("train", "test")
    ]
    assert sum(counts) == 10 and counts[1] >= 1


def edit_config(folder, base):
    """Edit the config by hand"""
    text = (base / "pipeline.config").read_text()
    first, second = text.split("eval_config", 1)
    for old, new in {
        "num_classes: 90": "num_classes: 2",
        "batch_size: 4": "batch_size: 2",
        'fine_tune_checkpoint: "PATH_TO_BE_CONFIGURED': (
            f'fine_tune_checkpoint: "{base}/checkpoint/ckpt-0'
        ),
        '_type: "classification"': '_type: "detection"',
        'label_map_path: "PATH_TO_BE_CONFIGURED': (
            'label_map_path: "annotations/label_map.pbtxt'
        ),
        'input_path: "PATH_TO_BE_CONFIGURED': 'input_path: "annotations/train.record',
    }.items():
        assert old in first, old
        first = first.replace(old, new)
    second = second.replace(
        'label_map_path: "PATH_TO_BE_CONFIGURED',
        'label_map_path: "annotations/label_map.pbtxt',
    ).replace(
        'input_path: "PATH_TO_BE_CONFIGURED', 'input_path: "annotations/test.record'
    )
    target = folder / "models" / NAME
    target.mkdir(parents=True, exist_ok=True)
    (target / "pipeline.config").write_text(f"{first}eval_config{second}")


def train(cell):
    """Train, and evaluate"""
    cell(f"python model_main_tf2.py {PLACES} --num_train_steps=2")
    out = cell(
        f"python model_main_tf2.py {PLACES} --checkpoint_dir=models/{NAME} "
        "--eval_timeout=0"
    )
    assert "mAP" in out


def export(cell):
    """Export the model"""
    out = cell(
        "python exporter_main_v2.py --input_type image_tensor "
        f"--pipeline_config_path models/{NAME}/pipeline.config "
        f"--trained_checkpoint_dir models/{NAME}/ --output_directory exported/{NAME}"
    )
    assert "uint8 [1, height, width, 3]" in out


def draw_with_saved_model(image):
    """Detect with the SavedModel, and draw"""
    import tensorflow as tf

    from object_detection.utils import label_map_util
    from object_detection.utils import visualization_utils as viz_utils

    detect_fn = tf.saved_model.load(f"exported/{NAME}/saved_model")
    category_index = label_map_util.create_category_index_from_labelmap(
        "annotations/label_map.pbtxt", use_display_name=True
    )
    detections = detect_fn(tf.convert_to_tensor(image)[tf.newaxis, ...])
    number = int(detections.pop("num_detections"))
    detections = {k: v[0, :number].numpy() for k, v in detections.items()}
    detections["num_detections"] = number
    drawn = image.copy()
    viz_utils.visualize_boxes_and_labels_on_image_array(
        drawn,
        detections["detection_boxes"],
        detections["detection_classes"].astype(np.int64),
        detections["detection_scores"],
        category_index,
        use_normalized_coordinates=True,
        max_boxes_to_draw=200,
        min_score_thresh=0.0,
    )
    assert number > 0 and (drawn != image).any()


def test_from_the_label_map_to_the_saved_model(notebook, cell, unpack):
    base = unpack(notebook / "pre-trained-models")
    (notebook / "annotations").mkdir()
    write_label_map(["leak", "puddle"], "annotations/label_map.pbtxt")
    for _ in range(2):  # a cell is run again
        part_pictures(cell)
        make_records(cell)
    edit_config(notebook, base)
    train(cell)
    export(cell)
    for path in sorted((notebook / "images/test").glob("*.jpg"))[:2]:
        draw_with_saved_model(np.array(Image.open(path)))
