"""Notebooks 01, 02 and 03 on somebody's own pictures: only the settings cell changes."""

import ast
import csv
import shutil
from pathlib import Path

import pytest

from inspection.course import headline, paths
from inspection.detection.config import label_map
from inspection.detection.records import records, tfrecord
from inspection.publishing import notebook_sync, runner

TEXT = notebook_sync.TEXTS / "01_annotation_to_tfrecord.py"
TRAINING = notebook_sync.TEXTS / "02_train_and_evaluate.py"
EXPORT = notebook_sync.TEXTS / "03_export_and_deploy.py"
CELLS = {"CLASSES": ["RBC", "WBC", "Platelets"]}


@pytest.fixture
def bccd(shared_data):
    folder = shared_data / "bccd"
    if not folder.is_dir():
        pytest.skip("needs the blood cells in ../shared/data/bccd, which are not here")
    return folder


@pytest.fixture
def drive(tmp_path):
    folder = tmp_path / "My Drive" / "Blutzellen ü (1)"
    folder.mkdir(parents=True)
    return folder


def run(drive, **settings):
    """Run notebook 01 in a workspace on the drive; return the run and its figures."""
    with runner.separate_workspace(drive / paths.WORKSPACE_NAME):
        return run_text(drive, TEXT, settings)


def run_text(drive, text, settings):
    source = notebook_sync.notebook_of(text)
    named = set(settings_of(text))
    settings = {k: v for k, v in (CELLS | settings).items() if k in named}
    done = runner.run_notebook(source, drive / source.name, settings)
    assert done.failure is None, done.failure.reason + done.failure.traceback
    figures = headline.collect(done.notebook)
    return done, {figure["name"]: figure["value"] for figure in figures}


def tables_of(run):
    outputs = [o for cell in run.notebook.cells for o in cell.get("outputs", [])]
    return "\n".join(o.get("data", {}).get("text/html", "") for o in outputs)


def count_lines(path):
    with path.open(encoding="utf-8", newline="") as file:
        return sum(1 for _ in csv.DictReader(file))


def test_all_of_bccd_with_its_own_lists(bccd, drive):
    done, figures = run(
        drive,
        IMAGES=str(bccd / "images"),
        ANNOTATIONS=str(bccd / "annotations"),
        SPLITS=str(bccd / "splits"),
    )
    assert figures["Annotated pictures"] == "364"
    assert figures["Boxes drawn"] == "4,888"
    assert figures["Boxes written and read back"] == "4,886"
    assert figures["Pictures kept byte by byte"] == "364 of 364"
    assert figures["Faults put in and found"] == "5 of 5"
    assert "box without area: left out of the records" in tables_of(done)
    assert "near-duplicates on both sides of the split" in tables_of(done)

    data = drive / paths.WORKSPACE_NAME / "data"
    assert label_map.read_label_map(data / "label_map.pbtxt") == {
        "RBC": 1,
        "WBC": 2,
        "Platelets": 3,
    }
    counts = {"train": 205, "val": 87, "test": 72}
    for split, count in counts.items():
        assert sum(1 for _ in tfrecord.read_frames(data / f"{split}.record")) == count
    lines = [count_lines(data / f"{split}_labels.csv") for split in counts]
    assert sum(lines) == 4886


@pytest.fixture
def zips(bccd, drive):
    """Return images and annotations of 40 pictures as two archives."""
    stems = sorted(path.stem for path in (bccd / "images").glob("*.jpg"))[:40]
    archives = []
    for folder, suffix in (("images", ".jpg"), ("annotations", ".xml")):
        inside = drive / "to pack" / folder
        inside.mkdir(parents=True)
        for stem in stems:
            shutil.copy(bccd / folder / f"{stem}{suffix}", inside)
        name = drive / f"{folder} of a test"
        archives.append(shutil.make_archive(str(name), "zip", inside.parent, folder))
    yield stems, *archives
    for archive in map(Path, archives):
        for folder in (paths.ROOT / "build/unpacked").glob(f"{archive.stem}-*"):
            shutil.rmtree(folder)


@pytest.mark.soak
def test_zips_without_lists(zips, drive):
    stems, images, annotations = zips
    own = {"IMAGES": images, "ANNOTATIONS": annotations, "SPLITS": ""}
    with runner.separate_workspace(drive / paths.WORKSPACE_NAME):
        _, figures = run_text(drive, TEXT, own)
        # the classes are others than those of the starting checkpoint of quick mode
        trained = own | {"RUN": "cells", "STEPS": 4, "IMAGE_SIZE": 128}
        _, judged = run_text(drive, TRAINING, trained)
        quick = {"ALARM_CLASS": "WBC", "ROUNDS": 3, "SECONDS": 2}
        _, exported = run_text(drive, EXPORT, trained | quick)
    assert figures["Annotated pictures"] == "40"

    data = drive / paths.WORKSPACE_NAME / "data"
    splits = {"train": 28, "val": 4, "test": 8}
    written = []
    for split, count in splits.items():
        found = [r.filename for r in records.read_records(data / f"{split}.record")]
        assert len(found) == count
        written += found
    assert sorted(written) == [f"{stem}.jpg" for stem in stems]

    assert 0 <= float(judged["mAP@.50"]) <= 1
    assert (drive / paths.WORKSPACE_NAME / "training/cells/ckpt-1.index").is_file()
    assert 0 <= float(exported["int8: mAP@.50"]) <= 1
    made = (drive / paths.WORKSPACE_NAME / "exported").glob("*.tflite")
    assert {path.stem.split("_")[-1] for path in made} == {
        "float32",
        "float16",
        "dynamic",
        "int8",
    }


def settings_of(text):
    """Return {name: value} of the settings cell of a notebook's text."""
    (cell,) = [
        cell
        for cell in notebook_sync.read_text(text).cells
        if "parameters" in cell.metadata.get("tags", [])
    ]
    statements = ast.parse(cell.source).body
    return {s.targets[0].id: ast.literal_eval(s.value) for s in statements}


def test_training_takes_what_this_notebook_makes():
    (training,) = runner.find_notebooks(["02"], notebook_sync.TEXTS, ".py")
    made, taken = settings_of(TEXT), settings_of(training)
    shared = made.keys() & taken.keys()
    assert {"IMAGES", "ANNOTATIONS", "CLASSES", "SPLITS", "IMAGE_SIZE"} <= shared
    assert [name for name in shared if made[name] != taken[name]] == []
