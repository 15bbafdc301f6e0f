"""Read tables of a flatbuffer by the number of a field in its schema.

The schema of the metadata in a .tflite is published, the classes made from it are not:
no living package without TensorFlow holds them. https://flatbuffers.dev/internals/
"""

from flatbuffers import encode, number_types, table


class FlatbufferTable:
    """A table whose fields are asked for by slot, counted from 0 as in the schema."""

    def __init__(self, data, position):
        self._data = data
        self._table = table.Table(data, position)

    def _at(self, slot):
        offset = self._table.Offset(4 + 2 * slot)
        return self._table.Pos + offset if offset else None

    def number(self, slot, flags=number_types.Int32Flags, default=0):
        """Return a number; `default` is what the schema says for one left out."""
        at = self._at(slot)
        return default if at is None else self._table.Get(flags, at)

    def text(self, slot):
        """Return a string, empty where there is none."""
        at = self._at(slot)
        return "" if at is None else self._table.String(at).decode("utf-8")

    def child(self, slot):
        """Return the table in a field, or None."""
        at = self._at(slot)
        return (
            None
            if at is None
            else FlatbufferTable(self._data, self._table.Indirect(at))
        )

    def required(self, slot):
        """Return the table in a field; raise ValueError where there is none."""
        child = self.child(slot)
        if child is None:
            raise ValueError("a part that belongs to another is missing")
        return child

    def children(self, slot):
        """Return the tables in a field that holds a vector of them."""
        start, count = self._vector(slot, 4)
        places = [start + 4 * i for i in range(count)]
        return [
            FlatbufferTable(self._data, self._table.Indirect(place)) for place in places
        ]

    def numbers(self, slot, flags):
        """Return the numbers in a field that holds a vector of them."""
        start, count = self._vector(slot, flags.bytewidth)
        return [
            self._table.Get(flags, start + flags.bytewidth * i) for i in range(count)
        ]

    def bytes(self, slot):
        """Return the bytes in a field that holds a vector of ubyte."""
        start, count = self._vector(slot, 1)
        return bytes(self._data[start : start + count])

    def _vector(self, slot, width):
        offset = self._table.Offset(4 + 2 * slot)
        if not offset:
            return 0, 0
        start, count = self._table.Vector(offset), self._table.VectorLen(offset)
        if start + count * width > len(self._data):
            raise IndexError("a list reaches beyond the end of the file")
        return start, count


def root(data):
    """Return the outermost table of a flatbuffer."""
    return FlatbufferTable(
        data, encode.Get(number_types.UOffsetTFlags.packer_type, data, 0)
    )
