"""Folders and archives of them."""

import io
import os
import shutil
import tarfile
import zipfile
from concurrent.futures import ThreadPoolExecutor

import pytest

from helpers.sets.voc_sets import VocSet
from inspection.common.errors import DatasetError, UserError
from inspection.datasets import voc
from inspection.datasets.class_folders import read_class_folders
from inspection.datasets.fetching import archives
from inspection.datasets.fetching.archives import open_folder, unpack
from inspection.datasets.fetching.file_tree import iterate_files
from inspection.datasets.images.image_folder import ImageFolder


@pytest.fixture
def drive(tmp_path):
    folder = tmp_path / "My Drive" / "Rohrbrüche (1)"
    folder.mkdir(parents=True)
    return folder


def make_zip(path, **texts):
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in texts.items():
            archive.writestr(name, text)
    return path


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_folder_is_taken_as_it_is(drive, tmp_path):
    assert open_folder(drive, tmp_path / "into") == drive
    assert not (tmp_path / "into").exists()


@pytest.mark.parametrize("inner", ["", "images/", "set/images/"])
def test_files_of_a_zip_are_found_at_any_depth(inner, drive, tmp_path):
    texts = {f"{inner}Öl.jpg": "a", f"{inner}b.jpg": "b", "__MACOSX/._b.jpg": "litter"}
    path = make_zip(drive / "images.zip", **texts)
    folder = open_folder(path, tmp_path / "into")
    assert [name for name in names(folder) if name != "__MACOSX"] == ["b.jpg", "Öl.jpg"]


def test_an_unpacked_zip_is_unpacked_again_only_when_it_changed(drive, tmp_path):
    path = make_zip(drive / "images.zip", **{"a.jpg": "1", "b.jpg": "1"})
    folder = open_folder(path, tmp_path / "into")
    (folder / "a.jpg").write_text("mended")
    assert (open_folder(path, tmp_path / "into") / "a.jpg").read_text() == "mended"
    make_zip(path, **{"a.jpg": "2", "c.jpg": "2"})
    os.utime(path, (2, 2))
    changed = open_folder(path, tmp_path / "into")
    assert names(changed) == ["a.jpg", "c.jpg"]
    assert (changed / "a.jpg").read_text() == "2"
    assert [tmp_path / "into" / name for name in names(tmp_path / "into")] == [changed]


def test_archives_of_one_name_do_not_meet(tmp_path):
    folders = {}
    for kind in ("images", "masks"):
        (tmp_path / kind).mkdir()
        path = make_zip(tmp_path / kind / "hall3.zip", **{"a.png": kind, "b.png": ""})
        os.utime(path, (5, 5))
        folders[kind] = open_folder(path, tmp_path / "into")
    for kind, folder in folders.items():
        assert (folder / "a.png").read_text() == kind
        again = open_folder(tmp_path / kind / "hall3.zip", tmp_path / "into")
        assert again == folder


def test_another_archive_of_one_size_and_name_is_told_by_its_time(drive, tmp_path):
    path = make_zip(drive / "images.zip", **{"a.jpg": "1", "b.jpg": "1"})
    open_folder(path, tmp_path / "into")
    make_zip(path, **{"a.jpg": "2", "b.jpg": "1"})
    os.utime(path, (7, 7))
    assert (open_folder(path, tmp_path / "into") / "a.jpg").read_text() == "2"


def test_of_two_processes_at_once_one_is_first(drive, tmp_path, monkeypatch):
    path = make_zip(drive / "images.zip", **{"a.jpg": "1", "b.jpg": "1"})
    unpack, others = archives.unpack, []

    def slowly(archive, folder):
        if not others:
            others.append(None)  # the other one begins and ends meanwhile
            others.append(open_folder(path, tmp_path / "into"))
        return unpack(archive, folder)

    monkeypatch.setattr(archives, "unpack", slowly)
    folder = open_folder(path, tmp_path / "into")
    assert folder == others[1] and names(folder) == ["a.jpg", "b.jpg"]
    assert len(names(tmp_path / "into")) == 1


def test_many_threads_unpack_once(drive, tmp_path):
    texts = {f"{i:03}.jpg": str(i) for i in range(60)}
    path = make_zip(drive / "images.zip", **texts)
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _: open_folder(path, tmp_path / "into"), range(8)))
    assert len(found) == 1 and len(names(found.pop())) == 60
    assert len(names(tmp_path / "into")) == 1


def test_a_zip_cut_off_is_refused_and_leaves_nothing(drive, tmp_path):
    path = make_zip(drive / "images.zip", **{"a.jpg": "1" * 5000})
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(UserError, match=r"images\.zip cannot be unpacked"):
        open_folder(path, tmp_path / "into")
    assert names(tmp_path / "into") == []


def test_what_is_not_there_is_named(drive, tmp_path):
    with pytest.raises(UserError, match="neither a folder nor a .zip; looked from"):
        open_folder(drive / "pictures.zip", tmp_path)


