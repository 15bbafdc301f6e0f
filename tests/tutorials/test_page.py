"""The page for old notebooks says what the tests prove, and no more."""

import build_tutorials
from helpers import ROOT
from helpers.commands import run_python
from inspection.course import old_notebook

TUTORIALS = {
    "tfodcourse",
    "sglvladi",
    "edje_tflite",
    "edje_windows",
    "techzizou",
    "g3doc",
}


def test_the_table_is_that_of_the_tests():
    found = build_tutorials.read_tutorials()
    assert {t.path.stem.removeprefix("test_") for t in found} == TUTORIALS
    assert all(len(t.steps) >= 5 for t in found)
    text = build_tutorials.PAGE.read_text(encoding="utf-8")
    assert build_tutorials.page_text() == text


def test_the_front_page_promises_what_the_tests_show():
    front = (ROOT / "README.md").read_text(encoding="utf-8")
    promise = (
        "The notebooks of six tutorials of the Object Detection API run with one cell"
    )
    assert promise in " ".join(front.split())
    assert len(TUTORIALS) == 6


def test_programs_stand_where_the_api_has_them(tmp_path):
    folder = tmp_path / "research/object_detection"
    folder.mkdir(parents=True)
    (folder / "exporter_main_v2.py").write_text("# the API's own")
    for _ in range(2):
        old_notebook.place_commands(folder, ROOT / "scripts")
    assert (folder / "exporter_main_v2.py").read_text() == "# the API's own"
    done = run_python(folder / "model_main_tf2.py", "--help", cwd=tmp_path)
    assert done.returncode == 0 and "--pipeline_config_path" in done.stdout


def test_a_launcher_of_another_machine_is_mended(tmp_path):
    old_notebook.place_commands(tmp_path, tmp_path / "gone")
    assert "gone" in (tmp_path / "model_main_tf2.py").read_text()
    old_notebook.place_commands(tmp_path, ROOT / "scripts")
    assert "gone" not in (tmp_path / "model_main_tf2.py").read_text()
