"""What the notebooks share, and what runs them."""

import os
import subprocess
import sys
import threading
import types
from unittest import mock

import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pytest

from helpers.notebooks import make_notebook
from inspection.common.errors import UserError
from inspection.course import headline, mode, paths, plots, setup
from inspection.datasets.voc import Annotation, Box
from inspection.publishing import notebook_sync, runner, usage
from inspection.publishing.usage import write_bytes, write_seconds


@pytest.fixture
def fake_colab(monkeypatch):
    """Return a stand-in of google.colab.drive; what mount does is set by the test."""
    drive = types.SimpleNamespace(mount=lambda folder: None)
    colab = types.SimpleNamespace(drive=drive)
    monkeypatch.setattr(paths, "on_colab", lambda: True)
    monkeypatch.setitem(sys.modules, "google.colab", colab)
    monkeypatch.setitem(sys.modules, "google.colab.drive", drive)
    monkeypatch.delenv(paths.WORKSPACE_VARIABLE, raising=False)
    return drive


def test_mode_picks_its_value():
    assert mode.pick("quick", {"quick": 300, "full": 20_000}) == 300
    assert mode.pick("full", {"quick": 300, "full": 20_000}) == 20_000
    assert mode.pick("full", 50) == 50
    assert mode.pick("full", {"quick": "a", "full": ""}, "b") == ["", "b"]


def test_modes_share_no_folder():
    assert mode.named("quick", "leaks") == "leaks"
    assert mode.named("full", "leaks") != "leaks"
    both = {"quick": "leaks", "full": "cells"}
    assert {mode.named(m, both) for m in mode.MODES} == {"leaks", "cells_full"}


@pytest.mark.parametrize("call", [("fast", 1), ("full", {"quick": 1})])
def test_mode_refuses_what_it_does_not_know(call):
    with pytest.raises(ValueError, match=r"quick|full"):
        mode.pick(*call)


@pytest.mark.parametrize("name", ["MyDrive", "My Drive"])
def test_workspace_is_on_drive_where_it_mounts(name, tmp_path, monkeypatch, fake_colab):
    (tmp_path / name).mkdir()
    monkeypatch.setattr(paths, "DRIVE", tmp_path)
    folder = paths.workspace(use_drive=True)
    assert folder == tmp_path / name / "customTF2"
    assert {p.name for p in folder.iterdir()} == {"data", "training", "exported"}


def test_failed_mount_falls_back_and_says_so(tmp_path, monkeypatch, fake_colab, capsys):
    def refuse(folder):
        raise ValueError("mount failed")

    fake_colab.mount = refuse
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    assert paths.workspace(use_drive=True) == tmp_path / "customTF2"
    assert "mount failed" in capsys.readouterr().out


def test_no_drive_away_from_colab(tmp_path, monkeypatch, capsys):
    monkeypatch.delenv(paths.WORKSPACE_VARIABLE, raising=False)
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    assert paths.workspace(use_drive=True) == tmp_path / "customTF2"
    assert "Colab only" in capsys.readouterr().out


def test_short_paths(tmp_path):
    assert paths.short(paths.ROOT / "data" / "leaks") == "data/leaks"
    assert paths.short(tmp_path / "customTF2" / "data" / "x") == "customTF2/data/x"


def test_only_what_is_missing_is_installed_and_nothing_else_moves(monkeypatch):
    calls = []

    def run(command):
        calls.append((command, open(command[command.index("-c") + 1]).read()))
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(setup.subprocess, "run", run)
    setup.install(["ai-edge-litert"])
    command, held = calls[0]
    assert command[-1] == setup.read_pins()["ai-edge-litert"]
    assert "numpy==2.1.3" in held and "tensorflow==2.20.0" in held


def test_nothing_is_installed_where_nothing_is_missing(monkeypatch):
    calls = []
    monkeypatch.setattr(setup.subprocess, "run", lambda *a, **k: calls.append(a))
    setup.install(setup.missing(["numpy"]))
    assert calls == []


def test_another_version_is_named_in_one_line(monkeypatch, capsys):
    monkeypatch.setattr(setup, "version_of", lambda name: "9.1.0")
    setup.check_versions()
    (line,) = capsys.readouterr().out.splitlines()
    assert "tensorflow 9.1.0" in line and "2.20.0" in line


