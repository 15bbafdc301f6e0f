"""From the SavedModel of `export_tflite` to .tflite files that say what they are."""

from pathlib import Path

import tensorflow as tf

from inspection.common.atomic_files import atomic_write
from inspection.common.errors import SHOWN, UserError
from inspection.common.notices import warn_once
from inspection.detection.config.label_map import read_names, write_names
from inspection.detection.export import score_threshold
from inspection.detection.export.tflite_graph import OUTPUTS, RAW_OUTPUTS
from inspection.tflite import model as tflite_model
from inspection.tflite.convert import convert
from inspection.tflite.formats import FORMATS
from inspection.tflite.images import representative
from inspection.tflite.metadata import LABELS_FILE, add_metadata

DESCRIPTION = "finds {} in a picture"
LABEL_MAP_TEXT = "labelmap.txt"  # where scripts look for the names, beside the model


def convert_all(
    saved_model_dir, output, formats=None, images=None, labels=None, name="detector"
):
    """Yield the path of each .tflite as it is written, `output`/`name`_`format`.tflite.

    formats: all four where None. images: folder of pictures like those of training, for
    int8. labels: names of the classes, one a line; labels.txt beside the SavedModel
    where None. They are in each file, and in labelmap.txt beside it.
    Raises UserError for what is missing or does not fit, before it begins.
    """
    formats = _check_formats(formats or FORMATS, images)
    folder = Path(saved_model_dir)
    if Path(name).name != name:
        raise UserError(f"{name!r} is no name for files: folders go into the output's")
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
        write_label_list(names, path.with_name(LABEL_MAP_TEXT))
        yield path


def changed_label_list(names, folder):
    """Return labelmap.txt of a folder in a list, which is empty where it says the same."""
    path = Path(folder) / LABEL_MAP_TEXT
    return [] if path.is_file() and read_names(path) == list(names) else [path]


def label_list_of(saved_model_dir, labels, folder):
    """Return what `changed_label_list` does, of the arguments of `convert_all`."""
    path = Path(labels or Path(saved_model_dir).parent / LABELS_FILE)
    return changed_label_list(read_names(path), folder) if path.is_file() else []


def write_label_list(names, path):
    """Write labelmap.txt; warn where it named the classes of another model."""
    if path.is_file():
        former = read_names(path)
        if former == list(names):
            return  # perhaps with the first line ??? that some scripts want
        shown = ", ".join(former[:SHOWN])
        warn_once(f"{path} held other classes ({shown}): now those of this model")
    write_names(names, path)


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
    about["threshold"] = score_threshold.read(Path(saved_model_dir).parent)
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
    """Return a detector's file with its outputs in the order of the operator, and named.

    The converter arranges them as it likes, and calls all of them StatefulPartitionedCall;
    scripts look at that name to tell in which of two orders they are.
    """
    model = tflite_model.unpack(data)
    outputs = tflite_model.postprocess_operator(model).outputs
    graph = model.subgraphs[0]
    if set(graph.outputs) != set(outputs):
        raise RuntimeError("something stands behind the NMS of this graph")
    graph.outputs = outputs
    for place, number in enumerate(outputs):
        graph.tensors[number].name = output_name(place)
    for entry in (e for one in model.signatureDefs or () for e in one.outputs):
        entry.name = OUTPUTS[list(outputs).index(entry.tensorIndex)]
    return tflite_model.pack(model)


def output_name(place: str) -> str:
    """Return what the exports of TensorFlow 1 call the output at a place of the operator.

    >>> output_name(0), output_name(3)
    ('TFLite_Detection_PostProcess', 'TFLite_Detection_PostProcess:3')
    """
    return f"{tflite_model.POSTPROCESS}:{place}" if place else tflite_model.POSTPROCESS
