"""How to train an object detector on Windows 10 (E. Juras)

To change: `train` is `model_main_tf2.py`, `export_inference_graph` is
`exporter_main_v2.py`, `from utils import` is `from object_detection.utils import`; the last
program loads `saved_model` in place of the frozen graph.
"""

import cv2
import numpy as np
import pytest

from inspection.detection.records.records import read_records

CONFIG = "training/ssd_mobilenet_v2_pets.config"
MAP = """item {
  id: 1
  name: 'leak'
}

item {
  id: 2
  name: 'puddle'
}
"""

pytestmark = pytest.mark.soak  # like others, but for its converters


def make_records(cell):
    """Make CSV and records, with the map in training/"""
    cell("python xml_to_csv.py")
    for part in ("train", "test"):
        out = cell(
            f"python generate_tfrecord.py --csv_input=images/{part}_labels.csv "
            f"--image_dir=images/{part} --output_path={part}.record"
        )
        assert "training/labelmap.pbtxt" in out
    assert len(list(read_records("train.record"))) == 8


def edit_config(base):
    """Edit the config by hand"""
    text = (base / "pipeline.config").read_text()
    text = text.replace("num_classes: 90", "num_classes: 2")
    start = f'fine_tune_checkpoint: "{base}/checkpoint/ckpt-0"'
    text = text.replace('fine_tune_checkpoint: "PATH_TO_BE_CONFIGURED"', start)
    text = text.replace('_type: "classification"', '_type: "detection"')
    text = text.replace(
        'label_map_path: "PATH_TO_BE_CONFIGURED"',
        'label_map_path: "training/labelmap.pbtxt"',
    )
    train, evaluation = text.split("eval_config")
    place = 'input_path: "PATH_TO_BE_CONFIGURED"'
    train = train.replace(place, 'input_path: "train.record"')
    evaluation = evaluation.replace(place, 'input_path: "test.record"')
    with open(CONFIG, "w") as file:
        file.write(f"{train}eval_config{evaluation}")


def train(cell):
    """Train"""
    cell(
        "python model_main_tf2.py --logtostderr --model_dir=training/ "
        f"--pipeline_config_path={CONFIG} --num_train_steps=2 --num_eval_steps=5"
    )


def export(cell):
    """Export the graph"""
    cell(
        "python exporter_main_v2.py --input_type image_tensor "
        f"--pipeline_config_path {CONFIG} --trained_checkpoint_dir training "
        "--output_directory inference_graph"
    )


def detect(path):
    """Detect in a picture, and draw"""
    import tensorflow as tf

    from object_detection.utils import label_map_util
    from object_detection.utils import visualization_utils as vis_util

    label_map = label_map_util.load_labelmap("training/labelmap.pbtxt")
    categories = label_map_util.convert_label_map_to_categories(
        label_map, max_num_classes=2, use_display_name=True
    )
    category_index = label_map_util.create_category_index(categories)
    model = tf.saved_model.load("inference_graph/saved_model")
    image = cv2.imread(str(path))
    seen = np.expand_dims(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), axis=0)
    found = {name: value.numpy() for name, value in model(seen).items()}
    drawn = image.copy()
    vis_util.visualize_boxes_and_labels_on_image_array(
        drawn,
        np.squeeze(found["detection_boxes"]),
        np.squeeze(found["detection_classes"]).astype(np.int32),
        np.squeeze(found["detection_scores"]),
        category_index,
        use_normalized_coordinates=True,
        line_thickness=8,
        min_score_thresh=0.0,
    )
    assert (drawn != image).any()


def test_from_the_label_map_to_the_detection(notebook, deal, cell, unpack):
    deal(train=8, test=2)
    (notebook / "training").mkdir()
    (notebook / "training/labelmap.pbtxt").write_text(MAP)
    for _ in range(2):  # a cell is run again
        make_records(cell)
    edit_config(unpack(notebook))
    train(cell)
    export(cell)
    for path in (notebook / "images/test").glob("*.jpg"):
        detect(path)
