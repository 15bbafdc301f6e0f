"""Public sets by name: each in its true layout, and everything that can come instead."""

import errno
import json
import shutil
import stat
import sys

import pytest

from helpers.commands import run_command
from helpers.file_server import LOG_IN, serving
from helpers.sets import stand_ins
from inspection.common import cache
from inspection.common.errors import UserError
from inspection.datasets import mask_pairs
from inspection.datasets.class_folders import read_class_folders
from inspection.datasets.fetching import download, transfer
from inspection.datasets.fetching.public import contents, entries, obtain, rar
from inspection.datasets.fetching.public.obtain import fetch_set
from inspection.datasets.layouts.opening import open_boxes, open_masks
from inspection.datasets.splitting.split_lists import read_splits


@pytest.fixture(autouse=True)
def cache_dir(tmp_path, monkeypatch):
    monkeypatch.setenv(cache.CACHE_VARIABLE, str(tmp_path / "my cache"))
    monkeypatch.setattr(download, "PAUSES", (0,))
    return tmp_path / "my cache"


@pytest.fixture
def server(monkeypatch):
    with serving({}) as server:
        monkeypatch.setenv(download.MIRROR_VARIABLE, server.url)
        yield server


@pytest.fixture
def offer(server, monkeypatch):
    """Return a function that lets the server send a stand-in, as the entry expects it."""

    def offered(name, files, archive=None, **changes):
        archive = archive or stand_ins.tar_gz(files)
        entry = stand_ins.entry_for(name, files, archive)
        monkeypatch.setitem(entries.SETS, name, entry)
        server.files[entry.archive] = archive
        return entry

    return offered


@pytest.fixture
def unrar(tmp_path, monkeypatch):
    """Put a program on PATH that unpacks as unrar does, what is a .zip behind `Rar!`."""
    folder = tmp_path / "programs"
    folder.mkdir()
    program = folder / "unrar"
    program.write_text(
        f"#!{sys.executable}\n"
        "import io, sys, zipfile\n"
        "command, *flags, archive, folder = sys.argv[1:]\n"
        "assert command == 'x' and folder.endswith('/'), sys.argv\n"
        "data = open(archive, 'rb').read()[4:]\n"
        "zipfile.ZipFile(io.BytesIO(data)).extractall(folder)\n"
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(folder))


def as_rar(files):
    return b"Rar!" + stand_ins.zipped(files)


def test_every_entry_says_whose_it_is_and_what_must_come():
    for entry in entries.SETS.values():
        assert entry.kind in ("boxes", "classes", "masks")
        assert entry.address.startswith("https://")
        assert entry.licence and "http" in entry.citation and entry.title
        assert entry.files or entry.layout
        assert entry.sha256 or len(entry.address.rpartition("/")[2]) == 40, "a commit"
    metu = entries.SETS["metu_cracks"]
    assert (metu.bytes, metu.files, metu.photographs) == (
        241363336,
        {"jpg": 40000},
        458,
    )
    assert metu.sha256.startswith("08d7dc50")


def test_boxes_with_their_own_lists(offer, server, tmp_path):
    offer("bccd", stand_ins.voc_files(tmp_path))
    folder = fetch_set("bccd")
    assert sorted(p.name for p in folder.iterdir()) == [
        "Annotations",
        "ImageSets",
        "JPEGImages",
        "public_set.json",
    ]
    found = open_boxes(folder, into=tmp_path / "unpacked")
    assert {k: len(v) for k, v in read_splits([found.splits]).items()} == {
        "train": 6,
        "val": 3,
        "test": 3,
    }
    assert fetch_set("bccd") == folder
    assert len(server.asked) == 1, "the second time needs no network"


def test_crops_in_folders_of_classes_out_of_a_rar(offer, unrar):
    files = stand_ins.class_files()
    offer("metu_cracks", files, as_rar(files))
    images = read_class_folders(fetch_set("metu_cracks"), ["Negative", "Positive"])
    assert images.counts() == {"Negative": 6, "Positive": 6}


def test_outlines_become_masks_of_one_copy_each(offer, tmp_path):
    copies = {
        "train": {"a": 16, "b": 1, "c": 3, "d": 2, "e": 1},
        "test": {"c": 2, "f": 1},
    }
    offer("corrosion", stand_ins.outline_files(copies))
    folder = fetch_set("corrosion")
    lists = read_splits([folder / "splits"])
    photos = {
        part: {n.split("_jpg.rf.")[0] for n in names} for part, names in lists.items()
    }
    assert photos == {"train": {"a", "b", "d", "e"}, "test": {"c", "f"}}
    assert sum(map(len, lists.values())) == 6
    found = open_masks(folder, into=tmp_path / "unpacked")
    pairs = mask_pairs.read_pairs(found.images, found.partners)
    assert len(pairs) == 6
    _, mask = pairs[0].read()
    assert 0.2 < mask.mean() < 0.3  # an outline around the middle half of each side


