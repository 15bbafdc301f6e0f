"""From the SavedModel of `export_tflite` to .tflite files that say what they are."""

from pathlib import Path

import tensorflow as tf

from inspection.common.atomic_files import atomic_write
from inspection.common.errors import UserError
from inspection.detection.config.label_map import read_names
from inspection.detection.export.tflite_graph import RAW_OUTPUTS
from inspection.tflite import model as tflite_model
from inspection.tflite.convert import convert
from inspection.tflite.formats import FORMATS
from inspection.tflite.images import representative
from inspection.tflite.metadata import LABELS_FILE, add_metadata

DESCRIPTION = "finds {} in a picture"


def convert_all(
    saved_model_dir, output, formats=None, images=None, labels=None, name="detector"
):
    """Yield the path of each .tflite as it is written, `output`/`name`_`format`.tflite.

    formats: all four where None. images: folder of pictures like those of training, for
    int8. labels: names of the classes, one a line; labels.txt beside the SavedModel
    where None. Raises UserError for what is missing or does not fit, before it begins.
    """
    formats = _check_formats(formats or FORMATS, images)
    folder = Path(saved_model_dir)
    if not (folder / "saved_model.pb").is_file():
        raise UserError(f"{folder} holds no saved_model.pb; looked from {Path.cwd()}")
    names = read_names(labels or folder.parent / LABELS_FILE)
    calibration = images and representative(
        images, input_size(folder), letterbox=_read_letterbox(folder)
    )
    for format in formats:
        path = Path(output) / f"{name}_{format}.tflite"
        data = convert_detector(folder, format, names, name, calibration)
        with atomic_write(path) as temporary:
            temporary.write_bytes(data)
        yield path


def _check_formats(formats, images):
    unknown = [format for format in formats if format not in FORMATS]
    if unknown:
        known = ", ".join(FORMATS)
        raise UserError(f"{', '.join(unknown)} is no format; there are: {known}")
    if "int8" in formats and not images:
        raise UserError(
            "int8 needs pictures like those of training: name their folder with "
            "--images, or name the other formats with --formats"
        )
    return formats


def input_size(saved_model_dir):
    """Return the (height, width) of the pictures that a SavedModel takes."""
    signature = tf.saved_model.load(str(saved_model_dir)).signatures["serving_default"]
    ((_, inputs),) = [signature.structured_input_signature]
    (spec,) = inputs.values()
    return tuple(spec.shape[1:3])


def convert_detector(saved_model_dir, format, labels, name, representative=None):
    """Return a detector's SavedModel as the bytes of a .tflite with metadata."""
    data = convert(saved_model_dir, format, representative, custom_ops=True)
    description = DESCRIPTION.format(", ".join(labels))
    if tflite_model.postprocess_operator(tflite_model.unpack(data)):
        kind, decoding = "detector", None
        data = order_outputs(data)
    else:
        kind, decoding = "raw detector", _read_decoding(saved_model_dir)
        data = order_raw_outputs(data)
    letterbox = _read_letterbox(saved_model_dir)
    about = {"decoding": decoding, "letterbox": letterbox}
    return add_metadata(data, kind, labels, name, description, **about)


def _read_letterbox(saved_model_dir):
    """Return the colour of the padding; None where pictures are not padded."""
    graph = tf.saved_model.load(str(saved_model_dir))
    if not hasattr(graph, "read_letterbox"):
        return None
    return graph.read_letterbox().numpy().tolist()


def _read_decoding(saved_model_dir):
    """Return {anchors, scales} of raw heads."""
    found = tf.saved_model.load(str(saved_model_dir)).read_decoding()
    return {name: value.numpy() for name, value in found.items()}


def order_raw_outputs(data):
    """Return a file of raw heads with its outputs in the order box codes, scores."""
    model = tflite_model.unpack(data)
    (signature,), graph = model.signatureDefs, model.subgraphs[0]
    places = {entry.name.decode(): entry.tensorIndex for entry in signature.outputs}
    graph.outputs = [places[name] for name in RAW_OUTPUTS]
    return tflite_model.pack(model)


def order_outputs(data):
    """Return a detector's file with its outputs in the order of the operator.

    The converter arranges them as it likes, and differently from export to export.
    """
    model = tflite_model.unpack(data)
    outputs = tflite_model.postprocess_operator(model).outputs
    graph = model.subgraphs[0]
    if set(graph.outputs) != set(outputs):
        raise RuntimeError("something stands behind the NMS of this graph")
    graph.outputs = outputs
    return tflite_model.pack(model)
