"""Give the notebooks under test a workspace of their own, and no progress bars."""

import os
import tempfile
from pathlib import Path

WORKSPACE = tempfile.TemporaryDirectory(prefix="inspection-")


def pytest_configure(config):
    patterns = Path(__file__).with_name("tests") / "nbval_sanitize.cfg"
    config.option.nbval_sanitize_with = str(patterns)
    os.environ.setdefault("INSPECTION_WORKSPACE", f"{WORKSPACE.name}/customTF2")
    os.environ["TQDM_DISABLE"] = "1"


def pytest_unconfigure():
    WORKSPACE.cleanup()
