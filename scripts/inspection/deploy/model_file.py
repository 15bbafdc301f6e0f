"""What a .tflite is, from this course or from elsewhere: how pictures go in, results out.

Kind and outputs come from the graph, labels and scale of the input from the metadata.
What these leave out is looked for where others keep it, and said.
"""

import struct
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

from inspection.common.errors import SHOWN, UserError
from inspection.common.notices import warn_once
from inspection.common.text_files import read_text
from inspection.deploy import flatbuffer
from inspection.deploy.detector_outputs import LOCATION, detector_roles
from inspection.deploy.model_graph import ModelGraph
from inspection.deploy.model_metadata import ModelMetadata, lines_of, refuse_long
from inspection.deploy.score_calibration import ScoreCalibration

IDENTIFIER = b"TFL3"  # at byte 4 of every .tflite
LARGEST_FILE = 2**31  # what a flatbuffer can address
# dimensions of the scores, and how many classes: a single score does not say of what it
# is, and a mask holds no more than 256
SCORES = {"classifier": (2, range(2, 2**20)), "segmenter": (4, range(2, 257))}
UNIT = (127.5, 127.5)  # mean and std that make -1..1 of pixels
TOP_LEFT_FIRST = (1, 0, 3, 2)  # ymin, xmin, ymax, xmax, as the operator writes boxes
BESIDE = ("labelmap.txt", "labels.txt")  # where the names lie that are not inside
BACKGROUND = ("???", "background")  # a first line that stands for no class of a box

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
    """A model and what is known of it.

    kind: "detector", "classifier", "segmenter", or "anomaly", a segmenter whose two
    classes are what good parts show and what they never do.
    input_size: (height, width) of the pictures that the network sees.
    mean, std: a float input is (pixel - mean) / std; one number, or those of R, G, B.
    outputs: what each output is, in the order of the file.
    box_order: where left, top, right and bottom stand in a box of the location output.
    letterbox: R, G, B of the padding at bottom and right where the aspect ratio of a
    picture is kept; empty where it is not.
    threshold: from which score of the last of two classes on it is said, or on a box is
    shown; None where that is not told, and the highest score decides, or one half.
    tile: side in pixels of the pictures that a classifier learned from, 0 where nobody
    knows.
    top_share: of the places of a picture, the worst, whose mean is the score of an
    anomaly; None for other kinds.
    calibration: what corrects the scores, or None.
    described: whether the file holds metadata, without which MediaPipe takes none.
    """

    path: Path
    data: bytes
    kind: str
    name: str
    labels: tuple[str, ...]
    input_size: tuple[int, int]
    mean: float | tuple[float, ...]
    std: float | tuple[float, ...]
    outputs: tuple[str, ...]
    box_order: tuple[int, ...] = TOP_LEFT_FIRST
    letterbox: tuple[float, ...] = ()
    threshold: float | None = None
    tile: int = 0
    top_share: float | None = None
    calibration: ScoreCalibration | None = None
    described: bool = True


def read_model_file(path):
    """Read a .tflite; raise UserError for what is none, not whole, or not understood."""
    path = Path(path)
    if not path.is_file():
        raise UserError(f"{path} is no file; looked from {Path.cwd()}")
    with path.open("rb") as file:
        start = file.read(8)
    if start[4:8] != IDENTIFIER or path.stat().st_size > LARGEST_FILE:
        shown = f"it begins with {start!r}" if start else "it is empty"
        raise UserError(f"{path.name} is no .tflite model: {shown}")
    data = path.read_bytes()
    try:
        return _parse(path, data)
    except DAMAGED as error:
        raise UserError(
            f"{path.name} is damaged or ends early: copy it again, or export it anew"
        ) from error


def _parse(path, data):
    model = flatbuffer.root(data)
    graph, metadata = ModelGraph(model), ModelMetadata(path, data, model)
    kind, outputs = _kind(path, graph, metadata.output_names)
    _check_input(path, graph.input_shape)
    labels = _labels(path, metadata, kind, _class_count(graph, kind))
    mean, std = _normalization(path, graph, metadata, kind)
    return ModelFile(
        path=path,
        data=data,
        kind=kind if metadata.top_share() is None else _anomaly(path, kind, labels),
        name=metadata.name or path.stem,
        labels=labels,
        input_size=tuple(graph.input_shape[1:3]),
        mean=mean,
        std=std,
        outputs=outputs,
        box_order=_box_order(metadata, outputs) if kind == "detector" else (),
        letterbox=metadata.letterbox(),
        threshold=metadata.threshold(),
        tile=metadata.tile(),
        top_share=metadata.top_share(),
        calibration=_calibration(path, metadata, kind, len(labels)),
        described=metadata.is_there,
    )


