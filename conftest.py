"""Give the notebooks under test a workspace of their own, and no progress bars."""

import os
import tempfile

WORKSPACE = tempfile.TemporaryDirectory(prefix="inspection-")


def pytest_configure():
    os.environ.setdefault("INSPECTION_WORKSPACE", f"{WORKSPACE.name}/customTF2")
    os.environ["TQDM_DISABLE"] = "1"


def pytest_unconfigure():
    WORKSPACE.cleanup()
