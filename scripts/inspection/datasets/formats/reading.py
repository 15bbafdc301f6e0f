"""Read annotations of any of the other formats, told by what the files hold."""

import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path

from inspection.common.errors import DatasetError
from inspection.datasets.fetching.archives import open_folder
from inspection.datasets.foreign_formats import find_format, format_of
from inspection.datasets.formats.coco import read_coco
from inspection.datasets.formats.labelme import read_labelme
from inspection.datasets.formats.yolo import read_yolo
from inspection.datasets.layouts.set_tree import read_tree

JSON_READERS = {"COCO": read_coco, "labelme": read_labelme}
KNOWN = "YOLO labels (.txt), COCO (.json) or labelme (.json)"


@contextmanager
def opened(source):
    """Yield (path, whether it is temporary): a .zip is unpacked for as long."""
    source = Path(source)
    if source.suffix.lower() != ".zip" or not source.is_file():
        yield source, False
        return
    with tempfile.TemporaryDirectory(prefix="set-") as into:
        yield open_folder(source, into), True
        shutil.rmtree(into, ignore_errors=True)


def read_labelled(source, image_dir=None, class_names=None):
    """Return (format, LabelledSet) of a folder, or of one .json or data.yaml.

    Raises DatasetError where the format is none of the three, or files are at fault.
    """
    source = Path(source)
    if not source.exists():
        raise DatasetError(f"{source} is not there; looked from {Path.cwd()}")
    if source.suffix.lower() in (".yaml", ".yml"):
        source = source.parent
    if source.is_file():
        return _read_json_files([source], source.parent, image_dir)
    kind = find_format(source)
    if kind == "YOLO":
        return kind, read_yolo(source, image_dir, class_names)
    paths = [p for branch in read_tree(source) for p in branch.with_suffix(".json")]
    paths = [path for path in paths if format_of(path) == kind]
    if not kind or not paths:
        raise _unknown(source)
    return _read_json_files(paths, source, image_dir)


def _read_json_files(paths, top, image_dir):
    kind = format_of(paths[0])
    if kind not in JSON_READERS:
        raise _unknown(paths[0])
    return kind, JSON_READERS[kind](paths, top, image_dir)


def _unknown(source):
    return DatasetError(
        f"{source} holds neither {KNOWN}; for Pascal VOC (.xml) there is nothing to convert"
    )
