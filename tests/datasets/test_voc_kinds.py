"""Kinds of XML that are read wholly or refused: repeats, wrappers, encodings, shapes."""

import math

import pytest

from helpers.commands import run_command
from helpers.record_set import LEAK, DataSet
from inspection.common.errors import DatasetError
from inspection.datasets import voc

BOX = "<xmin>{}</xmin><ymin>{}</ymin><xmax>{}</xmax><ymax>{}</ymax>"
FIRST = f"<bndbox>{BOX.format(10, 20, 30, 50)}</bndbox>"
SECOND = f"<bndbox>{BOX.format(40, 10, 60, 30)}</bndbox>"
THIRD = f"<bndbox>{BOX.format(70, 40, 90, 70)}</bndbox>"
SIZE = "<size><width>100</width><height>80</height><depth>3</depth></size>"
OBJECT = f"<object><name>leak</name>{FIRST}</object>"


def annotation(*objects):
    return (
        f"<annotation><filename>a.jpg</filename>{SIZE}{''.join(objects)}</annotation>"
    )


@pytest.fixture
def read(tmp_path):
    (tmp_path / "a.jpg").touch()

    def read_xml(text):
        path = tmp_path / "a.xml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return voc.read_annotation(path)

    return read_xml


def corners(read_annotation):
    return [(b.xmin, b.ymin, b.xmax, b.ymax) for b in read_annotation.boxes]


def test_every_box_of_an_object_counts(read):
    text = annotation(f"<object><name>leak</name>{FIRST}{SECOND}{THIRD}</object>")
    found = read(text)
    assert corners(found) == [(10, 20, 30, 50), (40, 10, 60, 30), (70, 40, 90, 70)]
    assert {box.name for box in found.boxes} == {"leak"}


@pytest.mark.parametrize(
    "old, new, message",
    [
        ("<name>leak", "<name>leak</name><name>puddle", "2 <name>: leak, puddle"),
        ("<xmin>10", "<xmin>1</xmin><xmin>10", r"2 <xmin>: 1, 10"),
        (
            "<name>",
            "<difficult>0</difficult><difficult>1</difficult><name>",
            "2 <difficult>: 0, 1",
        ),
        ("<size>", "<size><width>9</width></size><size>", "2 <width>: 9, 100"),
        ("<filename>", "<filename>b.jpg</filename><filename>", "2 <filename>: b.jpg"),
    ],
)
def test_a_tag_given_twice_with_two_values_is_refused(read, old, new, message):
    with pytest.raises(DatasetError, match=message):
        read(annotation(OBJECT).replace(old, new))


def test_a_tag_given_twice_with_one_value_is_taken(read):
    text = annotation(OBJECT).replace("<name>leak", "<name>leak</name><name> leak")
    assert len(read(text).boxes) == 1


@pytest.mark.parametrize(
    "text",
    [
        annotation(f"<objects>{OBJECT}</objects>"),
        annotation(f"<outputs><objects>{OBJECT}</objects></outputs>"),
        annotation(OBJECT.replace("object>", "Object>")),
        annotation(OBJECT).replace("annotation>", "Annotation>"),
        annotation(OBJECT).replace("<annotation>", '<annotation xmlns="urn:x">'),
        f'<v:annotation xmlns:v="urn:x">{OBJECT}</v:annotation>',
    ],
)
def test_objects_are_found_in_wrappers_cases_and_namespaces(read, text):
    assert corners(read(text)) == [(10, 20, 30, 50)]


@pytest.mark.parametrize(
    "inner",
    [
        FIRST,
        f"<item><name>leak</name>{FIRST}</item>",
        f"<objects><item><name>leak</name>{FIRST}</item></objects>",
        "<polygon><pt><x>1</x><y>2</y></pt></polygon>",
        '<box label="leak" xtl="1" ytl="2" xbr="3" ybr="4"/>',
        f"<objects><leak>{BOX.format(1, 2, 3, 4)}</leak></objects>",
        "<objects><leak/></objects>",
        OBJECT + f"<item><name>leak</name>{SECOND}</item>",
    ],
)
def test_boxes_outside_of_objects_are_refused_never_empty(read, inner):
    with pytest.raises(DatasetError, match="outside of <object>"):
        read(annotation(inner))


