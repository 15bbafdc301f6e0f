"""Text of users: UTF-8, UTF-16 with its mark, or refused by name, line and byte."""

import pytest

from inspection.common.errors import UserError
from inspection.common.text_files import read_text
from inspection.course.project import read_toml
from inspection.datasets.csv_boxes import read_csv
from inspection.datasets.splitting.split_lists import read_split
from inspection.detection.config import pipeline_config
from inspection.detection.config.label_map import read_label_map, read_names

TEXT = "Gebälk; 漏水 💧\n"


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16"])
def test_reads_what_has_one_meaning(tmp_path, codec):
    path = tmp_path / "a.txt"
    path.write_bytes(TEXT.encode(codec))
    assert read_text(path) == TEXT


@pytest.mark.parametrize("mark, codec", [(b"\xfe\xff", "be"), (b"\xff\xfe", "le")])
def test_reads_utf16_of_both_orders(tmp_path, mark, codec):
    path = tmp_path / "a.txt"
    path.write_bytes(mark + TEXT.encode(f"utf-16-{codec}"))
    assert read_text(path) == TEXT


def test_marks_are_dropped_however_many(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"\xef\xbb\xbf" * 2 + TEXT.encode())
    assert read_text(path) == TEXT


def test_line_ends_of_every_system_become_one(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"a\r\nb\rc\nd\xe2\x80\xa8e")
    assert read_text(path) == "a\nb\nc\nd\u2028e"


@pytest.mark.parametrize(
    "data, message",
    [
        ("a\nb\nGebälk".encode("cp1252"), "line 3: byte 0xe4 is no UTF-8"),
        ("\n训练".encode("gbk"), "line 2: byte 0xc1 is no UTF-8"),
        (b"ab\n\xed\xa0\x80", "line 2: byte 0xed is no UTF-8"),
        (b"\xff\xfea", "line 1: the UTF-16 ends in the middle"),
        (b"\xff\xfe\x00\xd8a\x00", "line 1: 0x00d8 is no UTF-16"),
        ("abc".encode("utf-16-le"), "line 1: a NUL byte"),
        ("abc".encode("utf-32"), "line 1: a NUL byte"),
        (b"PK\x03\x04\x00\x00", "line 1: a NUL byte"),
    ],
)
def test_anything_else_is_refused_with_file_line_and_mend(tmp_path, data, message):
    path = tmp_path / "a b.txt"
    path.write_bytes(data)
    with pytest.raises(UserError) as error:
        read_text(path)
    assert str(error.value).startswith(f"{path}, {message}")
    assert "save it as UTF-8" in str(error.value)


def configs(folder):
    return pipeline_config.read(folder / "a").message.fields


READERS = {
    "label map": (
        'item {{ id: 1 name: "{}" }}\n',
        lambda folder: list(read_label_map(folder / "a")),
    ),
    "labels.txt": ("{}\n", lambda folder: read_names(folder / "a")),
    "config": (
        'a: "{}"\n',
        lambda folder: [field.value for field in configs(folder)],
    ),
    "CSV": (
        "filename,width,height,class,xmin,ymin,xmax,ymax\nx.jpg,9,9,{},1,1,2,2\n",
        lambda folder: [
            box.name for a in read_csv(folder / "a", folder) for box in a.boxes
        ],
    ),
    "split list": ("{}\n", lambda folder: read_split(folder / "a")),
    "settings": ('a = "{}"\n', lambda folder: [read_toml(folder / "a")["a"]]),
}


@pytest.mark.parametrize("template, read", READERS.values(), ids=list(READERS))
def test_every_reader_takes_the_same_text(tmp_path, template, read):
    text = template.format("Gebälk 漏水")
    for codec in ("utf-8", "utf-8-sig", "utf-16"):
        (tmp_path / "a").write_bytes(text.encode(codec))
        assert read(tmp_path) == ["Gebälk 漏水"]
    for data in (
        template.format("Gebälk").encode("cp1252"),
        text.encode("gb18030"),
        text.encode("utf-16-le"),
    ):
        (tmp_path / "a").write_bytes(data)
        with pytest.raises(UserError, match="a, line .* save it as UTF-8"):
            read(tmp_path)
