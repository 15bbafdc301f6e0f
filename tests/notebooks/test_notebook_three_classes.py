"""Notebook 04 on three classes: in a project, and with all of its settings used."""

import os
import shutil

import nbformat
import numpy as np
import papermill
import pytest
from PIL import Image

from helpers.commands import run_python
from helpers.sets.class_sets import draw, write_set
from inspection.course import headline, paths
from inspection.publishing import notebook_sync, runner

NAMES = ["glatt ü", "Riss", "zwei Risse"]
TEXT = notebook_sync.TEXTS / "04_crack_classification.py"
SMALL = {
    "MODELS": {"quick": {"mobilenetv2_035": "data/weights/walls.npz"}},
    "IMAGE_SIZE": {"quick": 64},
    "TUNE_EPOCHS": {"quick": 1},
}
NO_COSTS = "3 classes: costs and thresholds are for two; the most probable is said"


@pytest.fixture
def project():
    """Yield a project of three classes in the course's own folder, with pictures."""
    name = f"Test ü {os.getpid()}"
    script = paths.ROOT / "scripts/new_project.py"
    flags = ("--kind", "classification", "--classes", *NAMES)
    done = run_python(script, name, *flags)
    assert done.returncode == 0, done.stderr
    folder = paths.PROJECTS / name
    shutil.rmtree(folder / "images")
    write_set(folder / "images", NAMES, count=24)
    yield folder
    shutil.rmtree(folder)


def printed_by(notebook):
    """Return what the cells printed, as one text."""
    outputs = [o for cell in notebook.cells for o in cell.get("outputs", [])]
    return "".join(o.get("text", "") for o in outputs)


def check(notebook, figures):
    found = {f["name"]: float(f["value"]) for f in headline.collect(notebook)}
    assert len(found) == figures and min(found.values()) > 0.5
    # where the costs are asked for, and where the thresholds are chosen
    assert printed_by(notebook).count(NO_COSTS) == 2


@pytest.mark.soak
def test_the_notebook_of_a_project(project):
    source = project / f"{TEXT.stem}.ipynb"
    done = papermill.execute_notebook(
        source, source, SMALL, kernel_name="python3", cwd=project, progress_bar=False
    )
    check(done, 1)
    assert {p.name for p in (project / "exported/cracks").iterdir()} == {
        *("model.keras", "model.tflite")
    }


@pytest.mark.soak
def test_with_another_set_and_a_photograph(tmp_path):
    own = write_set(tmp_path / "My Drive" / "Wände (1)", NAMES)
    other = write_set(tmp_path / "other", ["c", "a", "b"], seed=1)
    photo = tmp_path / "photo.png"
    Image.fromarray(draw(np.random.default_rng(0), 2, 150)).save(photo)
    settings = {"PICTURES": str(own), "CLASSES": NAMES, "SOURCE": "", **SMALL}
    settings |= {"OTHER": str(other), "OTHER_CLASSES": ["c", "a", "b"]}
    source = tmp_path / "04.ipynb"
    nbformat.write(notebook_sync.read_text(TEXT), source)
    with runner.separate_workspace(tmp_path / paths.WORKSPACE_NAME):
        run = runner.run_notebook(source, source, settings | {"PHOTO": str(photo)})
    assert run.failure is None, run.failure.reason + run.failure.traceback
    check(run.notebook, 2)
    (heat,) = [c for c in run.notebook.cells if "cover" in c.metadata.get("tags", [])]
    assert heat.outputs
