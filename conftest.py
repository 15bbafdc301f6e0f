"""Give the notebooks under test a workspace, no bars, and share long files out first.

Which files take long stands in tests/schedule.toml: `-m "not slow"` leaves them out
without importing them, and where two processes test (-n 2), they come first.
"""

import os
import tempfile
import tomllib
from collections import Counter
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]  # for the tests of what stands here

ROOT = Path(__file__).parent
SCHEDULE = tomllib.loads((ROOT / "tests/schedule.toml").read_text(encoding="utf-8"))
SECONDS = SCHEDULE["seconds"]
GROUPS = {file: name for name, files in SCHEDULE["together"].items() for file in files}
WORKSPACE = tempfile.TemporaryDirectory(prefix="inspection-")


def pytest_addoption(parser):
    parser.addoption(
        "--soak", action="store_true", help="run what takes too long for every change"
    )


def pytest_configure(config):
    patterns = ROOT / "tests/nbval_sanitize.cfg"
    config.option.nbval_sanitize_with = str(patterns)
    os.environ.setdefault("INSPECTION_WORKSPACE", f"{WORKSPACE.name}/customTF2")
    os.environ["TQDM_DISABLE"] = "1"
    if config.option.nbval:
        os.environ["INSPECTION_SOLUTIONS"] = "1"  # see inspection.course.solutions
    elif hasattr(config, "workerinput"):  # as many threads as processes, not the square
        os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")


def pytest_unconfigure():
    WORKSPACE.cleanup()


def name_of(path):
    """Return the path of a file below the repository, with slashes."""
    path = Path(path)
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else ""


def pytest_ignore_collect(collection_path, config):
    fast_ones = config.option.markexpr == "not slow"
    return True if fast_ones and name_of(collection_path) in SECONDS else None


def pytest_collection_modifyitems(config, items):
    wanted = config.option.soak
    left = [k for k in items if bool(k.get_closest_marker("soak")) != wanted]
    config.hook.pytest_deselected(items=left)
    items[:] = [item for item in items if item not in left]
    for item in items:
        if name_of(item.path) in SECONDS:
            item.add_marker(pytest.mark.slow)
    seconds = Counter()
    for file, count in SECONDS.items():
        seconds[group_of(file)] += count
    items.sort(key=lambda item: -seconds[group_of(name_of(item.path))])


def group_of(file):
    """Return what is given to one process as a whole: a group's name, or a file's."""
    return GROUPS.get(file, file)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Share whole groups out, in the order above, where --dist=loadfile is asked for."""
    from xdist.scheduler import LoadFileScheduling

    if config.option.dist != "loadfile":
        return None

    class LongGroupsFirst(LoadFileScheduling):
        def _split_scope(self, nodeid):
            return group_of(super()._split_scope(nodeid))

    config.option.loadscopereorder = False  # it would put the files of many tests first
    return LongGroupsFirst(config, log)
