"""Notebook 04 on somebody's own cracks: only the settings cell changes."""

import shutil

import pytest

from inspection.course import headline, paths
from inspection.deploy.runtime import load_model
from inspection.publishing import runner

SMALL = {"quick": {"mobilenetv2_035": "data/weights/walls.npz"}}


def some(source, target, count):
    """Copy the first pictures of each class into a folder of one's own."""
    for folder in sorted(source.iterdir()):
        (target / folder.name).mkdir(parents=True)
        for path in sorted(folder.iterdir())[:count]:
            shutil.copy(path, target / folder.name)
    return target


@pytest.fixture
def settings(shared_data, tmp_path):
    drive = tmp_path / "My Drive" / "Risse ü (1)"
    pavement = some(shared_data / "pavement_cracks", drive / "pavement", 40)
    concrete = some(shared_data / "concrete_cracks", drive / "concrete", 15)
    return {
        "PICTURES": str(pavement),
        "CLASSES": ["negative", "positive"],
        "SOURCE": "",
        "OTHER": str(concrete),
        "OTHER_CLASSES": ["Negative", "Positive"],
        "PHOTO": str(next((pavement / "positive").iterdir())),
        "MODELS": SMALL,
    }


@pytest.mark.soak
def test_notebook_04_runs_on_pavement(settings, tmp_path):
    source = runner.NOTEBOOKS / "04_crack_classification.ipynb"
    workspace = tmp_path / "My Drive" / paths.WORKSPACE_NAME
    with runner.separate_workspace(workspace):
        run = runner.run_notebook(source, tmp_path / source.name, settings)
    assert run.failure is None, run.failure.reason + run.failure.traceback
    figures = {f["name"]: float(f["value"]) for f in headline.collect(run.notebook)}
    assert min(figures.values()) >= 0.5 and len(figures) == 2
    model = load_model(workspace / "exported/cracks/model.tflite")
    assert model.labels == ("negative", "positive")
