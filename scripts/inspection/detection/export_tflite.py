"""The detector as one graph for TensorFlow Lite, NMS inside."""

from pathlib import Path

import numpy as np
import tensorflow as tf

from inspection.datasets.errors import UserError
from inspection.detection import box_coder
from inspection.detection.anchors import make_anchors
from inspection.detection.export_files import class_labels, load_network, whole_folder
from inspection.detection.label_map import write_names
from inspection.tflite.metadata import LABELS_FILE
from inspection.tflite.model import POSTPROCESS

# what TFLite_Detection_PostProcess returns, in this order
OUTPUTS = ("detection_boxes", "detection_classes", "detection_scores", "num_detections")
RAW_OUTPUTS = ("raw_box_encodings", "raw_scores")


class DetectionGraph(tf.Module):
    """The network with sigmoid and TFLite_Detection_PostProcess behind it.

    Input: float32 [1, height, width, 3] in -1..1. Outputs: boxes [1, M, 4] (ymin, xmin,
    ymax, xmax), classes [1, M] counted from 0, scores [1, M], their number [1].
    """

    def __init__(self, network, settings, max_detections, regular_nms=True):
        super().__init__()
        self._network = network
        # a tf.Module does not find the variables of a Keras 3 model by itself
        self._variables = [variable.value for variable in network.variables]
        self.size = (settings.image_height, settings.image_width)
        self._anchors = tf.constant(centred_anchors(self.size, settings.anchors))
        self._max_detections = max_detections
        self._suppress = _postprocess(settings, max_detections, regular_nms)

    def detect(self, image):
        """Return the four outputs as a dict."""
        codes, scores = self._heads(image)
        return dict(zip(OUTPUTS, self._suppress(codes, scores, self._anchors)))

    def raw_heads(self, image):
        """Return codes and scores of all anchors as a dict, for GPU delegates."""
        return dict(zip(RAW_OUTPUTS, self._heads(image)))

    def _heads(self, image):
        """Return box codes [1, N, 4] and scores [1, N, classes + 1] of all anchors."""
        outputs = self._network(image, training=False)
        logits = outputs["class_predictions_with_background"]
        return outputs["box_encodings"], tf.sigmoid(logits)


def centred_anchors(size, settings):
    """Return the anchors as float32 [N, 4]: centre y, centre x, height, width."""
    centred = box_coder.to_centres(make_anchors(size, settings))
    return np.stack([np.array(part) for part in centred], axis=-1)


def postprocess_attributes(settings, max_detections, regular_nms):
    """Return the attributes of the operator as the converter wants to read them."""
    keep = settings.post_processing
    y, x, height, width = box_coder.scales(settings.box_coder)
    whole = {
        "max_detections": max_detections,
        "max_classes_per_detection": 1,
        "detections_per_class": min(keep.max_detections_per_class, max_detections),
        "num_classes": settings.num_classes,
    }
    real = {
        "nms_score_threshold": keep.score_threshold,
        "nms_iou_threshold": keep.iou_threshold,
        **{"y_scale": y, "x_scale": x, "h_scale": height, "w_scale": width},
    }
    lines = [f'name: "{POSTPROCESS}"']
    lines += [f'attr {{ key: "{k}" value {{ i: {v} }} }}' for k, v in whole.items()]
    lines += [f'attr {{ key: "{k}" value {{ f: {v} }} }}' for k, v in real.items()]
    truth = str(regular_nms).lower()
    lines += [f'attr {{ key: "use_regular_nms" value {{ b: {truth} }} }}']
    return " ".join(lines)


def _postprocess(settings, max_detections, regular_nms):
    """Return a function that the converter replaces by the operator of this name.

    What it returns in TensorFlow itself is zeros, of the right shapes: with scalars in
    their place LiteRT for the web does not start.
    """
    attributes = postprocess_attributes(settings, max_detections, regular_nms)

    @tf.function(experimental_implements=attributes)
    def suppress(codes, scores, anchors):
        boxes = tf.zeros([1, max_detections, 4])
        row = tf.zeros([1, max_detections])
        return boxes, row, tf.zeros([1, max_detections]), tf.zeros([1])

    return suppress


def save_graph(graph, folder, raw_heads=False):
    """Write the graph as a SavedModel, ready for the converter."""
    height, width = graph.size
    spec = tf.TensorSpec([1, height, width, 3], tf.float32, name="input")
    run = graph.raw_heads if raw_heads else graph.detect
    signature = tf.function(run).get_concrete_function(spec)
    tf.saved_model.save(graph, str(folder), signatures=signature)


def export_graph(
    config,
    checkpoint_path,
    output_directory,
    max_detections=None,
    regular_nms=True,
    raw_heads=False,
    label_map=None,
):
    """Write saved_model/ and labels.txt; return their paths.

    Raises UserError for a label map or checkpoint that does not fit the config.
    """
    settings = config.model
    labels = class_labels(label_map or config.label_map_path, settings.num_classes)
    if max_detections is None:
        max_detections = settings.post_processing.max_total_detections
    if max_detections < 1:
        raise UserError(f"--max_detections is {max_detections}: at least 1 is needed")
    network = load_network(config, checkpoint_path)
    graph = DetectionGraph(network, settings, max_detections, regular_nms)
    output = Path(output_directory)
    with whole_folder(output / "saved_model") as folder:
        save_graph(graph, folder, raw_heads)
    write_names(labels, output / LABELS_FILE)
    return output / "saved_model", output / LABELS_FILE
