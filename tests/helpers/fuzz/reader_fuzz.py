"""The readers of foreign input, each with valid inputs and the words of its language.

A reader takes bytes and a folder to put them in. Of what it is given it may make what it
likes, or refuse it by UserError: nothing else may come out.
"""

import contextlib
import json
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from helpers import mutation
from helpers.fuzz import foreign_fuzz as foreign
from helpers.fuzz import reader_seeds as seeds
from helpers.images import encode, sample_image
from helpers.sets.mask_sets import square
from inspection.common import notices, run_identity
from inspection.common.errors import UserError
from inspection.common.stored_settings import build_settings, read_json
from inspection.course import project
from inspection.datasets import csv_boxes, mask_file, mask_pairs, voc
from inspection.datasets.checking.check_annotations import (
    annotation_faults,
    class_faults,
)
from inspection.datasets.cifar10 import image_arrays
from inspection.datasets.class_folders import read_class_folders
from inspection.datasets.fetching import archives, file_tree
from inspection.datasets.images import image_facts, image_file, value_range
from inspection.datasets.images.image_folder import ImageFolder
from inspection.datasets.splitting.split_lists import read_names, read_split
from inspection.deploy.model_file import read_model_file
from inspection.detection.config import label_map, pipeline_config
from inspection.detection.records import record_check, records, tfrecord

SLOW = 1.0  # CPU seconds
IN_MEMORY = Path("/dev/shm")  # a file is written there in no time, on Linux


@dataclass(frozen=True)
class Reader:
    """A function of bytes and a folder, and what it may be fed with."""

    name: str
    read: Callable
    seeds: tuple[bytes, ...]
    tokens: tuple[bytes, ...] = ()
    weight: int = 4  # of its share of the inputs; a picture takes ten times as long

    def case(self, seed, number):
        """Return the bytes of a case."""
        return mutation.case(self.name, seed, number, self.seeds, self.tokens)

    def run(self, data, folder):
        """Return "read", "refused", or what went wrong, in words."""
        _forget()
        started = time.process_time()
        try:
            with contextlib.redirect_stdout(None), contextlib.redirect_stderr(None):
                self.read(data, folder)
            outcome = "read"
        except UserError:
            outcome = "refused"
        except Exception as error:  # this is what we look for
            return f"{type(error).__name__}: {error}"[:300]
        took = time.process_time() - started
        return f"took {took:.1f} s" if took > SLOW else outcome


def _forget():
    """Empty what the package remembers of earlier inputs."""
    notices._said.clear()
    value_range._known.clear()


@contextlib.contextmanager
def work_folder():
    """Yield a temporary folder with what the readers need beside their input."""
    place = IN_MEMORY if IN_MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(dir=place) as folder:
        yield prepare(Path(folder) / "set")


def prepare(folder):
    """Write pictures and their masks into a new folder and return it."""
    for name in ("images", "pairs", "masks", "one"):
        (folder / name).mkdir(parents=True)
    for name in "ab":
        data = encode(sample_image(ord(name), seeds.SIZE), "JPEG")
        (folder / "images" / f"{name}.jpg").write_bytes(data)
        (folder / "pairs" / f"{name}.jpg").write_bytes(data)
        Image.fromarray(square(seeds.SIZE)).save(folder / "masks" / f"{name}.png")
    return folder


def _put(data, folder, name):
    path = folder / "one" / name
    path.write_bytes(data)
    return path


def read_xml(data, folder):
    images = ImageFolder(folder / "images")
    annotation = voc.read_annotation(_put(data, folder, "a.xml"), images)
    header = image_file.Header("jpeg", "RGB", 8, seeds.SIZE, 1)
    annotation_faults(annotation, header)
    class_faults([annotation])
    class_faults([annotation], {"leak": 1})


def read_csv(data, folder):
    csv_boxes.read_csv(_put(data, folder, "a.csv"), folder / "images")


def read_label_map(data, folder):
    path = _put(data, folder, "a.pbtxt")
    label_map.read_names(path)
    for gaps in (True, False):
        label_map.read_label_map(path, gaps)


def read_names_file(data, folder):
    path = _put(data, folder, "a.txt")
    if label_map.is_list_file(path):
        label_map.render_label_map(label_map.read_names(path))


def read_config(data, folder):
    config = pipeline_config.read(_put(data, folder, "pipeline.config"))
    views = ("model", "train", "train_input", "eval_input", "eval", "label_map_path")
    for view in views:
        with contextlib.suppress(UserError):
            getattr(config, view)
    config.text()


def read_record_file(data, folder):
    path = _put(data, folder, "a.record")
    record_check.check_all(records.read_numbered(path), 2)
    list(records.read_records(path))


def read_example(data, folder):
    read_record_file(tfrecord.frame(data), folder)


def read_list(data, folder):
    path = _put(data, folder, "train.txt")
    read_split(path)
    read_names(path)