def zip_of_raw_names(path, *names):
    """Write a .zip with names as bytes, without the mark that they are UTF-8."""
    plain = [f"{i:03}".ljust(len(name), "x") for i, name in enumerate(names)]
    make_zip(path, **dict.fromkeys(plain, "1"))
    data = path.read_bytes()
    for old, new in zip(plain, names, strict=True):
        assert data.count(old.encode()) == 2
        data = data.replace(old.encode(), new)
    path.write_bytes(data)
    return path


def tar_of_names(path, encoding, *names):
    with tarfile.open(path, "w", encoding=encoding, format=tarfile.GNU_FORMAT) as file:
        for name in names:
            file.addfile(tarfile.TarInfo(name))
    return path


READERS = [
    lambda path, into: unpack(path, into),
    lambda path, into: list(iterate_files(path)),
]


@pytest.mark.parametrize("codec", ["cp437", "cp850", "gbk", "shift_jis", "cp1252"])
@pytest.mark.parametrize("read", READERS, ids=["unpack", "iterate_files"])
def test_names_of_an_unknown_encoding_are_refused(read, codec, tmp_path):
    name = {"gbk": "训练1.jpg", "shift_jis": "水漏れ1.jpg"}.get(codec, "küche1.jpg")
    path = zip_of_raw_names(tmp_path / "a.zip", b"b.jpg", name.encode(codec))
    with pytest.raises(UserError, match=r"the name .*1\.jpg in it is not UTF-8"):
        read(path, tmp_path / "into")
    path = tar_of_names(tmp_path / "a.tar", codec, "b.jpg", name)
    with pytest.raises(UserError, match=r"the name .*1\.jpg in it is not UTF-8"):
        read(path, tmp_path / "into")


def test_utf8_names_without_their_mark_are_read(tmp_path):
    raw = "küche 漏水.jpg".encode()
    path = zip_of_raw_names(tmp_path / "a.zip", raw, b"hall/b.jpg")
    unpack(path, tmp_path / "into")
    assert (tmp_path / "into" / "küche 漏水.jpg").read_text() == "1"
    assert sorted(name for name, _ in iterate_files(path)) == [
        "hall/b.jpg",
        "küche 漏水.jpg",
    ]


def test_names_on_disk_that_are_not_utf8_are_refused(tmp_path):
    data = VocSet(tmp_path, count=2)
    walls = tmp_path / "walls"
    for name in ("clean", "crack"):
        shutil.copytree(data.images, walls / name)
    for folder in (data.images, walls / "crack", data.annotations):
        file = sorted(folder.iterdir())[0]
        try:
            os.rename(file, os.fsencode(folder) + b"/k\xfcche" + file.suffix.encode())
        except OSError:
            pytest.skip("this file system takes UTF-8 names alone")
    for read in (
        lambda: ImageFolder(data.images),
        lambda: voc.read_folder(data.annotations),
        lambda: read_class_folders(walls),
    ):
        with pytest.raises(DatasetError, match="1 file names in .* are not UTF-8"):
            read()


def test_backslashes_of_windows_are_folders(tmp_path):
    path = tmp_path / "set.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for system, name in ((0, "train\\a.jpg"), (3, "back\\slash.jpg")):
            member = zipfile.ZipInfo("name")
            member.filename, member.create_system = name, system
            archive.writestr(member, "1")
    unpack(path, tmp_path / "into")
    assert (tmp_path / "into/train/a.jpg").read_text() == "1"
    assert (tmp_path / "into/back\\slash.jpg").read_text() == "1"


def deflated(path, *sizes):
    """Write a .zip of files of so many equal bytes."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, size in enumerate(sizes):
            archive.writestr(f"{number}.bin", b"\0" * size)
    return path


def packed(path, *sizes):
    """Write a .tar.gz of files of so many equal bytes."""
    with tarfile.open(path, "w:gz") as archive:
        for number, size in enumerate(sizes):
            member = tarfile.TarInfo(f"{number}.bin")
            member.size = size
            archive.addfile(member, io.BytesIO(b"\0" * size))
    return path


@pytest.mark.parametrize("write", [deflated, packed])
def test_what_is_meant_to_fill_a_disk_is_not_unpacked(tmp_path, monkeypatch, write):
    monkeypatch.setattr(archives, "HARMLESS", 1_000_000)
    path = write(tmp_path / "bomb", 900_000, 900_000)
    with pytest.raises(UserError, match="is over 500 times as large as itself"):
        unpack(path, tmp_path / "into")
    assert names(tmp_path / "into") == []
    small = write(tmp_path / "masks", 900_000)
    assert len(unpack(small, tmp_path / "into")) == 1


def test_what_does_not_fit_on_the_disk_is_said_before(tmp_path, monkeypatch):
    class Full:
        free = 10

    monkeypatch.setattr(archives.shutil, "disk_usage", lambda _: Full)
    path = make_zip(tmp_path / "a.zip", **{"a.txt": "more than ten bytes"})
    with pytest.raises(UserError, match="it needs over .* GB, and there are 0.0 GB"):
        unpack(path, tmp_path / "into")