def test_masks_with_an_odd_value_are_foreground(offer, tmp_path):
    offer("crack_masks", stand_ins.mask_files())
    found = open_masks(fetch_set("crack_masks"), into=tmp_path / "unpacked")
    pairs = mask_pairs.read_pairs(found.images, found.partners)
    assert len(pairs) == 6 and all(pair.read()[1].sum() == 150 for pair in pairs)


def test_a_folder_of_ones_own_and_an_archive_brought_by_hand(
    tmp_path, offer, monkeypatch, capsys
):
    entry = offer("bccd", stand_ins.voc_files(tmp_path))
    monkeypatch.delenv(download.MIRROR_VARIABLE)
    by_hand = tmp_path / "down loads.gz"
    by_hand.write_bytes(stand_ins.tar_gz(stand_ins.voc_files(tmp_path), "another-name"))
    status, out, err = run_command(
        monkeypatch, capsys, "download_dataset", "bccd", "--archive", by_hand,
        "-o", tmp_path / "cells",
    )  # fmt: skip
    assert status == 0, err
    assert (
        entry.licence in out
        and entry.citation in out
        and str(tmp_path / "cells") in out
    )
    assert 'CLASSES = ["RBC", "WBC", "Platelets"]' in out
    facts = json.loads((tmp_path / "cells/public_set.json").read_text())
    assert facts["files"] == 28 and facts["licence"] == "MIT"
    assert by_hand.is_file()


def test_offline_says_what_to_fetch_and_where_to_put_it(
    cache_dir, tmp_path, monkeypatch, capsys
):
    entry = entries.SETS["bccd"]
    monkeypatch.setitem(
        entries.SETS, "bccd", stand_ins.replace(entry, address="https://127.0.0.1:9/x")
    )
    status, _, err = run_command(monkeypatch, capsys, "download_dataset", "bccd")
    assert status == 2 and "Traceback" not in err
    assert "no connection" in err and f"\n  {cache_dir / entry.archive}\n" in err
    files = stand_ins.voc_files(tmp_path)
    cache_dir.mkdir(exist_ok=True)
    (cache_dir / entry.archive).write_bytes(stand_ins.tar_gz(files))  # done by hand
    counted = stand_ins.entry_for("bccd", files, b"")
    monkeypatch.setitem(entries.SETS, "bccd", counted)
    assert fetch_set("bccd").is_dir()


def nothing_is_left(cache_dir):
    left = [p.name for p in cache_dir.rglob("*") if p.is_file()]
    return [name for name in left if not name.endswith((".contents", ".lock"))] == []


def test_another_archive_is_refused_with_both_digests(offer, server, unrar, cache_dir):
    files = stand_ins.class_files()
    entry = offer("metu_cracks", files, as_rar(files))
    server.files[entry.archive] += b"more"
    with pytest.raises(UserError, match=f"SHA-256 expected: {entry.sha256}"):
        fetch_set("metu_cracks")
    assert nothing_is_left(cache_dir)


def test_other_contents_than_at_the_first_download_are_refused(
    offer, server, cache_dir, tmp_path
):
    files = stand_ins.voc_files(tmp_path)
    entry = offer("bccd", files)
    shutil.rmtree(fetch_set("bccd"))
    (cache_dir / entry.archive).unlink()
    server.files[entry.archive] = stand_ins.tar_gz(files, "packed-anew")
    shutil.rmtree(fetch_set("bccd"))  # the same files, packed in another way
    (cache_dir / entry.archive).unlink()
    name = "BCCD/JPEGImages/BloodImage_00003.jpg"
    server.files[entry.archive] = stand_ins.tar_gz(
        files | {name: stand_ins.picture(99)}
    )
    with pytest.raises(UserError, match="holds other files than bccd should have"):
        fetch_set("bccd")
    assert nothing_is_left(cache_dir)


def test_missing_files_are_counted(offer, server, cache_dir, tmp_path):
    files = stand_ins.voc_files(tmp_path)
    entry = offer("bccd", files)
    del files["BCCD/Annotations/BloodImage_00003.xml"]
    server.files[entry.archive] = stand_ins.tar_gz(files)
    with pytest.raises(UserError, match=r"11 .xml where 12 belong.*is removed"):
        fetch_set("bccd")
    assert nothing_is_left(cache_dir)


