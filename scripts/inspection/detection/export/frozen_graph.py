"""The detector as a frozen graph that OpenCV's cv2.dnn reads.

OpenCV has no reader for the NMS of TensorFlow, so the graph ends before it, with the
decoded boxes and the scores of all anchors; cv2.dnn.NMSBoxesBatched does the rest:

    net = cv2.dnn.readNetFromTensorflow("frozen_inference_graph.pb")
    blob = cv2.dnn.blobFromImage(bgr, 1 / 127.5, (320, 320), (127.5,) * 3, swapRB=True)
    net.setInput(blob)
    boxes, scores = net.forward(["detection_boxes", "detection_scores"])
    ymin, xmin, ymax, xmax = boxes[0].T
    rectangles = np.stack([xmin, ymin, xmax - xmin, ymax - ymin], 1)
    best, classes = scores[0].max(1), scores[0].argmax(1)
    kept = cv2.dnn.NMSBoxesBatched(rectangles, best, classes, 0.3, 0.6)
"""

import numpy as np
import tensorflow as tf
from tensorflow.python.framework.convert_to_constants import (
    convert_variables_to_constants_v2,
)

from inspection.common.atomic_files import atomic_write
from inspection.common.suppress_output import suppress_output
from inspection.detection.export.tflite_graph import centred_anchors
from inspection.detection.model import box_coder
from inspection.detection.model.preprocess import from_unit

INPUT = "image_tensor"
BOXES, SCORES = "detection_boxes", "detection_scores"


def decode(codes, anchors, scale):
    """Return boxes [1, N, 4] of codes, in operations that OpenCV reads.

    It wants constants of full size, and takes any addition that follows a product with
    a constant as part of it: so sizes are multiplied as sums of logarithms.
    """
    count = len(anchors)
    steps = anchors[:, 2:] / np.array(scale[:2], np.float32)
    centres = tf.slice(codes, [0, 0, 0], [1, count, 2]) * steps + anchors[:, :2]
    rates = np.ones((count, 2), np.float32) / np.array(scale[2:], np.float32)
    logarithms = tf.slice(codes, [0, 0, 2], [1, count, 2]) * rates
    halves = tf.exp(logarithms + np.log(anchors[:, 2:] / 2))
    return tf.concat([centres - halves, centres + halves], axis=-1, name=BOXES)


def freeze(network, settings):
    """Return the network, decoding behind it, as a GraphDef without variables.

    Input `image_tensor`: float32 [1, height, width, 3], RGB in -1..1, padded by whoever
    asks where the network wants the aspect ratio kept. Outputs:
    `detection_boxes` [1, N, 4] (ymin, xmin, ymax, xmax in 0..1, not clipped) and
    `detection_scores` [1, N, classes], of all anchors.
    """
    anchors = centred_anchors(settings.size, settings.anchors)
    scale = box_coder.scales(settings.box_coder)

    def run(image):
        pixels = from_unit(image, settings.feature_extractor.type)
        outputs = network(pixels, training=False)
        logits = outputs["class_predictions_with_background"]
        # without the column of the background
        begin, size = (
            [0, 0, settings.first_class],
            [1, len(anchors), settings.num_classes],
        )
        boxes = decode(outputs["box_encodings"], anchors, scale)
        if settings.post_processing.score_converter == "SOFTMAX":
            return boxes, tf.slice(tf.nn.softmax(logits), begin, size, name=SCORES)
        return boxes, tf.sigmoid(tf.slice(logits, begin, size), name=SCORES)

    spec = tf.TensorSpec([1, *settings.size, 3], tf.float32, name=INPUT)
    function = tf.function(run).get_concrete_function(spec)
    with suppress_output():
        frozen = convert_variables_to_constants_v2(function).graph.as_graph_def()
    return fold_constants(frozen, [BOXES, SCORES])


def fold_constants(graph, outputs):
    """Return what the outputs need of a graph, in order, all constant parts computed.

    OpenCV reads weights only where they are plain constants of the layer that uses them.
    """
    nodes = {node.name: node for node in graph.node}
    ordered = _sorted_nodes(nodes, outputs)
    live = set()
    for node in ordered:
        if node.op == "Placeholder" or live.intersection(_sources(node)):
            live.add(node.name)
    used = {name for name in live for name in _sources(nodes[name])} - live
    values = _evaluate(graph, sorted(used))
    folded = tf.compat.v1.GraphDef(versions=graph.versions)
    for node in ordered:
        if node.name in used:
            folded.node.append(_constant(node.name, values[node.name]))
        elif node.name in live:
            folded.node.append(node)
    return folded


def _sources(node):
    """Return the names of the nodes that a node reads."""
    return [name.lstrip("^").split(":")[0] for name in node.input]


def _sorted_nodes(nodes, outputs):
    """Return the nodes that the outputs need, each after all that it reads."""
    done, waiting = {}, list(outputs)
    while waiting:
        name = waiting[-1]
        missing = [source for source in _sources(nodes[name]) if source not in done]
        if missing:
            waiting += missing
        else:
            done[waiting.pop()] = nodes[name]
    return list(done.values())


def _evaluate(graph, names):
    """Return {name: array} of nodes that read no input."""
    load = tf.compat.v1.wrap_function(lambda: tf.import_graph_def(graph, name=""), [])
    tensors = [load.graph.get_tensor_by_name(f"{name}:0") for name in names]
    return dict(zip(names, load.prune([], tensors)()))


def _constant(name, value):
    node = tf.compat.v1.NodeDef(name=name, op="Const")
    node.attr["dtype"].type = value.dtype.as_datatype_enum
    node.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(value))
    return node


def write_frozen_graph(network, settings, path):
    """Write frozen_inference_graph.pb."""
    with atomic_write(path) as temporary:
        temporary.write_bytes(freeze(network, settings).SerializeToString())