def test_a_box_within_another_tag_of_an_object_is_refused(read):
    extra = f"<boxes>{SECOND}</boxes></object>"
    with pytest.raises(DatasetError, match="<bndbox> within another tag"):
        read(annotation(OBJECT.replace("</object>", extra)))
    part = f"<part><name>drop</name>{SECOND}</part></object>"
    assert len(read(annotation(OBJECT.replace("</object>", part))).boxes) == 1


@pytest.mark.parametrize("inner", ["", "<objects/>", "<segmented>0</segmented>"])
def test_a_picture_without_objects_stays_one(read, inner):
    assert read(annotation(inner)).boxes == ()


@pytest.mark.parametrize("word", ["1", "true", " 1 "])
def test_a_deleted_object_is_left_out_and_said(read, word):
    deleted = OBJECT.replace("<name>leak", f"<deleted>{word}</deleted><name>old")
    found = read(annotation(deleted, OBJECT))
    assert [box.name for box in found.boxes] == ["leak"]
    (note,) = found.notes
    assert note.kind == "deleted-object"
    assert "object 1 (old)" in str(note)


def test_an_object_that_is_not_deleted_stays(read):
    text = annotation(OBJECT.replace("<name>", "<deleted>0</deleted><name>"))
    assert len(read(text).boxes) == 1
    assert read(text).notes == ()


def test_a_deleted_object_needs_no_box(read):
    text = annotation("<object><name>old</name><deleted>1</deleted></object>", OBJECT)
    assert len(read(text).boxes) == 1


@pytest.mark.parametrize(
    "shape, wanted",
    [
        (
            "<polygon><x1>10</x1><y1>10</y1><x2>50</x2><y2>12</y2><x3>40</x3>"
            "<y3>60</y3></polygon>",
            (10, 10, 50, 60),
        ),
        (
            "<polygon><username>ann</username><pt><x>10</x><y>10</y></pt>"
            "<pt><x>50.5</x><y>12</y></pt><pt><x>40</x><y>60</y></pt></polygon>",
            (10, 10, 50.5, 60),
        ),
        (
            "<robndbox><cx>50</cx><cy>40</cy><w>40</w><h>20</h><angle>0</angle>"
            "</robndbox>",
            (30, 30, 70, 50),
        ),
        (
            f"<robndbox><cx>50</cx><cy>40</cy><w>40</w><h>20</h>"
            f"<angle>{math.pi / 2}</angle></robndbox>",
            (40, 20, 60, 60),
        ),
        (
            "<robndbox><cx>50</cx><cy>40</cy><w>40</w><h>20</h>"
            "<angle>0.6435011088</angle></robndbox>",  # cosine .8, sine .6
            (28, 20, 72, 60),
        ),
    ],
)
def test_the_box_around_a_shape_is_taken_and_said(read, shape, wanted):
    found = read(annotation(f"<object><name>leak</name>{shape}</object>"))
    assert corners(found)[0] == pytest.approx(wanted, abs=1e-4)
    (note,) = found.notes
    assert note.kind == "enclosing-box" and "object 1 (leak)" in str(note)


def test_a_box_goes_before_its_polygon(read):
    shape = "<polygon><x1>1</x1><y1>2</y1><x2>3</x2><y2>4</y2></polygon>"
    found = read(annotation(OBJECT.replace("<bndbox>", shape + "<bndbox>")))
    assert corners(found) == [(10, 20, 30, 50)]
    assert found.notes == ()


@pytest.mark.parametrize(
    "shape, message",
    [
        ("<polygon/>", "no <bndbox>"),
        ("<polygon><x1>1</x1><y1>x</y1></polygon>", "<y1> 'x', not a number"),
        ("<polygon><x1>1</x1><y1>1</y1><x2>3</x2></polygon>", "2 x and 1 y"),
        ("<robndbox><cx>1</cx></robndbox>", "<cy> '', not a number"),
        (
            "<robndbox><cx>50</cx><cy>40</cy><w>4</w><h>2</h><angle>45</angle>"
            "</robndbox>",
            "<angle> 45, more than a turn",
        ),
    ],
)
def test_a_shape_that_is_not_whole_is_refused(read, shape, message):
    with pytest.raises(DatasetError, match=message):
        read(annotation(f"<object><name>leak</name>{shape}</object>"))