def _kind(path, graph, names):
    """Return the kind of a model and what each of its outputs is."""
    roles = detector_roles(graph, names)
    if roles:
        return "detector", roles
    shapes = graph.output_shapes
    for kind, (dimensions, classes) in SCORES.items():
        if (
            len(shapes) == 1
            and len(shapes[0]) == dimensions
            and shapes[0][-1] in classes
        ):
            return kind, tuple([*names, ""][:1])
    names = names if len(names) == len(shapes) else graph.output_names
    raise UserError(
        f"{path.name} is neither detector, classifier nor segmenter: its outputs are "
        + ", ".join(f"{name or '?'} {shape}" for name, shape in zip(names, shapes))
    )


def _anomaly(path, kind, labels):
    """Return the kind of a file that says how anomalies are scored."""
    if kind != "segmenter" or len(labels) != 2:
        raise UserError(
            f"{path.name} says that it is for anomalies, but it is a {kind} of "
            f"{len(labels)} classes: export it anew with train_anomaly.py"
        )
    return "anomaly"


def _check_input(path, shape):
    if len(shape) != 4 or shape[0] != 1 or shape[3] != 3 or min(shape) < 1:
        raise UserError(f"{path.name} takes {shape}, and not one RGB picture")
    if shape[1:3] == [1, 1]:
        raise UserError(
            f"{path.name} leaves the size of its pictures open: export it for a fixed "
            "one, such as [1, 320, 320, 3]"
        )


def _class_count(graph, kind):
    """Return how many classes a model tells apart, None where that is not told."""
    return graph.num_classes if kind == "detector" else graph.output_shapes[0][-1]


def _labels(path, metadata, kind, count):
    """Return the names of the classes, from the metadata or from a list beside the file."""
    source, labels = "", metadata.labels()
    if not labels:
        source, labels = _labels_beside(path, metadata.is_there)
    if kind == "detector":
        labels = _without_background(labels, count)
    if count is not None and count != len(labels):
        more = ", ..." if len(labels) > SHOWN else ""
        raise UserError(
            f"{path.name} tells {count} classes apart but {source}holds {len(labels)} "
            f"labels: {', '.join(labels[:SHOWN])}{more}"
        )
    return labels


def _without_background(labels, count):
    """Return a detector's labels without a first one for what has no boxes.

    Lists of the Object Detection API and of COCO begin with such a line.
    """
    first = labels[0].strip("_")
    left_over = first in BACKGROUND and len(labels) - 1 == count
    return labels[1:] if left_over or (count is None and first == "???") else labels


def _labels_beside(path, described):
    """Return (the name of a list and a space, its names); warn that it was taken."""
    lacks = "its metadata names no file of labels" if described else "holds no metadata"
    for place in (path.with_name(name) for name in BESIDE):
        if place.is_file():
            refuse_long(path.name, place.name, place.stat().st_size)
            labels = lines_of(read_text(place))
            if labels:
                warn_once(f"{path.name}: {lacks}; its labels are those of {place.name}")
                return f"{place.name} ", labels
    raise UserError(
        f"{path.name}: {lacks}, and no {BESIDE[0]} with one name a line lies beside it: "
        "what its classes are called is unknown"
    )


def _normalization(path, graph, metadata, kind):
    """Return (mean, std) of the metadata, or what the graph itself tells of them."""
    found = metadata.normalization() or graph.pixel_scale()
    if found:
        return found
    if metadata.is_there:
        raise UserError(
            f"{path.name}: its metadata lacks the normalization of the input"
        )
    if kind != "detector":
        raise UserError(
            f"{path.name}: holds no metadata: what its input wants of a pixel is unknown"
        )
    warn_once(f"{path.name}: holds no metadata; its input is taken to be -1 to 1")
    return UNIT


def _box_order(metadata, outputs):
    return metadata.box_order(outputs.index(LOCATION)) or TOP_LEFT_FIRST


def _calibration(path, metadata, kind, count):
    found = metadata.calibration(count)
    if found is not None and kind == "segmenter":
        warn_once(f"{path.name}: its score calibration is not applied to pixels")
        return None
    return found
