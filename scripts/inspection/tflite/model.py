"""The graph inside the bytes of a .tflite: read, ask, change, write."""

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from flatbuffers import flexbuffers

IDENTIFIER = b"TFL3"
POSTPROCESS = "TFLite_Detection_PostProcess"
BUILTINS = {
    number: name
    for name, number in vars(schema.BuiltinOperator).items()
    if isinstance(number, int)
}


def unpack(data):
    """Return the model (`schema.ModelT`) in the bytes of a .tflite."""
    return schema.ModelT.InitFromObj(schema.Model.GetRootAs(bytearray(data), 0))


def pack(model):
    """Return the bytes of a model."""
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), file_identifier=IDENTIFIER)
    return bytes(builder.Output())


def operator_names(model):
    """Return the names of all operators in the order in which they run."""
    names = [_code_name(code) for code in model.operatorCodes]
    return [
        names[op.opcodeIndex] for graph in model.subgraphs for op in graph.operators
    ]


def _code_name(code):
    if code.customCode:
        return code.customCode.decode()
    return BUILTINS[max(code.builtinCode, code.deprecatedBuiltinCode)]


def output_shapes(model):
    """Return the shape of each output."""
    graph = model.subgraphs[0]
    return [list(graph.tensors[i].shape) for i in graph.outputs]


def postprocess_operator(model):
    """Return the operator that holds the NMS of a detector, or None."""
    names = operator_names(model)
    operators = model.subgraphs[0].operators
    return operators[names.index(POSTPROCESS)] if POSTPROCESS in names else None


def postprocess_options(model):
    """Return what the NMS of a detector is told, as a dict."""
    return flexbuffers.Loads(bytes(postprocess_operator(model).customOptions))


def add_entry(model, name, data):
    """Put bytes into the model under a name, as metadata are kept."""
    buffer, entry = schema.BufferT(), schema.MetadataT()
    buffer.data = np.frombuffer(data, np.uint8)
    entry.name, entry.buffer = name, len(model.buffers)
    model.buffers.append(buffer)
    model.metadata = [*(model.metadata or []), entry]
