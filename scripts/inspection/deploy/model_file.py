"""What a .tflite says about itself: kind, labels, how pictures go in and results out.

Slots are the places of fields in two published schemas: that of TensorFlow Lite models
and that of their metadata (metadata_schema.fbs of tflite-support), which MediaPipe reads.
"""

import io
import json
import struct
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

from flatbuffers import flexbuffers, number_types

from inspection.common.errors import UserError
from inspection.deploy import flatbuffer

IDENTIFIER = b"TFL3"  # at byte 4 of every .tflite
DETECTOR_OUTPUTS = ("location", "category", "score", "number of detections")
POSTPROCESS = "TFLite_Detection_PostProcess"
IMAGE_PROPERTIES, BOX_PROPERTIES = 2, 3  # members of the union ContentProperties
LETTERBOX = "INSPECTION_LETTERBOX"  # our own entry: the aspect ratio is kept
NORMALIZATION = 1  # member of the union ProcessUnitOptions
LABEL_TYPES = (2, 3)  # TENSOR_AXIS_LABELS, TENSOR_VALUE_LABELS
LARGEST_LABELS = 1_000_000  # bytes
LEFT_TOP_RIGHT_BOTTOM = (0, 1, 2, 3)

# what reading a flatbuffer or a zip that is not whole runs into
DAMAGED = (
    struct.error,
    IndexError,
    ValueError,
    TypeError,
    KeyError,
    OverflowError,
    RuntimeError,  # a zip that seems to want a password or an unknown method
    EOFError,
    zlib.error,
    zipfile.BadZipFile,
)


@dataclass(frozen=True)
class ModelFile:
    """A model and what its metadata says.

    kind: "detector", "classifier" or "segmenter".
    outputs: the name of each output in the metadata, in the order of the file.
    box_order: where left, top, right and bottom stand in a box of the location output.
    letterbox: R, G, B of the padding at bottom and right where the aspect ratio of a
    picture is kept; empty where it is not.
    """

    path: Path
    data: bytes
    kind: str
    name: str
    labels: tuple[str, ...]
    mean: float
    std: float
    outputs: tuple[str, ...]
    box_order: tuple[int, ...] = LEFT_TOP_RIGHT_BOTTOM
    letterbox: tuple[float, ...] = ()


def read_model_file(path):
    """Read a .tflite with metadata; raise UserError for what is none, or not whole."""
    path = Path(path)
    if not path.is_file():
        raise UserError(f"{path} is no file; looked from {Path.cwd()}")
    data = path.read_bytes()
    if data[4:8] != IDENTIFIER:
        shown = f"it begins with {data[:8]!r}" if data else "it is empty"
        raise UserError(f"{path.name} is no .tflite model: {shown}")
    try:
        return _parse(path, data)
    except DAMAGED as error:
        raise UserError(
            f"{path.name} is damaged or ends early: copy it again, or export it anew"
        ) from error


def _parse(path, data):
    model = flatbuffer.root(data)
    metadata = _metadata(path, model)
    subgraph = metadata.children(3)[0]
    outputs = subgraph.children(3)
    names = tuple(output.text(0) for output in outputs)
    mean, std = _normalization(path, subgraph.children(2))
    kind = _kind(path, model, names)
    labels = _labels(path, data, outputs)
    _check_labels(path, model, kind, labels)
    order = _box_order(outputs[names.index("location")]) if kind == "detector" else ()
    return ModelFile(
        path=path,
        data=data,
        kind=kind,
        name=metadata.text(0),
        labels=labels,
        mean=mean,
        std=std,
        outputs=names,
        box_order=order,
        letterbox=_letterbox(subgraph),
    )


def _metadata(path, model):
    for entry in model.children(6):
        if entry.text(0) == "TFLITE_METADATA":
            buffer = model.children(4)[entry.number(1, number_types.Uint32Flags)]
            return flatbuffer.root(buffer.bytes(0))
    raise UserError(
        f"{path.name} holds no metadata: labels and scale of its input are unknown; "
        "export it with scripts/export_tflite_graph_tf2.py"
    )


def _normalization(path, inputs):
    for unit in (unit for tensor in inputs for unit in tensor.children(4)):
        if unit.number(0, number_types.Uint8Flags) == NORMALIZATION:
            options = unit.required(1)
            values = [options.numbers(i, number_types.Float32Flags) for i in (0, 1)]
            if all(values):
                return values[0][0], values[1][0]
    raise UserError(f"{path.name}: its metadata lacks the normalization of the input")


def _letterbox(subgraph):
    """Return the colour of the padding, () where pictures are not padded."""
    for entry in subgraph.children(9):
        if entry.text(0) == LETTERBOX:
            red, green, blue = json.loads(entry.bytes(1))
            return float(red), float(green), float(blue)
    return ()


def _kind(path, model, names):
    if set(DETECTOR_OUTPUTS) <= set(names):
        return "detector"
    shapes = _output_shapes(model)
    if len(shapes) == 1 and len(shapes[0]) in (2, 4):
        return "classifier" if len(shapes[0]) == 2 else "segmenter"
    raise UserError(
        f"{path.name} is neither detector, classifier nor segmenter: its outputs are "
        + ", ".join(f"{name or '?'} {shape}" for name, shape in zip(names, shapes))
    )


def _output_shapes(model):
    graph = model.children(2)[0]
    tensors = graph.children(0)
    outputs = graph.numbers(2, number_types.Int32Flags)
    return [tensors[i].numbers(0, number_types.Int32Flags) for i in outputs]


def _labels(path, data, outputs):
    files = [file for output in outputs for file in output.children(6)]
    names = [
        f.text(0) for f in files if f.number(2, number_types.Int8Flags) in LABEL_TYPES
    ]
    if not names:
        raise UserError(f"{path.name}: its metadata names no file of labels")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if archive.getinfo(names[0]).file_size > LARGEST_LABELS:
            raise ValueError("its labels are larger than any list of classes")
        text = archive.read(names[0]).decode("utf-8")
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def _check_labels(path, model, kind, labels):
    count = _num_classes(model) if kind == "detector" else _output_shapes(model)[0][-1]
    if count is not None and count != len(labels):
        raise UserError(
            f"{path.name} tells {count} classes apart but holds {len(labels)} labels: "
            + ", ".join(labels)
        )


def _num_classes(model):
    """Return the number of classes that the NMS of a detector is told, or None."""
    codes = [code.text(1) for code in model.children(1)]
    for operator in model.children(2)[0].children(3):
        if codes[operator.number(0, number_types.Uint32Flags)] == POSTPROCESS:
            return flexbuffers.Loads(operator.bytes(5))["num_classes"]
    return None


def _box_order(location):
    content = location.child(3)
    if content is None or content.number(0, number_types.Uint8Flags) != BOX_PROPERTIES:
        return LEFT_TOP_RIGHT_BOTTOM
    order = content.required(1).numbers(0, number_types.Uint32Flags)
    if sorted(order) != list(LEFT_TOP_RIGHT_BOTTOM):
        raise ValueError("the corners of a box are in no order")
    return tuple(order)
