"""Sets of files, whose writer is killed before each of its changes of the file system."""

import errno
import os
import shutil

import pytest

from helpers.kill_points import contents, kill_everywhere, run_killed
from inspection.common import drafts
from inspection.common.atomic_files import (
    atomic_write,
    new_folder,
    remove_with_set,
    shared_folder,
    together,
    whole_folder,
    write_text,
)
from inspection.common.errors import UserError

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a fork")

NAMES = ("a.txt", "b.txt", "f", "gone.txt")
OLD = {"a.txt": "old", "b.txt": "old", "f": None, "f/old.txt": "old", "gone.txt": "old"}
NEW = {"a.txt": "new", "b.txt": "new", "f": None, "f/new.txt": "new"}


def write_set(folder, word):
    with together():
        for name in ("a.txt", "b.txt"):
            write_text(folder / name, word)
        with whole_folder(folder / "f") as draft:
            write_text(draft / f"{word}.txt", word)
        remove_with_set(folder / "gone.txt")


@pytest.fixture
def place(tmp_path):
    return tmp_path / "set"


@pytest.fixture
def prepare(place):
    def begin():
        shutil.rmtree(place, ignore_errors=True)
        write_set(place, "old")
        write_text(place / "gone.txt", "old")

    return begin


def shown(place):
    return {n: t for n, t in contents(place).items() if not n.startswith(".")}


def test_a_reader_finds_old_or_new_never_both(place, prepare):
    seen = []

    def check():
        found = shown(place)
        # of one of the two, perhaps not all
        assert found.items() <= OLD.items() or found.items() <= NEW.items()
        for name in NAMES:
            drafts.settle(place / name)
        assert contents(place) in (OLD, NEW)  # whole again, and nothing left over
        seen.append(contents(place) == NEW)

    points = kill_everywhere(lambda: write_set(place, "new"), prepare, check)
    assert points > 20 and seen == sorted(seen) and not seen[0] and seen[-2]


@pytest.mark.parametrize("name", NAMES)
def test_whichever_part_is_settled_first(place, prepare, name):
    def check():
        drafts.settle(place / name)
        for other in NAMES:
            drafts.settle(place / other)
        assert contents(place) in (OLD, NEW)

    kill_everywhere(lambda: write_set(place, "new"), prepare, check)


def test_the_next_writer_leaves_its_own_set_and_nothing_else(place, prepare):
    def check():
        write_set(place, "again")
        assert contents(place) == {
            name.replace("new", "again"): text and "again" for name, text in NEW.items()
        }

    kill_everywhere(lambda: write_set(place, "new"), prepare, check)


def test_a_reader_may_be_killed_as_well(place, prepare):
    def settle():
        for name in NAMES:
            drafts.settle(place / name)

    def check():
        assert shown(place) == {} or contents(place) == NEW
        kill_everywhere(settle, lambda: None, lambda: None)
        assert contents(place) == NEW

    prepare()
    last = kill_everywhere(lambda: write_set(place, "new"), prepare, lambda: None)
    for point in (last - 40, last - 30, last - 20):
        prepare()
        run_killed(lambda: write_set(place, "new"), point)
        found = contents(place)
        kill_everywhere(settle, lambda: None, lambda: None)
        assert contents(place) in (OLD, NEW), found


def test_one_file_is_always_there(tmp_path):
    path = tmp_path / "a.txt"

    def write(word="new"):
        write_text(path, word)

    kill_everywhere(write, lambda: write("old"), lambda: path.read_text()[2])
    write("last")
    assert contents(tmp_path) == {"a.txt": "last"}


@pytest.mark.parametrize("make", [whole_folder, new_folder, shared_folder])
def test_a_folder_is_whole_or_absent(tmp_path, make):
    path = tmp_path / "in" / "f"

    def write():
        with make(path) as draft:
            for name in "ab":
                with atomic_write(draft / name) as inner:
                    inner.write_text(name)

    def check():
        found = shown(tmp_path / "in") if path.parent.is_dir() else {}
        assert found in ({}, {"f": None, "f/a": "a", "f/b": "b"})

    kill_everywhere(write, lambda: shutil.rmtree(path, ignore_errors=True), check)
    shutil.rmtree(path)
    write()
    assert shown(tmp_path) == {"in": None, "in/f": None, "in/f/a": "a", "in/f/b": "b"}


def test_a_draft_of_a_living_program_is_left_alone(tmp_path):
    path = tmp_path / "a.txt"
    with atomic_write(path) as first:
        first.write_text("first")
        write_text(path, "second")
        drafts.settle(path)
        assert first.read_text() == "first" and path.read_text() == "second"
    assert contents(tmp_path) == {"a.txt": "first"}


def test_a_set_that_fails_changes_nothing(place, prepare):
    prepare()
    with pytest.raises(KeyError):
        with together():
            write_set(place, "new")
            raise KeyError
    assert contents(place) == OLD


@pytest.mark.parametrize("last", range(1, 8))
def test_a_set_that_cannot_be_moved_is_finished_later(
    place, prepare, monkeypatch, last
):
    prepare()
    rename, calls = os.rename, []

    def refuse(source, target, **more):
        calls.append(source)
        if len(calls) >= last:
            raise PermissionError(13, "another program has it open", str(source))
        rename(source, target, **more)

    with monkeypatch.context() as patch:
        patch.setattr(os, "rename", refuse)
        with pytest.raises((PermissionError, UserError)):
            write_set(place, "new")
    for name in NAMES:
        drafts.settle(place / name)
    assert contents(place) == NEW


@pytest.mark.parametrize("damage", [b"", b"\0" * 40, b'{"number": "1", "pla', b"\xff"])
def test_a_damaged_plan_is_none(tmp_path, damage):
    write_text(tmp_path / "a.txt", "old")
    left = tmp_path / ".a.txt.new"
    left.mkdir()
    (left / "a.txt").write_text("new")
    (left / "a.txt.plan").write_bytes(damage)
    drafts.settle(tmp_path / "a.txt")
    assert contents(tmp_path) == {"a.txt": "old"}


def test_a_set_that_finds_no_room_for_its_plans_leaves_nothing(
    place, prepare, monkeypatch
):
    prepare()
    replace, calls = os.replace, []

    def refuse(source, target):
        calls.append(source)
        if len(calls) == 3:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        replace(source, target)

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(UserError, match="a.txt cannot be written: No space left"):
        write_set(place, "new")
    assert contents(place) == OLD


def test_the_last_of_two_of_one_name_counts(tmp_path):
    with together():
        write_text(tmp_path / "a", "one")
        write_text(tmp_path / "a", "two")
        write_text(tmp_path / "b", "two")
        assert shown(tmp_path) == {}
    assert contents(tmp_path) == {"a": "two", "b": "two"}
