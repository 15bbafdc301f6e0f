"""Model files small enough to be made by hand, without TensorFlow, with known answers.

Every network first takes the mean colour of the picture (the segmenter: each pixel), so
a picture painted red, green or blue decides what is found.
"""

import io
import zipfile

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from flatbuffers import flexbuffers

SIZE = 8
TYPES = {"float32": 0, "int32": 2, "uint8": 3, "int8": 9}
SCALE = 1 / 127.5
ZERO = {"uint8": 127, "int8": -1}
BOXES = [(0.1, 0.2, 0.5, 0.6), (0.5, 0.5, 0.9, 0.9)]  # ymin, xmin, ymax, xmax
SLOTS = 5  # of a detector's outputs; only two are ever filled
DETECTOR_NAMES = ["location", "category", "score", "number of detections"]


class Graph:
    """A graph that grows operator by operator."""

    def __init__(self):
        self.model = schema.ModelT()
        self.model.version = 3
        self.model.buffers = [schema.BufferT()]
        self.model.operatorCodes, self.model.metadata = [], []
        self.graph = schema.SubGraphT()
        self.graph.tensors, self.graph.operators = [], []
        self.model.subgraphs = [self.graph]

    def tensor(self, name, shape, kind="float32", values=None):
        """Add a tensor, a constant where values are given; return its number."""
        tensor = schema.TensorT()
        tensor.name, tensor.shape, tensor.type = name, list(shape), TYPES[kind]
        if kind in ZERO:
            tensor.quantization = schema.QuantizationParametersT()
            tensor.quantization.scale = [SCALE if "input" in name else 1 / 256]
            tensor.quantization.zeroPoint = [ZERO[kind] if "input" in name else 0]
        if values is not None:
            tensor.buffer = self.buffer(np.asarray(values, kind).tobytes())
        self.graph.tensors.append(tensor)
        return len(self.graph.tensors) - 1

    def buffer(self, data):
        buffer = schema.BufferT()
        buffer.data = np.frombuffer(data, "uint8")
        self.model.buffers.append(buffer)
        return len(self.model.buffers) - 1

    def operator(self, name, inputs, outputs, options=None, custom=None):
        """Add an operator of a name of the schema, or a custom one with its options."""
        code, operator = schema.OperatorCodeT(), schema.OperatorT()
        code.version = 1
        if custom is None:
            code.builtinCode = getattr(schema.BuiltinOperator, name)
            code.deprecatedBuiltinCode = code.builtinCode
        else:
            code.builtinCode = code.deprecatedBuiltinCode = 32
            code.customCode, operator.customOptions = name, custom
        operator.opcodeIndex = len(self.model.operatorCodes)
        operator.inputs, operator.outputs = inputs, outputs
        if options is not None:
            kind = type(options).__name__.removesuffix("T")
            operator.builtinOptionsType = getattr(schema.BuiltinOptions, kind)
            operator.builtinOptions = options
        self.model.operatorCodes.append(code)
        self.graph.operators.append(operator)

    def input(self, kind):
        """Add the input; return the number of a float tensor with its values."""
        number = self.tensor("input", [1, SIZE, SIZE, 3], kind)
        self.graph.inputs = [number]
        if kind == "float32":
            return number
        floats = self.tensor("floats", [1, SIZE, SIZE, 3])
        options = schema.DequantizeOptionsT()
        self.operator("DEQUANTIZE", [number], [floats], options)
        return floats

    def mean(self, pixels):
        axes = self.tensor("axes", [2], "int32", [1, 2])
        mean = self.tensor("mean", [1, 3])
        self.operator("MEAN", [pixels, axes], [mean], schema.ReducerOptionsT())
        return mean

    def dense(self, values, weights):
        rows = len(weights)
        kernel = self.tensor("kernel", np.shape(weights), "float32", weights)
        out = self.tensor("dense", [1, rows])
        options = schema.FullyConnectedOptionsT()
        self.operator("FULLY_CONNECTED", [values, kernel, -1], [out], options)
        return out

    def softmax(self, values, shape):
        out, options = self.tensor("scores", shape), schema.SoftmaxOptionsT()
        options.beta = 1.0
        self.operator("SOFTMAX", [values], [out], options)
        return out

    def pack(self, metadata=None, files=None):
        """Return the bytes of the file, with metadata and a zip of files behind it."""
        if metadata is not None:
            entry = schema.MetadataT()
            entry.name, entry.buffer = "TFLITE_METADATA", self.buffer(metadata)
            self.model.metadata.append(entry)
        builder = flatbuffers.Builder(1024)
        builder.Finish(self.model.Pack(builder), file_identifier=b"TFL3")
        tail = io.BytesIO()
        with zipfile.ZipFile(tail, "w") as archive:
            for name, text in (files or {}).items():
                archive.writestr(zipfile.ZipInfo(name), text)
        return bytes(builder.Output()) + (tail.getvalue() if files else b"")