def read_image(data, folder):
    path = _put(data, folder, "a.png")
    facts = image_facts.read_facts([path])[path]
    assert facts.header or facts.problem
    image_file.read_rgb(path)


def read_mask(data, folder):
    (folder / "masks/a.png").write_bytes(data)
    mask_file.read_mask(folder / "masks/a.png")
    with contextlib.suppress(UserError):
        mask_pairs.read_pairs(folder / "pairs", folder / "masks")
    pairs = mask_pairs.read_pairs(folder / "pairs", folder / "masks", "all")
    pairs[0].read((8, 8))


def read_tasks(data, folder):
    masks = folder / "one" / "tasks"
    masks.mkdir(exist_ok=True)
    for number in (1, 2):
        path = masks / f"task-{number}-annotation-1-by-1-tag-rust-0.png"
        if not path.exists():
            Image.fromarray(square(seeds.SIZE)).save(path)
    (masks / "project.json").write_bytes(data)
    mask_pairs.read_pairs(folder / "pairs", masks)


@dataclass(frozen=True)
class Stored:
    """Settings as commands keep them beside a model."""

    size: int
    classes: tuple = ()


def read_settings(data, folder):
    path = _put(data, folder, "settings.json")
    build_settings(Stored, read_json(path), path)


def read_run(data, folder):
    identity = json.loads(seeds.RUN)
    _put(data, folder, run_identity.FILE)
    run_identity.begin(folder / "one", identity, begun=True)


def read_project(data, folder):
    _put(data, folder, "settings.toml")
    project.read_settings(folder / "one")


def read_tflite(data, folder):
    read_model_file(_put(data, folder, "a.tflite"))


def read_archive(data, folder):
    path, target = _put(data, folder, "a.zip"), folder / "unpacked"
    for _ in file_tree.iterate_files(path):
        pass
    shutil.rmtree(target, ignore_errors=True)
    archives.unpack(path, target)


def read_arrays(data, folder):
    image_arrays.read(_put(data, folder, "a.npz"))


def read_folder_names(data, folder):
    """Take the lines of a text as paths of pictures in class folders."""
    top = folder / "classes"
    shutil.rmtree(top, ignore_errors=True)
    for number, line in enumerate(data[:2000].splitlines()[:8]):
        parts = [part[:80] for part in line.split(b"/") if part.strip(b".\0")][:3]
        if b"\0" in line or len(parts) < 2:
            continue
        path = Path(os_path(bytes(top), *parts))
        with contextlib.suppress(OSError):  # a file where a folder is wanted
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(encode(sample_image(number, seeds.SIZE), "PNG"))
    read_class_folders(top)


def os_path(*parts):
    return b"/".join(parts).decode("utf-8", "surrogateescape")


def make_readers():
    """Return the readers; it takes a second, for the models and pictures."""
    text, image = seeds.TEXT_TOKENS, seeds.IMAGE_TOKENS
    return [
        Reader("VOC XML", read_xml, seeds.xmls(), seeds.XML_TOKENS + text),
        Reader("CSV", read_csv, seeds.csvs(), text),
        Reader("label map", read_label_map, seeds.maps(), seeds.PROTO_TOKENS + text),
        Reader("list of names", read_names_file, seeds.NAMES, text),
        Reader("pipeline.config", read_config, seeds.configs(), seeds.PROTO_TOKENS + text),
        Reader("split list", read_list, (seeds.LIST,), text),
        Reader("Label Studio JSON", read_tasks, (seeds.TASKS,), seeds.JSON_TOKENS, 1),
        Reader("settings JSON", read_settings, (seeds.SETTINGS,), seeds.JSON_TOKENS),
        Reader("run.json", read_run, (seeds.RUN,), seeds.JSON_TOKENS),
        Reader("settings.toml", read_project, (seeds.TOML,), seeds.TOML_TOKENS),
        Reader("TFRecord", read_record_file, seeds.record_files(), seeds.BINARY),
        Reader("Example", read_example, seeds.examples(), seeds.EXAMPLE_TOKENS),
        Reader(".tflite", read_tflite, seeds.models(), seeds.TFLITE_TOKENS),
        Reader("archive", read_archive, seeds.archives(), seeds.ARCHIVE_TOKENS),
        Reader(".npz", read_arrays, seeds.array_files(), seeds.ARRAY_TOKENS),
        Reader("image", read_image, seeds.images(), image, 2),
        Reader("mask", read_mask, seeds.masks(), image, 2),
        Reader("YOLO rows", foreign.read_yolo_rows, (foreign.ROWS,), text, 1),
        Reader("YOLO names", foreign.read_yolo_yaml, (foreign.YAML,), foreign.TOKENS, 1),
        Reader("COCO", foreign.read_coco, foreign.JSONS[:1], seeds.JSON_TOKENS, 1),
        Reader("labelme", foreign.read_labelme, foreign.JSONS[1:], seeds.JSON_TOKENS, 1),
        Reader("class folder names", read_folder_names, seeds.PATHS, seeds.PATH_TOKENS, 1),
    ]  # fmt: skip
