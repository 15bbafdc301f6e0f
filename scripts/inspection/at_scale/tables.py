"""The two tables of an inspection, as Parquet."""

import io
from collections import Counter

from inspection.at_scale import places
from inspection.common.errors import UserError

FINDINGS, PICTURES = "findings", "pictures"
COLUMNS = {
    # corners in pixels of the upright picture, of boxes alone; area_percent: share of
    # the picture, of boxes and of what a segmenter marks; score: of boxes and classes
    FINDINGS: {
        "image": "string",
        "class": "string",
        "score": "float32",
        **dict.fromkeys(("xmin", "ymin", "xmax", "ymax"), "int32"),
        "area_percent": "float32",
    },
    # fault: why the picture was not looked at, else null
    PICTURES: {
        "image": "string",
        "width": "int32",
        "height": "int32",
        "findings": "int32",
        "fault": "string",
    },
}


def load_parquet():
    """Return (pyarrow, pyarrow.parquet); raise UserError where they are not installed."""
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        raise UserError(
            "pyarrow is not installed: pip install -r requirements-beam.txt"
        ) from None
    return pyarrow, parquet


def to_parquet(table, rows):
    """Return the bytes of a table; rows: [{column: value}], what is left out is null."""
    arrow, parquet = load_parquet()
    schema = arrow.schema(COLUMNS[table])
    columns = {
        name: arrow.array([row.get(name) for row in rows], schema.field(name).type)
        for name in schema.names
    }
    file = io.BytesIO()
    parquet.write_table(arrow.table(columns, schema), file)
    return file.getvalue()


def read_columns(place, columns):
    """Return the pyarrow.Table of some columns of a file."""
    _, parquet = load_parquet()
    return parquet.read_table(io.BytesIO(places.read_bytes(place)), columns=columns)


def count_classes(place):
    """Return how many findings of each class a file holds."""
    return Counter(read_columns(place, ["class"])["class"].to_pylist())


def faults_in(place):
    """Return [(image, fault)] of the pictures that could not be looked at."""
    rows = read_columns(place, ["image", "fault"]).to_pylist()
    return [(row["image"], row["fault"]) for row in rows if row["fault"]]
