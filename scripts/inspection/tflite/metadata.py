"""Write into a .tflite what its users need: labels, scale of the input, names of outputs.

Layout: metadata_schema.fbs, version 1.5.0, of TensorFlow Lite, as MediaPipe reads it on
phones and in browsers. The labels are a zip archive behind the model, in the same file.
"""

import io
import json
import zipfile

import numpy as np

from inspection.common.errors import UserError
from inspection.tflite import flatbuffer_writer
from inspection.tflite import model as tflite_model

ENTRY = "TFLITE_METADATA"
IDENTIFIER = b"M001"
LABELS_FILE = "labels.txt"
DETECTOR_OUTPUTS = ("location", "category", "score", "number of detections")
PARSER_VERSION = "1.5.0"  # of the schema, the first with decoding of raw heads
# our own, as deploy/model_metadata.py reads them
LETTERBOX = "INSPECTION_LETTERBOX"
THRESHOLD, TILE = "INSPECTION_THRESHOLD", "INSPECTION_TILE"
TOP_SHARE = "INSPECTION_TOP_SHARE"
DECODING_ENTRY, DECODING_IDENTIFIER = "DETECTOR_METADATA", b"V001"

# numbers of the schema
IMAGE, BOX = np.uint8(2), np.uint8(3)  # union ContentProperties
FEATURE = np.uint8(1)
NORMALIZATION, SCORE_THRESHOLD = np.uint8(1), np.uint8(3)  # union ProcessUnitOptions
RGB = np.int8(1)
AXIS_LABELS, VALUE_LABELS = np.int8(2), np.int8(3)  # AssociatedFileType
BOUNDARIES, RATIO = np.int8(1), np.int8(0)
# a box of the file is ymin, xmin, ymax, xmax: where left, top, right, bottom stand
BOX_ORDER = np.array([1, 0, 3, 2], np.uint32)


def add_metadata(
    model_bytes,
    kind,
    labels,
    name,
    description,
    mean=127.5,
    std=127.5,
    score_threshold=0.3,
    decoding=None,
    letterbox=None,
    threshold=None,
    tile=None,
    top_share=None,
):
    """Return a .tflite with metadata and labels inside.

    kind: detector, with the four outputs of TFLite_Detection_PostProcess in its order;
    classifier, scores [1, C]; segmenter, scores [1, H, W, C], class 0 the background;
    raw detector, box codes [1, N, 4] and scores [1, N, C], for which MediaPipe does the
    rest with `decoding`: {anchors [N, 4] as centre y, x, height, width; scales [4]}.
    mean, std: a float input is (pixel - mean) / std, with pixels of 0..255.
    letterbox: R, G, B with which pictures are padded to the input's shape at bottom and
    right, where their aspect ratio is kept.
    threshold: from which score of the last of two classes on it is said; of a detector,
    from which score on a box is shown.
    tile: side in pixels of the pictures that a classifier learned from.
    top_share: of the places of a picture, the worst, whose mean is its score; it makes
    of a segmenter of two classes one of anomalies.
    score_threshold: what MediaPipe leaves out of a detector's results by itself.
    Raises UserError where labels or outputs do not fit the model.
    """
    model = tflite_model.unpack(model_bytes)
    labels = list(labels)
    _check(model, kind, labels)
    subgraph = {2: [_image(model, mean, std)], **OUTPUTS[kind](score_threshold)}
    own = {LETTERBOX: letterbox, THRESHOLD: threshold, TILE: tile, TOP_SHARE: top_share}
    custom = _own_entries(own)
    if decoding:
        custom.append({0: DECODING_ENTRY, 1: _decoding(len(labels), **decoding)})
    if custom:
        subgraph[9] = custom
    tables = {0: name, 1: description, 2: "v1", 3: [subgraph], 7: PARSER_VERSION}
    tflite_model.add_entry(model, ENTRY, flatbuffer_writer.write(tables, IDENTIFIER))
    return _append_labels(tflite_model.pack(model), labels)


def _own_entries(values):
    """Return the tables of what this course notes down, without what is not told."""
    told = {name: value for name, value in values.items() if value is not None}
    return [{0: name, 1: json.dumps(value).encode()} for name, value in told.items()]


def _check(model, kind, labels):
    if kind not in OUTPUTS:
        raise UserError(f"{kind} is no kind of model; there are: {', '.join(OUTPUTS)}")
    faults = [label for label in labels if not label.strip() or "\n" in label]
    if faults or not labels or len(set(labels)) < len(labels):
        raise UserError(f"labels must be different and not empty: {labels}")
    shapes = tflite_model.output_shapes(model)
    if [len(shape) for shape in shapes] != DIMENSIONS[kind]:
        raise UserError(f"a {kind} does not have outputs of shapes {shapes}")
    count = shapes[-1][-1]
    if kind == "detector":
        count = tflite_model.postprocess_options(model)["num_classes"]
    if count != len(labels):
        raise UserError(
            f"the model tells {count} classes apart, but there are {len(labels)} "
            f"labels: {', '.join(labels)}"
        )


