"""Notebooks 05 and 06 on real photographs: only the settings cell changes."""

import pytest

from inspection.course import headline, paths
from inspection.publishing import notebook_sync, runner

SMALL = {"SPLITS": "", "SIZE": 64}  # half of quick mode: this asks whether it runs


@pytest.fixture
def settings(shared_data):
    folder = shared_data / "rust_masks"
    if not folder.is_dir():
        pytest.skip("needs ../shared/data/rust_masks, which is not here")
    return SMALL | {"IMAGES": str(folder / "images"), "MASKS": str(folder / "masks")}


def run(number, drive, settings):
    """Run a notebook in a workspace of its own; return {figure: value}."""
    (text,) = runner.find_notebooks([number], notebook_sync.TEXTS, ".py")
    source = notebook_sync.notebook_of(text)
    drive.mkdir()
    with runner.separate_workspace(drive / paths.WORKSPACE_NAME):
        done = runner.run_notebook(source, drive / source.name, settings)
    assert done.failure is None, done.failure.reason + done.failure.traceback
    return {f["name"]: f["value"] for f in headline.collect(done.notebook)}


@pytest.mark.soak
def test_texture_on_rust_masks(settings, tmp_path):
    figures = run("05", tmp_path / "My Drive ü", settings)
    # every picture shows rust: nothing to say in one word
    assert "Rust or none, best accuracy" not in figures
    assert 0.2 < float(figures["IoU of the texture forest"]) < 0.8


@pytest.mark.soak
def test_segmentation_on_rust_masks(settings, tmp_path):
    own = {"EPOCHS": 2, "RUN": "photos", "WIDTH": 4, "DEPTH": 3}
    figures = run("06", tmp_path / "My Drive ü", settings | own)
    assert 0 < float(figures["IoU of U-Net"]) < 1
    model = tmp_path / "My Drive ü" / paths.WORKSPACE_NAME / "exported/photos.tflite"
    assert model.stat().st_size > 20_000
