"""The metadata inside a .tflite: labels, scale of the input, names of the outputs.

Slots are the places of fields in their published schema, metadata_schema.fbs of
tflite-support, which MediaPipe reads as well.
"""

import io
import json
import math
import zipfile

import numpy as np
from flatbuffers import number_types

from inspection.common.errors import UserError
from inspection.common.text_files import decode_text
from inspection.deploy import flatbuffer
from inspection.deploy.score_calibration import parse_calibration

ENTRY = "TFLITE_METADATA"
BOX_PROPERTIES = 3  # member of the union ContentProperties
# our own entries: the aspect ratio is kept; what was chosen in training
LETTERBOX = "INSPECTION_LETTERBOX"
THRESHOLD, TILE = "INSPECTION_THRESHOLD", "INSPECTION_TILE"
TOP_SHARE = "INSPECTION_TOP_SHARE"
NORMALIZATION, SCORE_CALIBRATION = 1, 2  # members of the union ProcessUnitOptions
LABEL_TYPES = (2, 3)  # TENSOR_AXIS_LABELS, TENSOR_VALUE_LABELS
CALIBRATION_TYPES = (4,)  # TENSOR_AXIS_SCORE_CALIBRATION
LARGEST_TEXT = 1_000_000  # bytes of labels, or of a calibration
CORNERS = (0, 1, 2, 3)


class ModelMetadata:
    """What a model says of itself, from its outermost `FlatbufferTable`.

    path, data: of the file, for messages and for the archive behind the model.
    """

    def __init__(self, path, data, model):
        self._path, self._data = path, data
        self._root = self._find(model)
        graphs = self._root.children(3) if self.is_there else []
        self._graph = graphs[0] if graphs else None

    @property
    def is_there(self):
        """Tell whether the file holds metadata at all."""
        return self._root is not None

    @property
    def name(self):
        """Return what the model is called, "" where that is not told."""
        return self._root.text(0) if self.is_there else ""

    @property
    def output_names(self):
        """Return the name of each output."""
        return [output.text(0) for output in self._outputs()]

    def normalization(self):
        """Return (mean, std), each a number or one for R, G and B; None where missing."""
        inputs = self._graph.children(2) if self._graph else []
        for options in self._units(inputs, NORMALIZATION):
            values = [options.numbers(i, number_types.Float32Flags) for i in (0, 1)]
            if all(values):
                mean, std = (_one_or_three(value) for value in values)
                if not np.all(std):
                    raise ValueError("a scale of 0")
                return mean, std
        return None

    def letterbox(self):
        """Return the color of the padding, () where pictures are not padded."""
        color = tuple(self._own(LETTERBOX) or ())
        if color and (len(color) != 3 or not all(0 <= part <= 255 for part in color)):
            raise ValueError("the padding has no color")
        return tuple(map(float, color))

    def threshold(self):
        """Return from which score on a class is said or a box is shown, or None."""
        found = self._own(THRESHOLD)
        if found is not None and not 0 <= found <= 1:
            raise ValueError("the threshold is no score")
        return found

    def tile(self):
        """Return the side in pixels of the pictures of the training, 0 if not told."""
        found = self._own(TILE) or 0
        if not isinstance(found, int) or found < 0:
            raise ValueError("the tile has no size")
        return found

    def top_share(self):
        """Return which share of the places makes the score of a picture, None if none."""
        found = self._own(TOP_SHARE)
        if found is not None and not 0 < found <= 1:
            raise ValueError("the share of the places is none")
        return found

    def labels(self):
        """Return the names of the classes, () where none are told."""
        text = self._file(LABEL_TYPES)
        return () if text is None else lines_of(text)

    def calibration(self, count):
        """Return the ScoreCalibration of `count` classes, None where none is told."""
        for options in self._units(self._outputs(), SCORE_CALIBRATION):
            text = self._file(CALIBRATION_TYPES)
            source = f"{self._path.name}, its score calibration"
            if text is None:
                raise UserError(f"{source} names no file: the model is not whole")
            transform = options.number(0, number_types.Int8Flags)
            default = options.number(1, number_types.Float32Flags, 0.0)
            return parse_calibration(transform, default, text, count, source)
        return None

    def box_order(self, place):
        """Return where left, top, right, bottom stand in a box; () where not told.

        place: of the boxes among the outputs.
        """
        outputs = self._outputs()
        content = outputs[place].child(3) if place < len(outputs) else None
        kind = content and content.number(0, number_types.Uint8Flags)
        if kind != BOX_PROPERTIES:
            return ()
        order = tuple(content.required(1).numbers(0, number_types.Uint32Flags))
        if order and sorted(order) != list(CORNERS):
            raise ValueError("the corners of a box are in no order")
        return order

    def _find(self, model):
        for entry in model.children(6):
            if entry.text(0) == ENTRY:
                buffer = model.children(4)[entry.number(1, number_types.Uint32Flags)]
                return flatbuffer.root(buffer.bytes(0))
        return None

    def _own(self, name):
        """Return what an entry of the course holds, None where it is missing."""
        for entry in self._graph.children(9) if self._graph else []:
            if entry.text(0) == name:
                return json.loads(entry.bytes(1))
        return None

    def _outputs(self):
        return self._graph.children(3) if self._graph else []

    def _units(self, tensors, kind):
        """Yield the options of each step of one kind before or behind some tensors."""
        for unit in (unit for tensor in tensors for unit in tensor.children(4)):
            if unit.number(0, number_types.Uint8Flags) == kind:
                yield unit.required(1)

    def _file(self, types):
        """Return the text of the first file of some types that the outputs name."""
        files = [file for output in self._outputs() for file in output.children(6)]
        for file in files:
            if file.number(2, number_types.Int8Flags) in types:
                return self._unzip(file.text(0))
        return None

    def _unzip(self, name):
        with zipfile.ZipFile(io.BytesIO(self._data)) as archive:
            refuse_long(self._path.name, name, archive.getinfo(name).file_size)
            data = archive.read(name)
        return decode_text(data, f"{self._path.name}, {name}")


def refuse_long(model, name, size):
    """Raise UserError for a file of labels of so many bytes that it can be none."""
    if size > LARGEST_TEXT:
        raise UserError(
            f"{model}: {name} has {size / 1e6:,.0f} MB, and no list of classes is so "
            "long: export the model anew"
        )


def lines_of(text):
    """Return the names in a text with one a line, without empty lines."""
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def _one_or_three(values):
    """Return the number that all channels share, or those of R, G and B."""
    if len(values) not in (1, 3) or not all(map(math.isfinite, values)):
        raise ValueError("a scale is for one channel or for three")
    return values[0] if len(set(values)) == 1 else tuple(values)
