"""From which score on a detector's box is shown: chosen once, stored beside its weights.

`threshold.json` lies in the folder of a training, then beside the exported graph, and
goes from there into each .tflite, where detect.py, page and service read it.
"""

import json
from pathlib import Path

from inspection.common.atomic_files import write_text
from inspection.common.errors import UserError
from inspection.common.stored_settings import read_json

FILE = "threshold.json"


def write(folder, threshold):
    """Store a score from 0 to 1 in a folder; return the path. None removes it."""
    path = Path(folder) / FILE
    if threshold is None:
        path.unlink(missing_ok=True)  # that of another detector would be read as ours
    else:
        write_text(path, json.dumps({"threshold": round(float(threshold), 4)}) + "\n")
    return path


def read(place):
    """Return the score stored beside a checkpoint or in a folder, None where none is.

    Raises UserError where the file says no score.
    """
    folder = Path(place) if Path(place).is_dir() else Path(place).parent
    path = folder / FILE
    if not path.is_file():
        return None
    stored = read_json(path)
    value = stored.get("threshold") if isinstance(stored, dict) else None
    if type(value) not in (int, float) or not 0 <= value <= 1:
        raise UserError(f'{path} says no score from 0 to 1: write {{"threshold": 0.5}}')
    return value
