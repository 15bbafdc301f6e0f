"""A folder as a tutorial begins with it, and its commands in this process."""

import io
import os
import re
import runpy
import shutil
import sys
import tarfile

import pytest

from helpers import ROOT
from helpers.sets.voc_sets import VocSet
from helpers.tiny_detector import tiny_config

ZOO_MODEL = "ssd_mobilenet_v2_fpnlite_320x320_coco17_tpu-8"
COCO = 90  # classes of the zoo's models


@pytest.fixture(scope="session")
def zoo_archive(tmp_path_factory):
    """Return a stand-in for an archive of the zoo: its files, a small network."""
    from inspection.detection.model import checkpoint
    from inspection.detection.model.network import build_network

    top = tmp_path_factory.mktemp("zoo")
    folder = top / ZOO_MODEL
    (folder / "checkpoint").mkdir(parents=True)
    config = tiny_config(model__ssd__num_classes=COCO)
    checkpoint.write(build_network(config.model), folder / "checkpoint/ckpt-0")
    for path in ("label_map_path", "tf_record_input_reader.input_path"):
        for reader in ("train_input_reader", "eval_input_reader"):
            config.set(f"{reader}.{path}", "PATH_TO_BE_CONFIGURED")
    config.set("train_config.fine_tune_checkpoint", "PATH_TO_BE_CONFIGURED")
    config.set("train_config.fine_tune_checkpoint_type", "classification")
    config.write(folder / "pipeline.config")
    archive = top / f"{ZOO_MODEL}.tar.gz"
    with tarfile.open(archive, "w:gz") as file:
        file.add(folder, ZOO_MODEL)
    return archive


@pytest.fixture
def unpack(zoo_archive):
    """Return a function that unpacks the archive into a folder, as `tar -zxvf` does."""

    def run(into):
        with tarfile.open(zoo_archive) as file:
            file.extractall(into, filter="data")
        return into / ZOO_MODEL

    return run


@pytest.fixture
def notebook(tmp_path, monkeypatch):
    """Return the folder where a notebook runs, after the one new cell.

    It holds `images` with ten pictures and their XML side by side.
    """
    monkeypatch.setenv("VISUAL_INSPECTION_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setenv("PYTHONPATH", "")
    folder = tmp_path / "My notebook ü"
    (folder / "images").mkdir(parents=True)
    made = VocSet(tmp_path / "made", count=10)
    for path in [*made.images.iterdir(), *made.annotations.iterdir()]:
        shutil.copy(path, folder / "images")
    monkeypatch.chdir(folder)
    # the cell of the page, where the course is cloned already
    os.symlink(ROOT, folder / "visual-inspection-course", target_is_directory=True)
    page = (ROOT / "docs/old_notebooks.md").read_text(encoding="utf-8")
    code = re.search(r"```python\n(.+?)```", page, re.DOTALL)[1]
    exec(code.replace("Tensorflow/models", "models"), {})
    assert os.environ["PYTHONPATH"] == str(ROOT / "scripts")
    return folder


@pytest.fixture
def deal(notebook):
    """Return a function that moves pictures and XML into folders, so many into each."""

    def run(**counts):
        images = notebook / "images"
        stems = sorted(path.stem for path in images.glob("*.xml"))
        for folder, count in counts.items():
            (images / folder).mkdir()
            for stem in stems[:count]:
                for path in images.glob(f"{stem}.*"):
                    shutil.move(path, images / folder)
            stems = stems[count:]

    return run


@pytest.fixture
def cell(monkeypatch, capsys):
    """Return a function that runs a line such as `python a.py --b=c` here.

    A program that is no file in the folder is the course's command of that name.
    """

    def run(line):
        program, *words = line.removeprefix("python ").split()
        path = program if os.path.exists(program) else ROOT / "scripts" / program
        out = io.StringIO()
        with monkeypatch.context() as patch:
            patch.setattr(sys, "argv", [program, *words])
            patch.setattr(sys, "path", [str(ROOT / "scripts"), *sys.path])
            patch.setattr(sys, "stdout", out)
            try:
                runpy.run_path(str(path), run_name="__main__")
            except SystemExit as stop:
                assert not stop.code, capsys.readouterr().err
        return out.getvalue()

    return run