def test_a_kernel_without_the_packages_is_refused(monkeypatch):
    monkeypatch.setattr(setup, "has_module", lambda module: False)
    with pytest.raises(UserError, match="no tensorflow, keras, numpy"):
        setup.check_versions()


def test_run_is_measured_and_takes_parameters(tmp_path):
    source = make_notebook(
        tmp_path / "09_try.ipynb",
        "STEPS = 3",
        f"import sys; sys.path.insert(0, {str(paths.ROOT / 'scripts')!r})",
        "from inspection.course import headline",
        "headline.record_metric('steps', STEPS * 1000)",
        tags=["parameters"],
    )
    run = runner.run_notebook(source, tmp_path / "out.ipynb", {"STEPS": 5})
    assert run.failure is None
    assert run.cells == 5  # the injected one is counted
    assert run.usage.seconds > 0 and run.usage.peak_bytes > 10_000_000
    (figure,) = headline.collect(run.notebook)
    assert (figure["name"], figure["value"]) == ("steps", "5,000")


def test_failure_names_cell_and_reason(tmp_path):
    source = make_notebook(tmp_path / "09_try.ipynb", "x = 1", "x / 0", "x = 2")
    run = runner.run_notebook(source, tmp_path / "out.ipynb")
    assert run.failure.cell == 2
    assert run.failure.reason == "ZeroDivisionError: division by zero"


def test_unknown_notebook_is_refused():
    with pytest.raises(ValueError, match="no notebook begins with 99"):
        runner.find_notebooks(["99"])


def test_a_whole_number_means_its_own_notebook_alone(tmp_path):
    for name in ("01_records", "01b_by_hand", "02_train"):
        (tmp_path / f"{name}.py").write_text("")

    def found(*beginnings):
        return [p.stem for p in runner.find_notebooks(beginnings, tmp_path, ".py")]

    assert found() == ["01_records", "01b_by_hand", "02_train"]
    assert found("01") == ["01_records"]
    assert found("01b", "02") == ["01b_by_hand", "02_train"]
    assert found("0") == found("01", "01b", "02") == found()


def test_tidy_is_the_same_for_two_runs():
    first, second = (nbformat.v4.new_notebook() for _ in range(2))
    for notebook, count in ((first, 1), (second, 2)):
        cell = nbformat.v4.new_code_cell(
            "print(1)", metadata={"papermill": {"n": count}}
        )
        notebook.cells = [cell, nbformat.v4.new_code_cell("print(1)")]
    assert notebook_sync.tidy(first) == notebook_sync.tidy(second)
    assert len({cell.id for cell in first.cells}) == 2


def test_cells_of_claims_are_folded_and_can_be_left_out():
    cells = [nbformat.v4.new_code_cell(source) for source in ("1 + 1", "assert True")]
    cells[1].metadata.tags = [notebook_sync.CLAIMS_TAG]
    notebook = notebook_sync.tidy(nbformat.v4.new_notebook(cells=cells))
    nbformat.validate(notebook)
    shown, folded = notebook.cells
    assert "jupyter" not in shown.metadata
    assert folded.metadata.jupyter.source_hidden
    assert notebook_sync.cells_of(notebook)[1][1] == ["claims"]
    notebook_sync.drop_claims(notebook)
    assert [cell.source for cell in notebook.cells] == ["1 + 1"]


@pytest.fixture
def pair(tmp_path, monkeypatch):
    """Return a text and its notebook, which has run."""
    monkeypatch.setattr(runner, "NOTEBOOKS", tmp_path)
    stored = nbformat.read(make_notebook(tmp_path / "09_try.ipynb", "1 + 1"), 4)
    stored.cells[0].attachments = {"cover.jpg": {"image/jpeg": "AAAA"}}
    stored.cells[1].execution_count = 1
    nbformat.write(stored, tmp_path / "09_try.ipynb")
    text = tmp_path / "09_try.py"
    text.write_text("# %% [markdown]\n# # 09 · Another try\n\n# %%\n1 + 1\n\n"
                    "# %% [markdown]\n# The end.\n", encoding="utf-8")  # fmt: skip
    return text, tmp_path / "09_try.ipynb"


