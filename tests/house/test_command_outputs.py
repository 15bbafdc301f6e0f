"""No command writes over a file that it did not write itself."""

import re
import shutil

import pytest
from PIL import Image

from helpers import ROOT, tiny_anomaly
from helpers import tiny_models as tiny
from helpers.commands import run_command
from helpers.images import painted, sample_image
from helpers.sets import foreign_sets

CRACKS = ROOT / "data/cracks/other"
LEAKS, SCRIPTS = ROOT / "data/leaks", ROOT / "scripts"
MAP = LEAKS / "label_map.pbtxt"
XML = (LEAKS / "annotations", "-i", LEAKS / "images")
SCENES = ROOT / "data/weights/leak_scenes"
START = ("--pipeline_config_path", SCENES / "pipeline.config")
START += ("--trained_checkpoint_dir", SCENES)

# command -> (its arguments, the output that is somebody's); {} is a folder
OUTPUTS = {
    "check_dataset": (("-x", *XML, "--html", "{}/a.html"), "a.html"),
    "xml_to_csv": (("-i", LEAKS / "annotations", "-o", "{}/a.csv"), "a.csv"),
    "generate_tfrecord": (("-x", *XML, "-l", MAP, "-o", "{}/a.record"), "a.record"),
    "make_label_map": (("--classes", "a", "-o", "{}/a.txt"), "a.txt"),
    "make_pipeline_config": (("-o", "{}/a.config"), "a.config"),
    "show_records": (("{}/a.record", "-o", "{}/a.png"), "a.png"),
    "partition_dataset": (("-i", LEAKS / "images", "--splits", "{}"), "test.txt"),
    "export_segmenter": (("{}/model", "-o", "{}/a.tflite"), "a.tflite"),
    "convert_to_tflite": (
        ("--saved_model_dir", "{}", "-o", "{}", "--formats", "int8"),
        "detector_int8.tflite",
    ),
    "exporter_main_v2": ((*START, "--output_directory", "{}"), "saved_model/note.txt"),
    "export_tflite_graph_tf2": (
        (*START, "--output_directory", "{}"),
        "saved_model/fingerprint.pb",
    ),
    "inspect_checkpoint": ((SCENES, "-o", "{}"), "model.keras"),
    "train_classifier": ((CRACKS, "-o", "{}"), "model.keras"),
    "compare_classifiers": ((CRACKS, "-o", "{}"), "comparison.json"),
    "train_cifar10": (("-o", "{}/run", "--export", "{}/a.tflite"), "a.tflite"),
    "classify": (("{}/c.tflite", "{}/in.png", "--csv", "{}/a.csv"), "a.csv"),
    "evaluate_classifier": (("{}/c.tflite", "{}/set", "--json", "{}/a.xml"), "a.xml"),
    "segment": (("{}/model", "{}/in.png", "-o", "{}"), "masks/in.png"),
    "detect": (("{}/d.tflite", "{}/in.png", "-o", "{}"), "annotated/in.jpg"),
    "check_camera": (("{}/in.png", "-o", "{}/a.json"), "a.json"),
    "inspect_parts": (("{}/a.tflite", "{}/in.png", "-o", "{}"), "maps/in.jpg"),
    "train_anomaly": (("{}/set/red", "-o", "{}"), "model.tflite"),
    "evaluate_anomaly": (
        ("{}", "--good", "{}/set/red", "--bad", "{}/set/green", "--json", "{}/a.json"),
        "a.json",
    ),
}

# commands that write into a new folder alone
NEW_FOLDERS = {
    "cut_tiles": ("-x", *XML, "--tile", 320, "-o", "{}"),
    "check_dataset": ("-x", *XML, "--fix", "{}"),
    "convert_annotations": ("{}/../coco", "-o", "{}"),
    "download_dataset": ("bccd", "--archive", "{}/../coco/a.json", "-o", "{}"),
}


@pytest.fixture
def folder(tmp_path):
    """Return a folder with small models, a picture, and a set of two classes."""
    (tmp_path / "c.tflite").write_bytes(tiny.make_classifier())
    (tmp_path / "d.tflite").write_bytes(tiny.make_detector())
    (tmp_path / "a.tflite").write_bytes(tiny_anomaly.make_anomaly())
    picture = Image.fromarray(painted(255, 90, 0, (48, 64)))
    picture.save(tmp_path / "in.png")
    for seed, name in enumerate(("red", "green", "blue")):  # of the classifier
        (tmp_path / "set" / name).mkdir(parents=True)
        sample_image(seed).save(tmp_path / "set" / name / "1.png")
    return tmp_path


@pytest.mark.parametrize("command", OUTPUTS)
def test_work_of_somebody_is_refused(folder, monkeypatch, capsys, command):
    arguments, name = OUTPUTS[command]
    mine = folder / name
    mine.parent.mkdir(parents=True, exist_ok=True)
    mine.write_text("my work of days")
    filled = [str(word).replace("{}", str(folder)) for word in arguments]
    status, _, err = run_command(monkeypatch, capsys, command, *filled)
    assert status == 2
    assert f"{name} is there already, and {command}.py did not write it" in err
    assert mine.read_text() == "my work of days"


@pytest.mark.parametrize("command", NEW_FOLDERS)
def test_a_folder_of_somebody_is_refused(tmp_path, monkeypatch, capsys, command):
    foreign_sets.draw(tmp_path / "coco/pipe.jpg")
    foreign_sets.write(tmp_path / "coco/a.json", foreign_sets.coco({}))
    mine = tmp_path / "mine/work.txt"
    mine.parent.mkdir()
    mine.write_text("my work of days")
    words = [str(w).replace("{}", str(mine.parent)) for w in NEW_FOLDERS[command]]
    status, _, err = run_command(monkeypatch, capsys, command, *words)
    assert status == 2 and re.search("mine is (there already|not the set)", err), err
    assert [path.name for path in mine.parent.iterdir()] == ["work.txt"]
    assert mine.read_text() == "my work of days"


@pytest.mark.parametrize(
    "flag, name, says",
    [
        ("--csv", "in.png", "in.png is the name of a picture"),
        ("--csv", "new.jpg", "new.jpg is the name of a picture"),
        ("--scan", "in.png", "in.png, which is read"),
        ("--csv", "c.tflite", "c.tflite, which is read"),
    ],
)
def test_nothing_that_is_read_is_written_over(
    folder, monkeypatch, capsys, flag, name, says
):
    before = {path: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    arguments = (folder / "c.tflite", folder / "in.png", flag, folder / name)
    status, _, err = run_command(monkeypatch, capsys, "classify", *arguments)
    assert status == 2 and says in err
    after = {path: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    assert after == before


@pytest.mark.parametrize("times", [1, 2, 3])
def test_the_same_command_may_run_again(folder, monkeypatch, capsys, times):
    arguments = (folder / "c.tflite", folder / "in.png", "-o", folder / "out")
    for _ in range(times):
        status, _, err = run_command(monkeypatch, capsys, "classify", *arguments)
        assert status == 0, err


def test_a_config_is_not_its_own_base(folder, monkeypatch, capsys):
    config = folder / "pipeline.config"
    shutil.copy(ROOT / "data/weights/leak_scenes/pipeline.config", config)
    before = config.read_bytes()
    arguments = ("--base", config, "-o", config)
    status, _, err = run_command(
        monkeypatch, capsys, "make_pipeline_config", *arguments
    )
    assert status == 2 and "which is read" in err
    assert config.read_bytes() == before
