"""What a command may write over, and what it must leave alone."""

import os
import shutil
import unicodedata
from pathlib import Path

import pytest

from inspection.common.errors import UserError
from inspection.common.output_ledger import Ledger
from inspection.common.own_outputs import files_of, own_outputs


@pytest.fixture(autouse=True)
def cache(tmp_path_factory, monkeypatch):
    """Keep the ledgers of these tests apart; return their folder."""
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("VISUAL_INSPECTION_CACHE", str(folder))
    return folder / "outputs"


def write(path, text, **settings):
    """Write as a command does, with its claim."""
    with own_outputs("x.py", [path], **settings):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_a_second_run_replaces_what_the_first_wrote(tmp_path):
    path = tmp_path / "out/c.csv"
    write(path, "first")
    write(path, "second")
    assert path.read_text() == "second"


def make_other(path):
    path.write_text("mine")


def make_changed(path):
    write(path, "result")
    path.write_text("corrected by hand")


def make_of_another_command(path):
    with own_outputs("y.py", [path]):
        path.write_text("of y")


def make_link(path):
    (path.parent / "target").write_text("mine")
    path.symlink_to(path.parent / "target")


def make_dangling_link(path):
    path.symlink_to(path.parent / "nowhere")


@pytest.mark.parametrize(
    "make",
    [make_other, make_changed, make_of_another_command, make_link, make_dangling_link],
)
def test_work_of_somebody_stays(tmp_path, make):
    path = tmp_path / "c.csv"
    make(path)
    before = path.read_bytes() if path.exists() else None
    with pytest.raises(UserError, match="c.csv is there already, and x.py did not"):
        write(path, "result")
    assert (path.read_bytes() if path.exists() else None) == before


def test_a_damaged_ledger_lets_nothing_be_replaced(tmp_path):
    write(tmp_path / "c.csv", "first")
    Ledger(tmp_path).path.write_bytes(b"\xff{\n3\n{}\n")
    with pytest.raises(UserError, match="is there already"):
        write(tmp_path / "c.csv", "second")


def same(path):
    return path


def other_case(path):
    return path.with_name(path.name.upper())


def decomposed(path):
    return path.with_name(unicodedata.normalize("NFD", path.name))


def hard_link(path):
    os.link(path, path.with_name("link.mp4"))
    return path.with_name("link.mp4")


def through_a_folder_link(path):
    (path.parent / "link").symlink_to(path.parent, target_is_directory=True)
    return path.parent / "link" / path.name


@pytest.mark.parametrize(
    "output_of", [same, other_case, decomposed, hard_link, through_a_folder_link]
)
def test_no_input_is_written_over(tmp_path, output_of):
    film = tmp_path / "für.mp4"
    film.write_text("film")
    output = output_of(film)
    with pytest.raises(UserError, match="which is read"):
        with own_outputs("x.py", [output], [film]):
            output.write_text("result")
    assert film.read_text() == "film"


def test_not_even_an_input_that_is_an_own_output(tmp_path):
    write(tmp_path / "c.mp4", "result")
    with pytest.raises(UserError, match="which is read"):
        write(tmp_path / "c.mp4", "again", inputs=[tmp_path / "c.mp4"])


def test_results_of_another_source_of_the_same_name_stay(tmp_path):
    for name in ("a.mp4", "a.mov"):
        (tmp_path / name).write_text(name)
    out = tmp_path / "out/a.csv"
    out.parent.mkdir()
    for _ in range(2):
        with own_outputs("x.py", {out: tmp_path / "a.mp4"}):
            out.write_text("of mp4")
    with pytest.raises(UserError, match=r"was made of .*a\.mp4, not of .*a\.mov"):
        with own_outputs("x.py", {out: tmp_path / "a.mov"}):
            out.write_text("of mov")
    assert out.read_text() == "of mp4"


def test_two_results_of_one_name_are_refused(tmp_path):
    with pytest.raises(UserError, match="would be one file"):
        with own_outputs("x.py", [tmp_path / "a.csv", tmp_path / "A.csv"]):
            pass
    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_the_place_of_a_result_is_refused(tmp_path):
    (tmp_path / "c.csv").mkdir()
    with pytest.raises(UserError, match="c.csv is a folder"):
        write(tmp_path / "c.csv", "result")