def test_changed_prose_is_stored_without_a_run(pair):
    text, path = pair
    assert not notebook_sync.is_in_step(text)
    notebook_sync.refresh_prose(text)
    assert notebook_sync.is_in_step(text)
    cells = nbformat.read(path, as_version=4).cells
    assert cells[0].attachments and cells[1].execution_count == 1
    assert cells[2].source == "The end."


def test_changed_code_must_run(pair):
    text, path = pair
    before = path.read_bytes()
    text.write_text(text.read_text(encoding="utf-8").replace("1 + 1", "1 + 2"))
    with pytest.raises(notebook_sync.NotebookFault, match="run it again"):
        notebook_sync.refresh_prose(text)
    assert path.read_bytes() == before


def test_stderr_is_refused():
    noise = nbformat.v4.new_output("stream", name="stderr", text="a warning\n")
    cell = nbformat.v4.new_code_cell("x", outputs=[noise], execution_count=1)
    with pytest.raises(notebook_sync.NotebookFault, match="a warning"):
        notebook_sync.refuse_noise(nbformat.v4.new_notebook(cells=[cell]), "09")


def test_paths_of_this_machine_are_cut(monkeypatch):
    monkeypatch.setenv(paths.WORKSPACE_VARIABLE, "/somewhere/else/customTF2")
    text = f"wrote /somewhere/else/customTF2/data/x from {paths.ROOT}{os.sep}data"
    assert notebook_sync.shorten_paths(text) == "wrote customTF2/data/x from data"


def test_memory_of_child_processes_is_seen():
    code = "x = b'x' * 200_000_000; print('there', flush=True); input()"
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", code], **pipes) as child:
        assert child.stdout.readline().strip() == b"there"
        assert usage.memory_of_children() > 200_000_000
        child.communicate(b"\n")


def test_the_highest_memory_is_kept(monkeypatch):
    monkeypatch.setattr(usage, "memory_of_children", mock.Mock(side_effect=[5, 9, 7]))
    measured = usage.Usage()
    ended = mock.Mock(wait=mock.Mock(side_effect=[False, False, False, True]))
    usage.watch(measured, ended, interval=0.05)
    assert measured.peak_bytes == 9


def test_a_block_is_watched_until_it_ends():
    with usage.measure(interval=0.001) as measured:
        pass
    assert measured.seconds > 0
    assert "watch" not in " ".join(thread.name for thread in threading.enumerate())


@pytest.mark.parametrize(
    "seconds, written", [(0.4, "0 s"), (59.6, "1 min 00 s"), (185, "3 min 05 s")]
)
def test_durations(seconds, written):
    assert write_seconds(seconds) == written


def test_amounts_of_memory():
    assert write_bytes(812e6) == "812 MB"
    assert write_bytes(1.94e9) == "1.9 GB"


@pytest.mark.parametrize(
    "value, written",
    [(0.634, "0.63"), (np.float32(0.634), "0.63"), (4886, "4,886"), ("79%", "79%")],
)
def test_headline_numbers(value, written):
    assert headline.write_value(value) == written


def test_images_keep_their_shape():
    plots.show_images([np.zeros((48, 64, 3), np.uint8)] * 4, list("abcd"))
    figure = plt.gcf()
    assert [axis.get_title() for axis in figure.axes[:4]] == list("abcd")
    assert len(figure.axes) == 6  # two rows of three
    with pytest.raises(ValueError, match="no images"):
        plots.show_images([])


def test_mask_paints_only_where_it_is():
    image = np.full((4, 4, 3), 100, np.uint8)
    mask = np.zeros((4, 4), np.uint8)
    mask[1, 1], mask[2, 2] = 1, 2
    painted = plots.paint_mask(image, mask)
    changed = (painted != image).any(axis=-1)
    assert (changed == (mask > 0)).all()
    assert (painted[1, 1] != painted[2, 2]).any()
    assert (image == 100).all()


def test_box_sizes_are_those_the_network_sees():
    boxes = (
        Box("leak", 0, 2, 30, 62),
        Box("puddle", 0, 0, 10, 6),
        Box("leak", 9, 9, 9, 9),
    )
    one = Annotation(None, None, 640, 480, boxes)
    plots.box_sizes([one], ["leak", "puddle"], input_size=320)
    points = np.asarray(plt.gca().collections[0].get_offsets())
    np.testing.assert_allclose(points, [[15, 40], [5, 4]])
