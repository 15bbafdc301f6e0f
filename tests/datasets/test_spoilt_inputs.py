"""Inputs that fuzzing found to end in a traceback: each is refused, or read, by name."""

import io
import json
import struct
import tarfile
import zipfile
from dataclasses import dataclass

import numpy as np
import pytest
from PIL import Image

from helpers import tiny_models
from helpers.images import encode, sample_image
from helpers.mutation import mend_png
from helpers.sets.mask_sets import MaskSet, square
from inspection.common import run_identity
from inspection.common.array_files import read_npz
from inspection.common.errors import DatasetError, UserError
from inspection.common.stored_settings import build_settings, read_json
from inspection.course import project
from inspection.datasets import voc
from inspection.datasets.checking.check_annotations import class_faults
from inspection.datasets.checking.class_names import similar_pairs
from inspection.datasets.fetching import archives
from inspection.datasets.fetching.file_tree import iterate_files
from inspection.datasets.images.image_facts import read_facts
from inspection.datasets.images.image_file import image_size, read_rgb
from inspection.datasets.mask_file import read_mask
from inspection.datasets.mask_pairs import read_pairs
from inspection.deploy.model_file import read_model_file

DEEP = "[" * 100_000


def test_json_that_is_nested_without_end(tmp_path):
    path = tmp_path / "settings.json"
    path.write_text(DEEP)
    with pytest.raises(UserError, match=r"settings\.json cannot be used: it is nested"):
        read_json(path)
    path.rename(tmp_path / run_identity.FILE)
    with pytest.raises(UserError, match=r"run\.json is damaged .*nested"):
        run_identity.begin(tmp_path, {"settings": {}}, begun=True)


@dataclass(frozen=True)
class Settings:
    size: int
    names: tuple[str, ...] = ()
    rate: float = 1.0


@pytest.mark.parametrize(
    ("stored", "told"),
    [
        ({"size": "128"}, "size is '128', not a whole number"),
        ({"size": True}, "size is True, not a whole number"),
        ({"size": 1, "names": "leak"}, "names is 'leak', not a list"),
        ({"size": 1, "names": ["leak", 2]}, "names is 2, not text"),
        ({"size": 1, "rate": float("nan")}, "rate is nan, not a number"),
    ],
)
def test_settings_of_another_type(stored, told):
    with pytest.raises(UserError, match=rf"a\.json cannot be used: {told}"):
        build_settings(Settings, stored, "a.json")


def test_settings_of_the_right_types_are_taken():
    found = build_settings(Settings, {"size": 8, "names": ["a"], "rate": 2}, "a.json")
    assert (found.size, found.names, found.rate) == (8, ["a"], 2)


@pytest.mark.parametrize(
    ("stored", "told"),
    [
        ({"data": {"train": "abc"}}, "train holds no names"),
        ({"data": ["train"]}, "data holds no names"),
        ({"settings": [1]}, "settings holds no names"),
        ([], "it holds a list"),
    ],
)
def test_an_identity_of_another_shape(tmp_path, stored, told):
    (tmp_path / run_identity.FILE).write_text(json.dumps(stored))
    identity = {"settings": {"a": 1}, "data": {"train": {"a": "1"}}}
    with pytest.raises(UserError, match=rf"run\.json is damaged \({told}"):
        run_identity.begin(tmp_path, identity, begun=True)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("kind = []", r"kind is \[\]; it must be one of"),
        ("a = " + DEEP, "nested too deeply"),
        ("a = " + "9" * 5000, "cannot be read: "),
        ('images = 3\nkind = "detection"', "images is 3; write text in quotes"),
        ('classes = "leak"\nkind = "detection"', "classes is 'leak'; write "),
        ('splits = "\\u0000"\nkind = "detection"', "splits holds a NUL"),
    ],
)
def test_settings_of_a_project(tmp_path, text, told):
    wanted = project.KINDS["detection"].settings.format(classes='["leak"]')
    given = text.split(" =")[0]
    lines = [line for line in wanted.splitlines() if not line.startswith(f"{given} =")]
    lines = [*text.splitlines(), *lines, project.MODE]
    (tmp_path / "settings.toml").write_text("\n".join(lines))
    with pytest.raises(UserError, match=told):
        project.read_settings(tmp_path)


@pytest.mark.parametrize(
    "tasks", [{"a": 1}, [{"image": "p0.jpg"}], [{"id": "x", "data": 3}], [[]], None]
)
def test_tasks_of_label_studio_that_are_none(tmp_path, tasks):
    made = MaskSet(tmp_path, count=1)
    (made.masks / "p0.png").rename(
        made.masks / "task-1-annotation-1-by-1-tag-rust-0.png"
    )
    (made.masks / "project.json").write_text(json.dumps(tasks))
    with pytest.raises(DatasetError, match="Label Studio, whose names tell no picture"):
        read_pairs(made.images, made.masks)