def make_detector(
    labels=("leak", "puddle"),
    order=(0, 1, 2, 3),
    kind="float32",
    tensor_names=("out:0", "out:1", "out:2", "out:3"),
    **says,
):
    """Return a detector: what is red is its first class, in BOXES[0]; blue its second.

    order: how the four outputs are arranged in the file. tensor_names: of boxes,
    classes, scores and number. says: what else the metadata hold, see `describe`.
    """
    graph = Graph()
    count = len(BOXES)
    weights = np.zeros((count, 3, 3))
    weights[0, 1] = [0.9, 0, 0]  # anchor 0, column 1 of (background, leak, puddle)
    weights[1, 2] = [0, 0, 0.8]
    dense = graph.dense(graph.mean(graph.input(kind)), weights.reshape(-1, 3))
    shape = graph.tensor("shape", [3], "int32", [1, count, 3])
    scores = graph.tensor("scores", [1, count, 3])
    options = schema.ReshapeOptionsT()
    options.newShape = [1, count, 3]
    graph.operator("RESHAPE", [dense, shape], [scores], options)
    codes = graph.tensor("codes", [1, count, 4], "float32", np.zeros((1, count, 4)))
    anchors = graph.tensor("anchors", [count, 4], "float32", centred(BOXES))
    shapes = [[1, SLOTS, 4], [1, SLOTS], [1, SLOTS], [1]]
    found = [graph.tensor(*pair) for pair in zip(tensor_names, shapes)]
    graph.operator(
        "TFLite_Detection_PostProcess", [codes, scores, anchors], found, None, NMS()
    )
    graph.graph.outputs = [found[i] for i in order]
    says.setdefault("labelled", "category")
    says.setdefault("metadata_names", [DETECTOR_NAMES[i] for i in order])
    return describe(graph, labels, **says)


def describe(
    graph, labels, metadata_names, metadata=True, files=True, calibration=None, **says
):
    """Return the bytes of a graph with metadata and labels behind it.

    metadata: whether there are any. files: whether labels.txt is. calibration: text of
    the scores' calibration. says: see `write_metadata`.
    """
    if not metadata:
        return graph.pack()
    written = write_metadata(metadata_names, calibrated=bool(calibration), **says)
    behind = {"labels.txt": "\n".join(labels)}
    if calibration:
        behind["calibration.txt"] = calibration
    return graph.pack(written, behind if files else None)


def NMS():
    options = {
        "max_detections": SLOTS,
        "max_classes_per_detection": 1,
        "detections_per_class": 10,
        "use_regular_nms": True,
        "nms_score_threshold": 0.2,
        "nms_iou_threshold": 0.5,
        "num_classes": 2,
        **{"y_scale": 1.0, "x_scale": 1.0, "h_scale": 1.0, "w_scale": 1.0},
    }
    return np.frombuffer(flexbuffers.Dumps(options), "uint8")


def centred(boxes):
    """Return boxes as the operator wants anchors: ycenter, xcenter, height, width."""
    ymin, xmin, ymax, xmax = np.transpose(boxes)
    return np.stack([(ymin + ymax) / 2, (xmin + xmax) / 2, ymax - ymin, xmax - xmin], 1)