def test_a_run_that_fails_before_it_writes_leaves_nothing(tmp_path):
    with pytest.raises(RuntimeError), own_outputs("x.py", [tmp_path / "c.csv"]):
        raise RuntimeError
    assert list(tmp_path.iterdir()) == [] and not Ledger(tmp_path).path.exists()


@pytest.mark.parametrize("after", ["half of the second", None])
def test_what_a_killed_run_left_is_its_own(tmp_path, after):
    path = tmp_path / "c.csv"
    write(path, "first")
    claim = own_outputs("x.py", [path])
    claim.__enter__()
    if after:
        path.write_text(after)
    ledger = Ledger(tmp_path).path.read_bytes()
    claim.__exit__(None, None, None)
    Ledger(tmp_path).path.write_bytes(ledger)  # as if the end had never been
    write(path, "third")
    assert path.read_text() == "third"


def test_a_ledger_does_not_grow_without_end(tmp_path, monkeypatch):
    monkeypatch.setattr("inspection.common.output_ledger.LONGEST", 500)
    for number in range(20):
        write(tmp_path / "c.csv", f"{number}")
    assert Ledger(tmp_path).path.stat().st_size < 1000


def test_ledgers_of_folders_that_are_gone_are_forgotten(tmp_path, cache):
    for name in ("a", "b"):
        write(tmp_path / name / "c.csv", "x")
    (tmp_path / "a/c.csv").unlink()
    (tmp_path / "a").rmdir()
    for ledger in cache.iterdir():
        os.utime(ledger, (0, 0))
    write(tmp_path / "d/c.csv", "x")
    assert len(list(cache.iterdir())) == 2


def test_without_a_cache_a_command_works_and_says_so(tmp_path, capsys, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("VISUAL_INSPECTION_CACHE", str(tmp_path / "file"))
    write(tmp_path / "c.csv", "first")
    assert "a second run will not know these results" in capsys.readouterr().err


def test_files_of_a_folder_and_of_a_beginning(tmp_path):
    for name in ("ckpt-1.index", "ckpt-1.data", "other"):
        (tmp_path / name).touch()
    names = {path.name for path in files_of(tmp_path / "ckpt-1")}
    assert names == {"ckpt-1.index", "ckpt-1.data"}
    assert {path.name for path in files_of(tmp_path)} >= {"other", "ckpt-1.index"}


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """Return a function that gives a new machine, with the same Google Drive mounted."""
    monkeypatch.delenv("VISUAL_INSPECTION_CACHE")

    def start(number):
        monkeypatch.setattr(Path, "home", lambda: tmp_path / f"home {number}")
        mount = tmp_path / f"content {number}"
        if number:
            # without the times of the files
            copy = shutil.copyfile
            before = tmp_path / f"content {number - 1}"
            shutil.copytree(before, mount, copy_function=copy)
            for path in mount.rglob("*"):
                os.utime(path, (1, 1))
        return mount / "MyDrive/customTF2"

    return start


def test_results_on_a_drive_are_known_on_the_next_machine(machine):
    folder = machine(0)
    write(folder / "c.csv", "first")
    folder = machine(1)
    write(folder / "c.csv", "second")
    write(folder / "c.csv", "third")
    assert (folder / "c.csv").read_text() == "third"
    assert [path.name for path in folder.iterdir()] == ["c.csv"]


@pytest.mark.parametrize("change", ["mine", "wrong"])
def test_work_of_somebody_on_a_drive_stays(machine, change):
    folder = machine(0)
    write(folder / "c.csv", "right")
    folder = machine(1)
    (folder / "c.csv").write_text(change)
    os.utime(folder / "c.csv", (1, 1))
    with pytest.raises(UserError, match="is there already"):
        write(folder / "c.csv", "second")
    assert (folder / "c.csv").read_text() == change


def test_a_copy_with_other_times_is_known_by_its_content(tmp_path):
    write(tmp_path / "c.csv", "first")
    os.utime(tmp_path / "c.csv", (1, 1))
    write(tmp_path / "c.csv", "second")
    assert (tmp_path / "c.csv").read_text() == "second"