def test_a_broken_archive_is_refused_and_removed(offer, server, cache_dir, tmp_path):
    entry = offer("bccd", stand_ins.voc_files(tmp_path))
    whole = server.files[entry.archive]
    server.files[entry.archive] = whole[: len(whole) // 2]
    with pytest.raises(UserError, match=r"cannot be read to its end.*file is removed"):
        fetch_set("bccd")
    assert nothing_is_left(cache_dir)
    server.files[entry.archive] = whole
    assert fetch_set("bccd").is_dir()


def test_a_log_in_page_is_told_as_one(offer, server, cache_dir, tmp_path):
    entry = offer("bccd", stand_ins.voc_files(tmp_path))
    address = f"{server.url}/elsewhere"
    changed = stand_ins.replace(entry, address=address)
    entries.SETS["bccd"] = changed  # put back by the fixture
    server.files[entry.archive] = server.files["elsewhere"] = LOG_IN
    with pytest.raises(UserError, match="web page in place of the file.* log-in"):
        fetch_set("bccd")
    assert nothing_is_left(cache_dir)


def test_a_page_saved_by_hand_is_no_archive(offer, cache_dir, tmp_path):
    entry = offer("bccd", stand_ins.voc_files(tmp_path))
    cache_dir.mkdir()
    (cache_dir / entry.archive).write_bytes(LOG_IN)
    with pytest.raises(UserError, match="neither a folder nor a .tar"):
        fetch_set("bccd")


@pytest.mark.parametrize(
    "module, said", [(transfer, "downloaded"), (obtain, "unpacked")]
)
def test_no_space_is_said_before(offer, module, said, cache_dir, tmp_path, monkeypatch):
    offer("bccd", stand_ins.voc_files(tmp_path))
    usage = shutil.disk_usage(tmp_path)._replace(free=100)
    monkeypatch.setattr(module.shutil, "disk_usage", lambda _: usage)
    if module is obtain:  # the download itself has room
        monkeypatch.setattr(transfer, "_refuse_full_disk", lambda *_: None)
    with pytest.raises(UserError, match=f"was not {said}: .* MB free in .*make room"):
        fetch_set("bccd")
    assert not (cache_dir / "sets" / "bccd-d272fb14").exists()


def test_a_disk_that_fills_up_leaves_nothing(offer, cache_dir, tmp_path, monkeypatch):
    offer("bccd", stand_ins.voc_files(tmp_path))

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(contents.Path, "write_bytes", full)
    with pytest.raises(UserError, match="cannot be written: No space left"):
        fetch_set("bccd")
    assert not (cache_dir / "sets" / "bccd-d272fb14").exists()


def test_a_rar_without_a_program_says_what_to_install(offer, monkeypatch, tmp_path):
    files = stand_ins.class_files()
    offer("metu_cracks", files, as_rar(files))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(
        UserError, match="none of unrar, bsdtar, 7z.*apt-get install unrar"
    ):
        fetch_set("metu_cracks")


def test_a_broken_rar_repeats_what_the_program_said(tmp_path, unrar):
    (tmp_path / "a.rar").write_bytes(b"Rar!" + b"cut off")
    with pytest.raises(UserError, match="a.rar cannot be unpacked: unrar: .*zip"):
        rar.unpack_rar(tmp_path / "a.rar", tmp_path)


def test_a_set_that_has_lost_files_is_not_taken(offer, tmp_path):
    offer("bccd", stand_ins.voc_files(tmp_path))
    folder = fetch_set("bccd")
    (folder / "JPEGImages" / "BloodImage_00001.jpg").unlink()
    with pytest.raises(UserError, match="is not the set bccd, or no longer whole"):
        fetch_set("bccd")


def test_a_name_that_is_none_lists_the_names():
    with pytest.raises(UserError, match="Did you mean bccd(?s:.*)corrosion"):
        fetch_set("bcdd")


def test_a_transfer_goes_on_where_it_broke_off(
    offer, server, cache_dir, tmp_path, monkeypatch
):
    monkeypatch.setattr(transfer, "PIECE", 1000)
    entry = offer("bccd", stand_ins.voc_files(tmp_path))
    server.tag, server.stops_after = '"v1"', 4000
    entries.SETS["bccd"] = stand_ins.replace(entry, address=f"{server.url}/gone")
    with pytest.raises(UserError, match="the transfer broke off"):
        fetch_set("bccd")
    part = cache_dir / f"{entry.archive}.part"
    assert part.read_bytes() == server.files[entry.archive][:4000]
    server.stops_after = None
    assert fetch_set("bccd").is_dir()
    assert server.asked[-1] == (f"/{entry.archive}", "bytes=4000-")
    assert not part.exists()


def test_another_version_is_not_joined_to_a_beginning(
    offer, server, tmp_path, monkeypatch
):
    monkeypatch.setattr(transfer, "PIECE", 1000)
    entry = offer("bccd", stand_ins.voc_files(tmp_path))
    server.tag, server.stops_after = '"v1"', 4000
    entries.SETS["bccd"] = stand_ins.replace(entry, address=f"{server.url}/gone")
    with pytest.raises(UserError):
        fetch_set("bccd")
    server.tag, server.stops_after = '"v2"', None
    assert fetch_set("bccd").is_dir()


def test_the_shared_cells_are_what_the_entry_counts(shared_data):
    bccd, entry = shared_data / "bccd", entries.SETS["bccd"]
    counts = {"jpg": "images/*.jpg", "xml": "annotations/*.xml", "txt": "splits/*.txt"}
    found = {key: len(list(bccd.glob(pattern))) for key, pattern in counts.items()}
    assert found == entry.files
