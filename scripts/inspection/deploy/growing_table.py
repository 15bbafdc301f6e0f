"""CSV files that grow with what happens, so that nothing is lost when the power is."""

import csv
import io
from contextlib import contextmanager
from pathlib import Path

from inspection.common.atomic_files import naming_full_disk


class GrowingTable:
    """A CSV that is written line by line; the last line may be written anew."""

    def __init__(self, path, columns):
        self.path = Path(path)
        self._columns, self._file, self._last = columns, None, None

    def add(self, *rows):
        """Write lines at the end; they are in the file when this returns."""
        with naming_full_disk(self.path):
            file = self._open()
            for row in rows:
                self._last = file.tell()
                file.write(_line(row))

    def replace_last(self, row):
        """Write the last line anew, which is not shorter than it was."""
        with naming_full_disk(self.path):
            self._file.seek(self._last)
            self._file.write(_line(row))
            self._file.truncate()

    def close(self):
        """Close the file; without lines it holds the names of the columns."""
        with naming_full_disk(self.path):
            self._open().close()

    def discard(self):
        """Take back what was written."""
        if self._file:
            self._file.close()
            self.path.unlink(missing_ok=True)

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
def growing_table(path, columns, keep=False):
    """Yield a GrowingTable; of what fails on the way it stays only where `keep`."""
    table = GrowingTable(path, columns)
    try:
        yield table
    except Exception:
        if not keep:
            table.discard()
        raise
    table.close()
