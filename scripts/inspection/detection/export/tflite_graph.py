"""The detector as one graph for TensorFlow Lite, NMS inside."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tensorflow as tf

from inspection.common.atomic_files import together, whole_folder
from inspection.common.errors import UserError
from inspection.detection.config.label_map import write_names
from inspection.detection.export import score_threshold
from inspection.detection.export.files import (
    class_labels,
    hold,
)
from inspection.detection.model import box_coder
from inspection.detection.model.anchors import make_anchors
from inspection.detection.model.detector import load_network
from inspection.detection.model.postprocess import to_scores
from inspection.detection.model.preprocess import from_unit, mean_color
from inspection.keras_shared import backends
from inspection.tflite.metadata import LABELS_FILE
from inspection.tflite.model import POSTPROCESS

# what TFLite_Detection_PostProcess returns, in this order
OUTPUTS = ("detection_boxes", "detection_classes", "detection_scores", "num_detections")
RAW_OUTPUTS = ("raw_box_encodings", "raw_scores")
# what the original's SavedModel calls them: TensorFlow's own converter goes by these
SIGNATURE = ("output_3", "output_2", "output_1", "output_0")
MOST_DETECTIONS = 100_000  # about as many as the largest networks have anchors
SAFE_CLASSES = 2  # up to these, regular NMS is right on any number of threads


class DetectionGraph(tf.Module):
    """The network with sigmoid and TFLite_Detection_PostProcess behind it.

    Input: float32 [1, height, width, 3] in -1..1. Outputs: boxes [1, M, 4] (ymin, xmin,
    ymax, xmax), classes [1, M] counted from 0, scores [1, M], their number [1].
    """

    def __init__(self, network, settings, nms):
        super().__init__()
        self._network, self._variables = hold(network)
        self.size, self.settings = settings.size, settings
        self._anchors = tf.constant(centred_anchors(self.size, settings.anchors))
        self._scales = box_coder.scales(settings.box_coder)
        self._suppress = _postprocess(settings, nms)

    def detect(self, image):
        """Return the four outputs, {name in the original's signature: values}."""
        codes, scores = self._heads(image)
        return dict(zip(SIGNATURE, self._suppress(codes, scores, self._anchors)))

    def raw_heads(self, image):
        """Return codes and scores [1, N, classes] of all anchors, for GPU delegates."""
        codes, scores = self._heads(image)
        first = self.settings.first_class
        return dict(zip(RAW_OUTPUTS, (codes, scores[..., first:])))

    def decoding(self):
        """Return what the codes of the raw heads are decoded with."""
        return {"anchors": self._anchors, "scales": tf.constant(self._scales)}

    def letterbox(self):
        """Return the colour that pictures are padded with."""
        return tf.constant(mean_color(self.settings.feature_extractor.type))

    def _heads(self, image):
        """Return box codes [1, N, 4] and scores [1, N, class_columns] of all anchors."""
        pixels = from_unit(image, self.settings.feature_extractor.type)
        outputs = self._network(pixels)
        logits = outputs["class_predictions_with_background"]
        return outputs["box_encodings"], to_scores(logits, self.settings)


def centred_anchors(size, settings):
    """Return the anchors as float32 [N, 4]: centre y, centre x, height, width."""
    centred = box_coder.to_centres(make_anchors(size, settings))
    return np.stack([np.array(part) for part in centred], axis=-1)


@dataclass(frozen=True)
class Suppression:
    """What the NMS inside is told; None stands for what suits the config.

    score_threshold: what scores less never comes out. That of the config would keep all
    of some 10,000 boxes in the race, which takes as long as the network itself.
    """

    max_detections: int | None = None
    regular: bool | None = None
    score_threshold: float = 0.05

    def resolved(self, settings):
        """Return this with nothing left open; raise UserError for what cannot be."""
        keep = settings.post_processing
        most, regular = self.max_detections, self.regular
        most = keep.max_total_detections if most is None else most
        if not 1 <= most <= MOST_DETECTIONS:
            raise UserError(f"max_detections is {most}, not 1 to {MOST_DETECTIONS}")
        if not 0 <= self.score_threshold < 1:
            raise UserError(f"score_threshold is {self.score_threshold}, not 0 to 1")
        if regular is None:
            regular = settings.num_classes <= SAFE_CLASSES
        return Suppression(most, regular, self.score_threshold)


def postprocess_attributes(settings, nms):
    """Return the attributes of the operator as the converter wants to read them."""
    y, x, height, width = box_coder.scales(settings.box_coder)
    values = {
        "max_detections": f"i: {nms.max_detections}",
        "max_classes_per_detection": "i: 1",
        "use_regular_nms": f"b: {str(nms.regular).lower()}",
        "nms_score_threshold": f"f: {nms.score_threshold}",
        "nms_iou_threshold": f"f: {settings.post_processing.iou_threshold}",
        "num_classes": f"i: {settings.num_classes}",
        "y_scale": f"f: {y}",
        "x_scale": f"f: {x}",
        "h_scale": f"f: {height}",
        "w_scale": f"f: {width}",
    }
    lines = [f'attr {{ key: "{k}" value {{ {v} }} }}' for k, v in values.items()]
    return " ".join([f'name: "{POSTPROCESS}"', *lines])


def _postprocess(settings, nms):
    """Return a function that the converter replaces by the operator of this name.

    What it returns in TensorFlow itself is zeros, of the right shapes: with scalars in
    their place LiteRT for the web does not start.
    """
    attributes, most = postprocess_attributes(settings, nms), nms.max_detections

    @tf.function(experimental_implements=attributes)
    def suppress(codes, scores, anchors):
        row = tf.zeros([1, most])
        return tf.zeros([1, most, 4]), row, tf.zeros([1, most]), tf.zeros([1])

    return suppress


def save_graph(graph, folder, raw_heads=False):
    """Write the graph as a SavedModel, ready for the converter."""
    height, width = graph.size
    spec = tf.TensorSpec([1, height, width, 3], tf.float32, name="input")
    run = graph.raw_heads if raw_heads else graph.detect
    if graph.settings.pad_to_square:
        graph.read_letterbox = tf.function(graph.letterbox, input_signature=[])
    if raw_heads:
        # for whoever decodes them: the converter puts it into the metadata
        graph.read_decoding = tf.function(graph.decoding, input_signature=[])
    signature = tf.function(run).get_concrete_function(spec)
    tf.saved_model.save(graph, str(folder), signatures=signature)


def export_graph(
    config,
    checkpoint_path,
    output_directory,
    nms=Suppression(),
    raw_heads=False,
    label_map=None,
):
    """Write saved_model/ and labels.txt; return their paths.

    The score from which on boxes are shown goes with them, where one lies beside the
    checkpoint: see `score_threshold`.
    Raises UserError for a label map or checkpoint that does not fit the config.
    """
    backends.require("an export", backends.TENSORFLOW)
    settings = config.model
    labels = class_labels(config, label_map)
    nms = nms.resolved(settings)
    network = load_network(config, checkpoint_path)
    threshold = score_threshold.read(checkpoint_path)
    output = Path(output_directory)
    with together():
        with whole_folder(output / "saved_model") as folder:
            save_graph(DetectionGraph(network, settings, nms), folder, raw_heads)
        write_names(labels, output / LABELS_FILE)
        score_threshold.write(output, threshold)
    return output / "saved_model", output / LABELS_FILE
