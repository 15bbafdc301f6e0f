"""CSV files that grow with what happens, so that nothing is lost when the power is."""

import csv
import io
from contextlib import contextmanager, nullcontext
from pathlib import Path

from inspection.common.atomic_files import atomic_write
from inspection.common.errors import naming_disk_faults


class GrowingTable:
    """A CSV that is written line by line; the last line may be written anew."""

    def __init__(self, path, columns):
        self.path = Path(path)
        self._columns, self._file, self._last = columns, None, None

    def add(self, *rows):
        """Write lines at the end; they are in the file when this returns."""
        with naming_disk_faults(self.path):
            file = self._open()
            for row in rows:
                self._last = file.tell()
                file.write(_line(row))

    def replace_last(self, row):
        """Write the last line anew, which is not shorter than it was."""
        with naming_disk_faults(self.path):
            self._file.seek(self._last)
            self._file.write(_line(row))
            self._file.truncate()

    def finish(self):
        """Write the names of the columns where there are no lines."""
        with naming_disk_faults(self.path):
            self._open()

    def close(self):
        """Close the file."""
        if self._file is not None:
            self._file.close()

    def _open(self):
        if self._file is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self.path.open("wb", buffering=0)
            self._file.write(_line(self._columns))
        return self._file


def _line(row):
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(row)
    return text.getvalue().encode()


@contextmanager
def growing_table(path, columns, live=False):
    """Yield a GrowingTable whose file appears when nothing has failed.

    live: it appears at once, grows, and stays whatever happens.
    """
    with nullcontext(path) if live else atomic_write(path) as place:
        table = GrowingTable(place, columns)
        try:
            yield table
            table.finish()
        finally:
            table.close()