def test_a_second_page_of_a_tiff_that_is_none(tmp_path):
    frames = [Image.fromarray(square()) for _ in range(2)]
    data = bytearray(encode(frames[0], "TIFF", save_all=True, append_images=frames[1:]))
    (first,) = struct.unpack_from("<I", data, 4)
    (entries,) = struct.unpack_from("<H", data, first)
    (second,) = struct.unpack_from("<I", data, first + 2 + 12 * entries)
    struct.pack_into("<H", data, second + 2, 0xFFFE)  # its width becomes another tag
    (tmp_path / "a.tif").write_bytes(data)
    with pytest.raises(DatasetError, match=r"a\.tif is a broken TIFF"):
        read_mask(tmp_path / "a.tif")


def test_a_zip_whose_two_names_of_a_file_differ(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("ü.txt", "text")
    data = path.read_bytes()
    path.write_bytes(data.replace("ü".encode(), b"\xfe\xfe", 1))
    with pytest.raises(UserError, match=r"a\.zip cannot be read to its end"):
        list(iterate_files(path))
    with pytest.raises(UserError, match=r"a\.zip cannot be unpacked"):
        archives.unpack(path, tmp_path / "out")


@pytest.mark.parametrize("size", [2**32 - 2, 2**31])
def test_a_zip_that_declares_more_than_it_holds(tmp_path, size):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", "text")
    data = bytearray(path.read_bytes())
    entry = data.index(b"PK\1\2")
    struct.pack_into("<I", data, entry + 20, size)
    path.write_bytes(data)
    with pytest.raises(UserError, match=r"cannot be read to its end: .*beyond its end"):
        list(iterate_files(path))
    with pytest.raises(UserError, match="cannot be unpacked: .*beyond its end"):
        archives.unpack(path, tmp_path / "out")


def test_a_zip_with_a_file_without_a_name(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", "text")
    data = path.read_bytes()
    path.write_bytes(data.replace(b"a.txt", b"\0.txt"))  # a name ends at a NUL
    with pytest.raises(UserError, match="cannot be read to its end: .*no name"):
        list(iterate_files(path))
    with pytest.raises(UserError, match="cannot be unpacked: .*no name"):
        archives.unpack(path, tmp_path / "out")


def test_a_tar_that_declares_a_size_that_nothing_has(tmp_path):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("a.txt"), io.BytesIO())
    header = bytearray(buffer.getvalue()[:512])
    header[124:136] = b"\x80" + (2**70).to_bytes(11, "big")
    header[148:156] = b"        "
    header[148:156] = b"%06o\0 " % sum(header)
    path = tmp_path / "a.tar"
    path.write_bytes(header + bytes(10_240))
    with pytest.raises(UserError, match=r"a\.tar cannot be read to its end"):
        list(iterate_files(path))


def hollow_png(width, height):
    """Return a small PNG that declares another size, its checksums right."""
    data = bytearray(encode(sample_image(1, (24, 18))))
    struct.pack_into(">II", data, 16, width, height)
    return mend_png(data)


@pytest.mark.parametrize("size", [(24, 2_000_000), (9000, 9000), (4000, 1000)])
def test_a_picture_of_more_pixels_than_its_bytes_can_hold(tmp_path, size):
    path = tmp_path / "a.png"
    path.write_bytes(hollow_png(*size))
    told = "is a broken PNG: .* bytes cannot hold {}x{} pixels".format(*size)
    for reader in (read_rgb, read_mask, image_size):
        with pytest.raises(DatasetError, match=told):
            reader(path)
    assert "cannot hold" in read_facts([path])[path].problem


@pytest.mark.parametrize("compression", [None, "tiff_lzw", "tiff_deflate", "packbits"])
@pytest.mark.parametrize("mode", ["L", "RGB", "F", "I;16"])
def test_a_tiff_of_more_rows_than_its_bytes_can_hold(tmp_path, mode, compression):
    image = Image.new(mode, (24, 18))
    data = bytearray(encode(image, "TIFF", compression=compression))
    (first,) = struct.unpack_from("<I", data, 4)
    place = data.index(struct.pack("<H", 257), first + 2)  # ImageLength
    struct.pack_into("<HHII", data, place, 257, 4, 1, 800_000)
    path = tmp_path / "a.tif"
    path.write_bytes(data)
    with pytest.raises(DatasetError, match="cannot hold 24x800000 pixels"):
        read_rgb(path)


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("PNG", {"optimize": True}),
        ("JPEG", {"progressive": True}),
        ("WEBP", {"lossless": True}),
        ("TIFF", {"compression": "group4"}),
        ("TIFF", {"compression": "tiff_deflate"}),
        ("TIFF", {"compression": "tiff_lzw"}),
        ("TIFF", {"compression": "packbits"}),
        ("TIFF", {}),
        ("GIF", {}),
    ],
)
def test_blank_pictures_are_whole(tmp_path, kind, options):
    mode = "1" if "group4" in options.values() else "L"
    path = tmp_path / f"blank.{kind.lower()}"
    Image.new(mode, (4000, 3000)).save(path, kind, **options)
    assert image_size(path) == (4000, 3000)
    assert not read_mask(path).grey().any()


