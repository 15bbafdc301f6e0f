"""What MediaPipe says in its own environment, and whether ours says the same."""

import json
import os
import subprocess

import numpy as np

from helpers import ROOT
from helpers.leak_exports import THRESHOLD
from helpers.waiting import PATIENCE

PYTHON = ROOT / ".venv-mediapipe" / ("Scripts" if os.name == "nt" else "bin") / "python"
CLIENT = ROOT / "tests/helpers/mediapipe_client.py"


def missing():
    """Return what is missing for MediaPipe, or None."""
    if not (ROOT / ".venv-mediapipe" / "ready").exists():
        return ".venv-mediapipe: python tools/setup_mediapipe.py"
    return None


def ask(kind, model, images, threshold=0.0):
    """Return what MediaPipe says about each of some picture files."""
    command = [PYTHON, CLIENT, kind, model, str(threshold), *images]
    done = subprocess.run(command, capture_output=True, timeout=PATIENCE, text=True)
    assert done.returncode == 0, done.stderr[-1500:]
    return [json.loads(line) for line in done.stdout.splitlines() if line[0] in "[{"]


def assert_contains(some, others, tolerance):
    """Hold that each confident detection of `others` is in `some` as well."""
    for one in others:
        if one["score"] >= THRESHOLD:
            assert any(is_same(one, other, tolerance) for other in some), (one, some)


def is_same(one, other, tolerance):
    """Compare label, score and box in pixels, cut to the picture.

    MediaPipe cuts corner and size to whole pixels, so the far corner loses up to two;
    a box that starts outside of the picture is moved into it and keeps its size.
    """
    size = one.get("size", other.get("size"))
    one_box, other_box = np.minimum(one["box"], size), np.minimum(other["box"], size)
    whole = np.concatenate([[True, True], one_box[:2] > 0])
    return (
        one["label"] == other["label"]
        and abs(one["score"] - other["score"]) <= tolerance[0]
        and np.all(np.abs(one_box - other_box)[whole] <= tolerance[1])
    )
