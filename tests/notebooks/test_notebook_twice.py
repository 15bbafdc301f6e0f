"""Notebooks on sets as people have them, by settings alone, twice in one kernel.

After both runs the cells 5 to 10 of each notebook run once more, as they do for whoever
goes back to look at something.
"""

import copy
import shutil
import tarfile

import nbformat
import pytest

from inspection.course import paths
from inspection.publishing import editions, notebook_sync, runner

pytestmark = pytest.mark.soak
AGAIN = slice(5, 10)


def run_twice(number, folder, **settings):
    """Run a notebook with its code cells twice, then some of them; return the run."""
    (text,) = runner.find_notebooks([number], notebook_sync.TEXTS, ".py")
    source = notebook_sync.notebook_of(text)
    notebook = nbformat.read(source, as_version=4)
    cell = editions.settings_cell(notebook)
    given = {name: repr(value) for name, value in settings.items()}
    cell.source = cell.source + "\n" + "\n".join(f"{n} = {v}" for n, v in given.items())
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    cells = [*code, *code, *code[AGAIN]]
    notebook.cells = [copy.deepcopy(cell) for cell in cells]
    for place, cell in enumerate(notebook.cells):
        cell.id, cell.outputs = f"cell-{place}", []
    repeated = folder / source.name
    nbformat.write(notebook, repeated)
    with runner.separate_workspace(folder / paths.WORKSPACE_NAME):
        done = runner.run_notebook(repeated, folder / f"run_{source.name}")
    assert done.failure is None, done.failure.reason + done.failure.traceback
    ran = [cell.execution_count for cell in done.notebook.cells]
    assert ran == list(range(1, len(cells) + 1))
    return done


@pytest.fixture
def roboflow(shared_data, tmp_path):
    """Return a .zip of blood cells as Roboflow exports them, twelve pictures a part."""
    bccd = shared_data / "bccd"
    if not bccd.is_dir():
        pytest.skip("needs the blood cells in ../shared/data/bccd, which are not here")
    top = tmp_path / "BCCD.v1.voc"
    for part, other in {"train": "train", "valid": "val", "test": "test"}.items():
        names = (bccd / "splits" / f"{other}.txt").read_text().split()[:12]
        (top / part).mkdir(parents=True)
        for name in names:
            shutil.copy(next((bccd / "images").glob(f"{name}.*")), top / part)
            shutil.copy(bccd / "annotations" / f"{name}.xml", top / part)
    (top / "README.roboflow.txt").write_text("blood cells\n")
    return shutil.make_archive(str(tmp_path / "cells"), "zip", top)


CELLS = {"ANNOTATIONS": "", "SPLITS": "", "CLASSES": ["RBC", "WBC", "Platelets"]}


def test_boxes_of_a_roboflow_zip(roboflow, tmp_path):
    run_twice("01", tmp_path, IMAGES=roboflow, **CELLS)


def test_training_on_a_roboflow_zip(roboflow, tmp_path):
    few = {"STEPS": 20, "RUN": "cells", "BATCH_SIZE": 4}
    run_twice("02", tmp_path, IMAGES=roboflow, **CELLS, **few)


@pytest.fixture
def three_classes(shared_data, tmp_path):
    """Return class folders of CIFAR-10 pictures, forty of each of three classes."""
    archive = shared_data / "cifar10_jpeg.tar"
    if not archive.is_file():
        pytest.skip("needs ../shared/data/cifar10_jpeg.tar, which is not here")
    counts = dict.fromkeys(("automobile", "bird", "ship"), 0)
    with tarfile.open(archive) as tar:
        for member in tar:
            *_, name, file = ["", *member.name.split("/")][-3:]
            wanted = "train/" in member.name and member.isfile()
            if wanted and counts.get(name, 40) < 40:
                counts[name] += 1
                place = tmp_path / "pictures" / name / file
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(tar.extractfile(member).read())
    assert set(counts.values()) == {40}
    return tmp_path / "pictures"


def test_three_classes(three_classes, tmp_path):
    settings = {"SOURCE": "", "OTHER": "", "PHOTO": "", "IMAGE_SIZE": 64}
    models = {"mobilenetv2_035": "data/weights/walls.npz"}
    run_twice(
        "04",
        tmp_path,
        PICTURES=str(three_classes),
        CLASSES=["automobile", "bird", "ship"],
        MODELS={"quick": models},
        TUNE_EPOCHS=1,
        **settings,
    )


@pytest.fixture
def pairs(shared_data, tmp_path):
    """Return a function that copies some pictures with their masks into a folder."""
    rust = shared_data / "rust_masks"
    if not rust.is_dir():
        pytest.skip("needs ../shared/data/rust_masks, which is not here")

    def copied(count):
        names = sorted(path.stem for path in (rust / "masks").iterdir())[:count]
        for part in ("images", "masks"):
            (tmp_path / "rust" / part).mkdir(parents=True)
            for name in names:
                path = next((rust / part).glob(f"{name}.*"))
                shutil.copy(path, tmp_path / "rust" / part)
        return {
            "IMAGES": str(tmp_path / "rust/images"),
            "MASKS": str(tmp_path / "rust/masks"),
            "SPLITS": "",
            "SIZE": 64,
        }

    return copied


def test_texture_on_twelve_pictures(pairs, tmp_path):
    run_twice("05", tmp_path, **pairs(12))


def test_segmentation_on_24_pairs(pairs, tmp_path):
    small = {"EPOCHS": 2, "RUN": "photos", "WIDTH": 4, "DEPTH": 3}
    run_twice("06", tmp_path, **pairs(24), **small)
