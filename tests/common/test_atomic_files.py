"""Files are whole or absent, and those who may read others may read them, too."""

import errno
import os
import stat
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from inspection.common import atomic_files, drafts
from inspection.common.errors import UserError


@pytest.fixture(params=[0o022, 0o077, 0o002], ids=oct)
def umask(request):
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no such rights")
def test_a_file_has_the_rights_that_any_other_new_file_has(tmp_path, umask):
    atomic_files.write_text(tmp_path / "a.txt", "new")
    (tmp_path / "b.txt").write_text("new")
    ours, usual = (
        stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("a.txt", "b.txt")
    )
    assert ours == usual == 0o666 & ~umask


def test_a_failure_leaves_the_file_before_and_nothing_else(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("before")
    with pytest.raises(KeyError):
        with atomic_files.atomic_write(path) as temporary:
            temporary.write_text("half")
            raise KeyError
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]
    assert path.read_text() == "before"


def test_a_full_disk_names_the_file(tmp_path):
    with pytest.raises(UserError, match="a.txt cannot be written: No space left"):
        with atomic_files.atomic_write(tmp_path / "a.txt"):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert list(tmp_path.iterdir()) == []


def test_writers_who_come_and_go_at_once_all_find_a_place(tmp_path):
    def write(number):
        for _ in range(150):
            draft = drafts.Draft(tmp_path / "a.txt")
            draft.path.write_text(str(number))
            draft.discard()
        return number

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(write, range(8))) == list(range(8))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="needs a link")
def test_a_link_to_nowhere_in_the_way_is_an_error(tmp_path):
    (tmp_path / ".a.txt.new").symlink_to(tmp_path / "nowhere")
    with pytest.raises(UserError, match=r"a\.txt cannot be written"):
        atomic_files.write_text(tmp_path / "a.txt", "new")


def test_nothing_written_is_an_error_and_the_old_file_stays(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("before")
    with pytest.raises(FileNotFoundError, match="nothing was written.*a.txt"):
        with atomic_files.atomic_write(path):
            pass
    with pytest.raises(FileNotFoundError, match="nothing was written"):
        with atomic_files.together():
            atomic_files.write_text(tmp_path / "b.txt", "new")
            with atomic_files.atomic_write(path):
                pass
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]
    assert path.read_text() == "before"


def test_text_is_written_alike_on_every_system(tmp_path):
    atomic_files.write_text(tmp_path / "new" / "a.txt", "ü\nb\n")
    assert (tmp_path / "new" / "a.txt").read_bytes() == "ü\nb\n".encode()


def test_a_new_folder_is_whole_or_absent(tmp_path):
    path = tmp_path / "out" / "new"
    with pytest.raises(OSError, match="full"):
        with atomic_files.new_folder(path) as folder:
            (folder / "a.txt").write_text("half")
            raise OSError("full")
    assert list(path.parent.iterdir()) == []
    path.mkdir()
    with atomic_files.new_folder(path) as folder:
        (folder / "a.txt").write_text("whole")
    assert [p.name for p in path.parent.rglob("*")] == ["new", "a.txt"]
    with pytest.raises(UserError, match="new is there already; name a new folder"):
        with atomic_files.new_folder(path):
            pass


def test_what_is_needed_on_the_way_is_there_at_once_within_a_set(tmp_path):
    """As the shares of workers are, while the records wait for their label map."""
    with atomic_files.together():
        atomic_files.write_text(tmp_path / "records", "all")
        with atomic_files.scratch_folder(tmp_path / "parts") as folder:
            atomic_files.write_text(folder / "0", "share")
            assert (folder / "0").read_text() == "share"
        assert not (tmp_path / "records").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["records"]
