"""One annotated picture as the record the API trains on, and back.

The features are those that create_pascal_tf_record.py of the API writes and its decoder
reads; boxes are normalised to 0..1 by the size of the picture.
"""

import hashlib
import io
from dataclasses import dataclass

from inspection.common.errors import DatasetError
from inspection.detection.records import example, record_check, tfrecord

CORNERS = ("ymin", "xmin", "ymax", "xmax")


@dataclass(frozen=True)
class Record:
    """A picture, as the bytes of its file, and its boxes.

    `boxes` holds (ymin, xmin, ymax, xmax) in 0..1; `class_ids` begin at 1.
    """

    encoded: bytes
    format: str
    height: int
    width: int
    filename: str
    boxes: tuple = ()
    class_ids: tuple = ()
    class_names: tuple = ()
    difficult: tuple = ()
    truncated: tuple = ()
    views: tuple = ()

    def box_array(self):
        """Return the boxes as float32 [N, 4]."""
        import numpy as np

        return np.array(self.boxes, np.float32).reshape(-1, 4)

    def image(self):
        """Decode the picture to uint8 [height, width, 3] as it lies."""
        import numpy as np
        from PIL import Image

        with Image.open(io.BytesIO(self.encoded)) as image:
            return np.array(image.convert("RGB"))


def encode_record(record):
    """Serialize a record as a tf.train.Example."""
    name = record.filename.encode()
    digest = hashlib.sha256(record.encoded).hexdigest()
    features = {
        "image/height": (int, [record.height]),
        "image/width": (int, [record.width]),
        "image/filename": (bytes, [name]),
        "image/source_id": (bytes, [name]),
        "image/key/sha256": (bytes, [digest.encode()]),
        "image/encoded": (bytes, [record.encoded]),
        "image/format": (bytes, [record.format.encode()]),
        "image/object/class/text": (bytes, [n.encode() for n in record.class_names]),
        "image/object/class/label": (int, record.class_ids),
        "image/object/difficult": (int, map(int, record.difficult)),
        "image/object/truncated": (int, map(int, record.truncated)),
        "image/object/view": (bytes, [view.encode() for view in record.views]),
    }
    for i, corner in enumerate(CORNERS):
        values = [box[i] for box in record.boxes]
        features[f"image/object/bbox/{corner}"] = (float, values)
    return example.serialize(features)


def decode_record(data):
    """Return the Record of a serialized tf.train.Example, written by us or by the API.

    Raises ValueError where the picture is missing or the boxes do not fit together.
    """
    found = example.parse(data)
    if not _of_kind(found, "image/encoded", bytes):
        raise ValueError("it holds no image/encoded")
    if "image/class/label" in found and "image/object/class/label" not in found:
        raise ValueError("it is made for classification: it has a class and no boxes")
    corners = [
        _of_kind(found, f"image/object/bbox/{corner}", float) for corner in CORNERS
    ]
    labels = _of_kind(found, "image/object/class/label", int)
    if len({len(values) for values in (*corners, labels)}) > 1:
        raise ValueError("it has not as many labels as corners of boxes")
    return Record(
        encoded=found["image/encoded"][0],
        format=_text(found, "image/format"),
        height=_one(found, "image/height", int, 0),
        width=_one(found, "image/width", int, 0),
        filename=_text(found, "image/filename"),
        boxes=tuple(zip(*corners, strict=True)),
        class_ids=tuple(labels),
        class_names=_texts(found, "image/object/class/text"),
        difficult=_flags(found, "image/object/difficult"),
        truncated=_flags(found, "image/object/truncated"),
        views=_texts(found, "image/object/view"),
    )


def _of_kind(found, name, kind):
    """Return the values of a feature; ValueError where they are of another kind."""
    values = found.get(name, [])
    other = [type(value).__name__ for value in values if type(value) is not kind]
    if other:
        raise ValueError(f"{name} holds {other[0]}, which must be {kind.__name__}")
    return values


def _one(found, name, kind, default):
    values = _of_kind(found, name, kind)
    return values[0] if values else default


def _text(found, name):
    return _one(found, name, bytes, b"").decode(errors="replace")


def _texts(found, name):
    values = _of_kind(found, name, bytes)
    return tuple(value.decode(errors="replace") for value in values)


def _flags(found, name):
    return tuple(map(bool, _of_kind(found, name, int)))


def read_records(patterns):
    """Yield the Record of each example of record files, named or by pattern.

    Raises DatasetError naming the file where one is missing, cut off, damaged or holds
    something else, where a record is not what training takes it for, and where there
    is none at all.
    """
    for path, number, record in read_numbered(patterns):
        if faults := record_check.record_faults(record):
            name = record.filename or "a picture without a name"
            raise DatasetError(
                f"{path}: record {number}, {name}, cannot be used", faults
            )
        yield record


def read_numbered(patterns):
    """Yield (path, number from 1, Record) of record files, as they are."""
    empty = True
    for path in tfrecord.expand_paths(patterns):
        for number, data in enumerate(tfrecord.read_frames(path), start=1):
            empty = False
            try:
                yield path, number, decode_record(data)
            except ValueError as error:
                message = f"{path}: record {number} is none of this kind: {error}"
                raise DatasetError(message) from None
    if empty:
        raise DatasetError(f"0 records found in {patterns}")


def write_records(records, path, shards=1):
    """Write records to one file or to shards; return how many. None is an error."""
    return tfrecord.write_records(map(encode_record, records), path, shards)