def npz_bytes(**arrays):
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        npz_bytes(a=np.zeros(100))[:-60],
        npz_bytes(a=np.zeros(100)).replace(b"(100,)", b"(10**9,)"),
        npz_bytes(a=np.zeros(100)).replace(b"(100,)", b"(999,)"),
        npz_bytes(a=np.zeros(100)).replace(b"\x93NUMPY", b"\x93NUMPI"),
        npz_bytes(a=np.array([{}], object)),
        npz_bytes(a=np.zeros(100)).replace(b"PK\x01\x02", b"PK\x01\x09"),
        b"PK\x05\x06",
        b"",
    ],
)
def test_arrays_that_are_not_whole(tmp_path, data):
    (tmp_path / "a.npz").write_bytes(data)
    with pytest.raises(DatasetError, match=r"a\.npz is no whole \.npz of arrays"):
        read_npz(tmp_path / "a.npz")


def test_tags_in_each_other_without_end(tmp_path):
    path = tmp_path / "a.xml"
    path.write_text(
        "<annotation>" + "<object>" * 9000 + "</object>" * 9000 + "</annotation>"
    )
    with pytest.raises(DatasetError, match="nested more than 50 deep"):
        voc.read_annotation(path)


def test_a_set_in_which_every_box_is_a_class_of_its_own(tmp_path):
    names = [f"{chr(0x4E00 + i % 9000)}{i}" for i in range(60_000)]
    boxes = tuple(voc.Box(name, 1, 1, 9, 9) for name in names)
    path = tmp_path / "x.xml"
    annotations = [voc.Annotation(path, path, 20, 20, boxes)]
    assert len(class_faults(annotations, {"leak": 1})) == 60_001
    assert class_faults(annotations) == []


def test_spellings_of_one_name_are_held_against_the_commonest():
    counts = {"leak": 3, "LEAK": 9, "Leak": 4, "l eak": 1}
    pairs = {("leak", "LEAK"), ("Leak", "LEAK"), ("l eak", "LEAK")}
    assert set(similar_pairs(counts)) == pairs


def test_a_list_in_a_model_that_reaches_beyond_its_end(tmp_path):
    data = bytearray(tiny_models.make_classifier())
    (root,) = struct.unpack_from("<I", data)
    (back,) = struct.unpack_from("<i", data, root)
    (slot,) = struct.unpack_from("<H", data, root - back + 4 + 2 * 6)  # of metadata
    field = root + slot
    (offset,) = struct.unpack_from("<I", data, field)
    struct.pack_into("<I", data, field + offset, len(data) // 2)
    (tmp_path / "a.tflite").write_bytes(data)
    with pytest.raises(UserError, match=r"a\.tflite is damaged"):
        read_model_file(tmp_path / "a.tflite")


def test_labels_that_inflate_are_not_read(tmp_path):
    data = tiny_models.make_classifier()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        (name,) = archive.namelist()
    buffer = io.BytesIO(data[: data.index(b"PK\x03\x04")])
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, b"\n" * 50_000_000)
    (tmp_path / "a.tflite").write_bytes(buffer.getvalue())
    with pytest.raises(UserError, match=r"a\.tflite: labels\.txt has 50 MB"):
        read_model_file(tmp_path / "a.tflite")


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "RGBA", "CMYK"])
def test_large_pictures_of_every_mode_are_looked_at(tmp_path, mode):
    path = tmp_path / "a.tif"
    sample_image(1, (400, 300)).convert(mode).save(path)
    facts = read_facts([path])[path]
    assert facts.header.mode == mode and not facts.is_black
    Image.new(mode, (400, 300), {"CMYK": (0, 0, 0, 255)}.get(mode, 0)).save(path)
    assert read_facts([path])[path].is_black


def test_pictures_say_nothing_of_the_memory_they_lie_in(tmp_path):
    (tmp_path / "a.png").write_bytes(encode(sample_image(1))[:8] + b"xx")
    with pytest.raises(DatasetError) as error:
        read_mask(tmp_path / "a.png")
    assert "a.png is a broken PNG: nothing follows" in str(error.value)
    assert "0x" not in str(error.value)