def _image(model, mean, std):
    graph = model.subgraphs[0]
    _, height, width, _ = graph.tensors[graph.inputs[0]].shape
    scale = {0: np.array([mean], np.float32), 1: np.array([std], np.float32)}
    return {
        0: "image",
        1: f"RGB picture, {height} x {width} pixels",
        3: {0: IMAGE, 1: {0: RGB}},
        4: [{0: NORMALIZATION, 1: scale}],
    }


def _location(description):
    properties = {0: BOX_ORDER, 1: BOUNDARIES, 2: RATIO}
    return {0: "location", 1: description, 3: {0: BOX, 1: properties, 2: _range(2)}}


def _score(threshold):
    return {
        0: "score",
        1: "how sure the network is of each box, 0..1",
        3: {0: FEATURE, 1: {}, 2: _range(2)},
        4: [{0: SCORE_THRESHOLD, 1: {0: np.float32(threshold)}}],
    }


def _detector(score_threshold):
    tensors = [
        _location("ymin, xmin, ymax, xmax of each box, 0..1 of the picture"),
        {
            0: "category",
            1: "line of labels.txt of each box, counted from 0",
            3: {0: FEATURE, 1: {}, 2: _range(2)},
            6: [_labels(VALUE_LABELS)],
        },
        _score(score_threshold),
        {
            0: "number of detections",
            1: "how many of the boxes count; what follows them is not set",
            3: {0: FEATURE, 1: {}},
        },
    ]
    return {3: tensors, 8: [{0: "detection_result", 1: list(DETECTOR_OUTPUTS[:3])}]}


def _raw_detector(score_threshold):
    codes = _location("centre y, x, height, width of each box, as its anchor's codes")
    return {3: [codes, {**_score(score_threshold), 6: [_labels(AXIS_LABELS)]}]}


def _classifier(_):
    scores = {0: "probability", 1: "score of each line of labels.txt; they sum to 1"}
    return {3: [{**scores, 3: {0: FEATURE, 1: {}}, 6: [_labels(AXIS_LABELS)]}]}


def _segmenter(_):
    scores = {0: "segmentation_masks", 1: "score of each line of labels.txt, by pixel"}
    return {3: [{**scores, 3: {0: IMAGE, 1: {}}, 6: [_labels(AXIS_LABELS)]}]}


OUTPUTS = {
    "detector": _detector,
    "raw detector": _raw_detector,
    "classifier": _classifier,
    "segmenter": _segmenter,
}
DIMENSIONS = {
    "detector": [3, 2, 2, 1],
    "raw detector": [3, 3],
    "classifier": [2],
    "segmenter": [4],
}


def _decoding(num_classes, anchors, scales):
    """Return how boxes come from codes (object_detector_metadata_schema.fbs, 1.0.0)."""
    rows = [{0: x, 1: y, 2: w, 3: h} for y, x, h, w in np.float32(anchors)]
    y, x, height, width = np.float32(scales)
    numbers = [np.int32(n) for n in (num_classes, len(anchors), 4, 4, 0, 2)]
    options = {
        **dict(enumerate(numbers)),
        **{6: x, 7: y, 8: width, 9: height},
        10: np.bool_(True),  # sizes are logarithms
        11: np.bool_(False),  # scores are no logits any more
    }
    tables = {0: "1.0.0", 1: {0: {0: rows}}, 2: options}
    return flatbuffer_writer.write(tables, DECODING_IDENTIFIER)


def _labels(type):
    return {0: LABELS_FILE, 1: "names of the classes", 2: type}


def _range(value):
    """Return the range of dimensions that a property speaks of."""
    return {0: np.int32(value), 1: np.int32(value)}


def _append_labels(data, labels):
    """Return the model with labels.txt in a zip archive behind it."""
    file = io.BytesIO(data)
    # stored, not compressed: MediaPipe reads it in place
    with zipfile.ZipFile(file, "a", zipfile.ZIP_STORED) as archive:
        # a fixed date, so that the same model gives the same bytes
        entry = zipfile.ZipInfo(LABELS_FILE, (2020, 1, 1, 0, 0, 0))
        archive.writestr(entry, "".join(f"{label}\n" for label in labels))
    return file.getvalue()