@pytest.mark.parametrize("number", ["1_0", "inf", "-Infinity", "1e999", "10,5", "０x1"])
def test_numbers_are_finite_and_plain(read, number):
    with pytest.raises(DatasetError, match=f"<xmin> '{number}', not a number"):
        read(annotation(OBJECT).replace("<xmin>10", f"<xmin>{number}"))


@pytest.mark.parametrize(
    "declared, codec, name",
    [
        ("gb2312", "gb2312", "漏水"),
        ("GBK", "gbk", "漏水"),
        ("gb18030", "gb18030", "漏水"),
        ("big5", "big5", "漏水"),
        ("Shift_JIS", "shift_jis", "水漏れ"),
        ("EUC-JP", "euc_jp", "水漏れ"),
        ("euc-kr", "euc_kr", "누수"),
        ("utf8", "utf-8", "漏水"),
        ("UTF8", "utf-8", "fuite d’eau"),
        ("windows-1251", "cp1251", "течь"),
        ("iso-8859-15", "iso8859-15", "Gebälk"),
        ("utf-16", "utf-8", "Gebälk"),  # text of .NET, saved as UTF-8
        ("utf-16", "utf-16", "漏水"),
        ("utf-8", "utf-16", "漏水"),
        ("utf-32", "utf-32", "漏水"),
        ("gb2312", "gbk", "漏洩"),  # GBK's own character under the older name
    ],
)
def test_encodings_are_read_as_declared(read, declared, codec, name):
    text = f'<?xml version="1.0" encoding="{declared}"?>' + annotation(OBJECT)
    found = read(text.replace("leak", name).encode(codec))
    assert [box.name for box in found.boxes] == [name]


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-32-le"])
def test_a_mark_is_not_needed_for_wide_characters(read, codec):
    found = read(annotation(OBJECT).replace("leak", "漏水").encode(codec))
    assert [box.name for box in found.boxes] == ["漏水"]


@pytest.mark.parametrize(
    "data, message",
    [
        (annotation(OBJECT).replace("leak", "Gebälk").encode("cp1252"), "not UTF-8"),
        (
            b'<?xml version="1.0" encoding="Shift_JIS"?><annotation>\x81</annotation>',
            "not Shift_JIS",
        ),
        (b'<?xml version="1.0" encoding="base64"?><annotation/>', "base64, which"),
        (b"\0" * 300, "not well-formed XML"),
        (b"\xff\xfe<", "not UTF-16"),
    ],
)
def test_text_of_another_encoding_is_refused(read, data, message):
    with pytest.raises(DatasetError, match=message) as caught:
        read(data)
    assert "a.xml" in str(caught.value) and "UTF-8" in str(caught.value)


@pytest.fixture
def data(tmp_path, monkeypatch, capsys):
    return DataSet(tmp_path, monkeypatch, capsys)


def test_commands_say_what_is_left_out(data, monkeypatch, capsys):
    data.add("a.jpg", [LEAK, LEAK])
    path = data.xml / "a.xml"
    text = path.read_text(encoding="utf-8")
    text = text.replace("<name>", "<deleted>1</deleted><name>", 1)
    path.write_text(text, encoding="utf-8")
    status, out, _ = data.run()
    assert status == 0 and "1 box: leak 1" in out
    assert "deleted" in out and "a.xml: object 1 (leak)" in out
    assert len(data.written()[0].boxes) == 1
    data.out.unlink()
    assert "object 1 (leak)" in data.refused("--strict")
    folders = ("-i", path.parent, "--image_dir", data.images)
    _, out, _ = run_command(
        monkeypatch, capsys, "xml_to_csv", *folders, "-o", data.folder / "t.csv"
    )
    assert "1 box of 1 picture" in out and "object 1 (leak)" in out
    status, out, _ = run_command(
        monkeypatch, capsys, "check_dataset", "-x", path.parent, *("-i", data.images)
    )
    assert "object 1 (leak)" in out
