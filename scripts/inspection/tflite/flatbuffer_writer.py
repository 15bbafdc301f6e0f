"""Write tables of a flatbuffer by the numbers of their fields in the schema.

The metadata schema of TensorFlow Lite is published; of the packages with classes made
from it, none that is maintained can live beside TensorFlow.
https://flatbuffers.dev/internals/
"""

import flatbuffers
import numpy as np

SCALARS = {
    np.bool_: flatbuffers.Builder.PrependBoolSlot,
    np.int8: flatbuffers.Builder.PrependInt8Slot,
    np.uint8: flatbuffers.Builder.PrependUint8Slot,
    np.int32: flatbuffers.Builder.PrependInt32Slot,
    np.float32: flatbuffers.Builder.PrependFloat32Slot,
}


def write(fields, identifier):
    """Return the flatbuffer whose outermost table has the fields {slot: value}.

    A value is text, bytes, an array, a scalar of NumPy, a table {slot: value}, or a
    list of tables or of texts.
    """
    builder = flatbuffers.Builder(1024)
    builder.Finish(_table(builder, fields), file_identifier=identifier)
    return bytes(builder.Output())


def _table(builder, fields):
    # what a table points to has to be there before it is begun
    ready = {slot: _value(builder, value) for slot, value in fields.items()}
    builder.StartObject(max(fields, default=-1) + 1)
    for slot, value in ready.items():
        if type(value) in SCALARS:
            SCALARS[type(value)](builder, slot, value.item(), None)
        else:
            builder.PrependUOffsetTRelativeSlot(slot, value, 0)
    return builder.EndObject()


def _value(builder, value):
    """Return a scalar as it is, of everything else the offset at which it now stands."""
    if type(value) in SCALARS:
        return value
    if isinstance(value, str):
        return builder.CreateString(value)
    if isinstance(value, bytes):
        return builder.CreateByteVector(value)
    if isinstance(value, np.ndarray):
        return builder.CreateNumpyVector(value)
    if isinstance(value, dict):
        return _table(builder, value)
    return _vector(builder, [_value(builder, item) for item in value])


def _vector(builder, offsets):
    builder.StartVector(4, len(offsets), 4)
    for offset in reversed(offsets):
        builder.PrependUOffsetTRelative(offset)
    return builder.EndVector()