def make_classifier(
    labels=("red", "green", "blue"),
    kind="float32",
    out="float32",
    fixed_batch=False,
    **says,
):
    """Return a classifier whose logits are three times the mean colour, -1..1."""
    graph = Graph()
    dense = graph.dense(graph.mean(graph.input(kind)), 3 * np.eye(3))
    if not fixed_batch:
        image = graph.graph.tensors[graph.graph.inputs[0]]
        image.shapeSignature = [-1, *image.shape[1:]]
    scores = graph.softmax(dense, [1, 3])
    if out != "float32":
        packed = graph.tensor("packed", [1, 3], out)
        graph.operator("QUANTIZE", [scores], [packed], schema.QuantizeOptionsT())
        scores = packed
    graph.graph.outputs = [scores]
    names = ["probability"]
    return describe(graph, labels, names, labelled="probability", **says)


def make_segmenter(labels=("background", "rust"), kind="float32", **says):
    """Return a segmenter: what is red in a pixel is rust."""
    graph = Graph()
    pixels = graph.input(kind)
    weights = np.zeros((2, 1, 1, 3))
    weights[1, 0, 0, 0] = 4
    kernel = graph.tensor("kernel", weights.shape, "float32", weights)
    bias = graph.tensor("bias", [2], "float32", [0, 0])
    out = graph.tensor("logits", [1, SIZE, SIZE, 2])
    options = schema.Conv2DOptionsT()
    options.strideH = options.strideW = 1
    graph.operator("CONV_2D", [pixels, kernel, bias], [out], options)
    graph.graph.outputs = [graph.softmax(out, [1, SIZE, SIZE, 2])]
    names = ["segmentation_masks"]
    return describe(graph, labels, names, labelled="segmentation_masks", **says)


def write_metadata(
    names,
    labelled,
    box_order=(1, 0, 3, 2),
    normalized=True,
    scale=([127.5], [127.5]),
    calibrated=False,
):
    """Return metadata as metadata_schema.fbs lays it out.

    labelled: the output, or None, that names labels.txt. scale: mean and std.
    calibrated: whether the output of scores names calibration.txt.
    """
    b = flatbuffers.Builder(256)
    outputs = [
        write_tensor(b, name, name == labelled, box_order, calibrated) for name in names
    ]
    image = write_image(b, scale if normalized else None)
    inputs, outputs = vector(b, [image]), vector(b, outputs)
    subgraph = table(b, 10, {2: inputs, 3: outputs})
    name, graphs = b.CreateString("tiny"), vector(b, [subgraph])
    b.Finish(table(b, 8, {0: name, 3: graphs}), file_identifier=b"M001")
    return bytes(b.Output())


def write_image(b, scale):
    if scale is None:
        return table(b, 7, {})
    mean, std = (b.CreateNumpyVector(np.array(part, "float32")) for part in scale)
    options = table(b, 2, {0: mean, 1: std})
    unit = table(b, 2, {1: options}, {0: 1})
    return table(b, 7, {4: vector(b, [unit])})


def write_tensor(b, name, is_labelled, box_order, calibrated):
    fields, files = {0: b.CreateString(name)}, []
    if is_labelled:
        files.append(write_file(b, "labels.txt", 3))
    if calibrated and name in ("score", "probability"):
        files.append(write_file(b, "calibration.txt", 4))
        unit = table(b, 2, {1: table(b, 2, {})}, {0: 2})
        fields[4] = vector(b, [unit])
    if files:
        fields[6] = vector(b, files)
    if name == "location":
        order = b.CreateNumpyVector(np.array(box_order, "uint32"))
        box = table(b, 3, {0: order})
        fields[3] = table(b, 3, {1: box}, {0: 3})
    return table(b, 7, fields)


def write_file(b, name, type):
    return table(b, 5, {0: b.CreateString(name)}, {2: type})


def table(b, slots, offsets, numbers=None):
    b.StartObject(slots)
    for slot, offset in offsets.items():
        b.PrependUOffsetTRelativeSlot(slot, offset, 0)
    for slot, number in (numbers or {}).items():
        b.PrependUint8Slot(slot, number, 0)
    return b.EndObject()


def vector(b, offsets):
    b.StartVector(4, len(offsets), 4)
    for offset in reversed(offsets):
        b.PrependUOffsetTRelative(offset)
    return b.EndVector()
