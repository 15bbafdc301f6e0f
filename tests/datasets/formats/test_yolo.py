"""YOLO labels: values by hand, odd files, and everything that is refused with its line."""

import pytest

from helpers.sets.foreign_sets import YoloSet, draw, write
from inspection.common.errors import DatasetError, UserError
from inspection.datasets.formats.reading import read_labelled
from inspection.datasets.formats.yolo_names import YoloNames, read_yaml
from inspection.datasets.formats.yolo_rows import read_row

NAMES = YoloNames({0: "leak", 1: "puddle"})
SIZE = (100, 50)


@pytest.fixture
def yolo(tmp_path):
    return YoloSet(tmp_path / "set")


def read(yolo, **settings):
    kind, labelled = read_labelled(yolo.folder, **settings)
    assert kind == "YOLO"
    return {image.image.stem: image for image in labelled.images}, labelled


@pytest.mark.parametrize(
    ("row", "box"),
    [
        ("0 .5 .5 .2 .4", (40, 15, 60, 35)),
        ("1 0.25 0.25 0.5 0.5", (0, 0, 50, 25)),
        ("0 0.5 0.5 1 1", (0, 0, 100, 50)),
        # six decimals do not meet the edge: cut, for it is rounding
        ("0 0.9000005 0.5 0.200001 0.1", (80, 22.5, 100, 27.5)),
        # further out: as drawn
        ("0 0.95 0.5 0.2 0.1", (85, 22.5, 105, 27.5)),
        ("0.0\t5e-1 .5 2E-1 .4", (40, 15, 60, 35)),
        ("0 0.1 0.1 0.9 0.1 0.5 0.8", (10, 5, 90, 40)),
    ],
)
def test_shares_become_pixels(row, box):
    assert read_row(row, SIZE, NAMES).box == pytest.approx(box, abs=1e-3)


def test_marks_say_what_is_lost():
    keypoints = YoloNames({0: "leak"}, 3)
    assert read_row("0 .5 .5 .2 .4", SIZE, NAMES).marks == set()
    assert read_row("0 .95 .5 .2 .4", SIZE, NAMES).marks == {"reaching out"}
    assert read_row("0 .1 .1 .9 .1 .5 .8", SIZE, NAMES).marks == {"outlines"}
    assert read_row("0 .5 .5 .2 .4 .5 .5 2", SIZE, keypoints).marks == {"keypoints"}
    # a square of 20x20 pixels on its corner
    turned = "0 .5 .2 .7 .6 .5 1. .3 .6"
    assert read_row(turned, SIZE, NAMES).marks == {"rotated"}
    upright = "0 .1 .2 .3 .2 .3 .6 .1 .6"
    assert read_row(upright, SIZE, NAMES).marks == {"outlines"}


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("2 .5 .5 .2 .4", "class id 2 has no name, known are 0 leak, 1 puddle"),
        ("-1 .5 .5 .2 .4", "class id -1"),
        ("leak .5 .5 .2 .4", "'leak' is no class id"),
        ("0.5 .5 .5 .2 .4", "'0.5' is no class id"),
        ("1e999 .5 .5 .2 .4", "is no class id"),
        ("0 nan .5 .2 .4", "'nan' is no number"),
        ("0 inf .5 .2 .4", "'inf' is no number"),
        ("0 0,5 0,5 0,2 0,4", "'0,5' is no number"),
        ("0 50 25 20 20", "50 is no share of the picture, 0 to 1: were pixels written"),
        ("0 .5 .5 -.2 .4", "-0.2 is no share"),
        ("0 .5 .5 .2", "3 numbers after the class"),
        ("0", "0 numbers after the class"),
        ("0 .5 .5 .2 .4 .93", "5 numbers after the class"),
        ("0 .1 .1 .9 .1 .5 .8 .3", "7 numbers after the class"),
        ("0 .1 .1 9 .1 .5 .8", "9 is no share"),
    ],
)
def test_rows_that_are_none_are_refused(row, said):
    with pytest.raises(ValueError, match=said.replace("(", r"\(")):
        read_row(row, SIZE, NAMES)


def test_every_faulty_row_is_named_with_file_and_line(yolo):
    yolo.add("a", "0 .5 .5 .2 .4\n\n7 .5 .5 .2 .4\n")
    yolo.add("b", "0 nan .5 .2 .4\n")
    yolo.add("c", None)
    with pytest.raises(DatasetError) as error:
        read(yolo)
    text = str(error.value)
    assert "a.txt, line 3: class id 7" in text
    assert "b.txt, line 1: 'nan' is no number" in text


@pytest.mark.parametrize(
    "encoded",
    [
        b"\xef\xbb\xbf0 .5 .5 .2 .4\r\n\r\n  \r\n1 .5 .5 .2 .4",
        b"0 .5 .5 .2 .4\r1 .5 .5 .2 .4\r",
        "0 .5 .5 .2 .4\n1 .5 .5 .2 .4\n".encode("utf-16"),
    ],
    ids=["mark and CRLF", "CR", "UTF-16"],
)
def test_line_ends_and_marks_do_not_matter(encoded, yolo):
    yolo.add("a", "0 .5 .5 .2 .4\n")
    yolo.add("b", encoded)
    images, _ = read(yolo)
    assert [shape.name for shape in images["b"].shapes] == ["leak", "puddle"]


def test_pictures_without_labels_show_nothing(yolo):
    yolo.add("a", "0 .5 .5 .2 .4\n")
    yolo.add("b", None)
    yolo.add("c", "")
    yolo.add("d", "\r\n")
    images, labelled = read(yolo)
    assert {name: len(image.shapes) for name, image in images.items()} == dict(
        a=1, b=0, c=0, d=0
    )
    assert labelled.losses["empty"] == 3


def test_labels_without_picture_are_refused(yolo):
    yolo.add("a", "0 .5 .5 .2 .4\n")
    write(yolo.folder / "labels" / "alone.txt", "0 .5 .5 .2 .4\n")
    with pytest.raises(DatasetError, match="alone.txt: labels without a picture"):
        read(yolo)


def test_parts_are_the_split_and_names_may_begin_anew(yolo):
    for part in ("train", "valid"):
        yolo.add("a", "0 .5 .5 .2 .4\n", part)
        yolo.add("b", None, part)
    _, labelled = read(yolo)
    assert sorted((i.split, i.image.stem) for i in labelled.images) == [
        ("train", "a"),
        ("train", "b"),
        ("val", "a"),
        ("val", "b"),
    ]


def test_lists_of_darknet_are_the_split(yolo):
    for stem in "abcd":
        yolo.add(stem, None if stem == "d" else "0 .5 .5 .2 .4\n")
    write(yolo.folder / "train.txt", "data/images/a.jpg\ndata/images/b.jpg\n")
    write(yolo.folder / "val.txt", "data/images/c.jpg\ndata/images/d.jpg\n")
    images, _ = read(yolo)
    assert {name: image.split for name, image in images.items()} == {
        "a": "train",
        "b": "train",
        "c": "val",
        "d": "val",
    }


def test_labels_of_a_picture_called_test_count(yolo):
    yolo.add("test", "0 .5 .5 .2 .4\n")
    images, _ = read(yolo)
    assert len(images["test"].shapes) == 1


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("names: [leak, puddle]", {0: "leak", 1: "puddle"}),
        ("names:\n  0: leak\n  1: puddle\n", {0: "leak", 1: "puddle"}),
        ("names:\n- leak\n- 'puddle '\n", {0: "leak", 1: "puddle"}),
        ("nc: 2\nnames: ['yes', no]", {0: "yes", 1: "no"}),
        ("names: {3: leak, 1: 010}", {1: "010", 3: "leak"}),
    ],
)
def test_names_of_data_yaml(text, names, tmp_path):
    assert read_yaml(write(tmp_path / "data.yaml", text)).names == names


@pytest.mark.parametrize(
    "text",
    [
        "names: 5",
        "names: []",
        "names: [leak, leak]",
        "names: [leak, '']",
        "names: {leak: 0}",
        "names: [[leak]]",
        "names: [leak\nnc: 1",
        "names: [leak]\nkpt_shape: [a, 2]",
        "names: [leak]\nkpt_shape: 3",
        pytest.param("names: " + "[" * 200_000, id="lists"),
        pytest.param("names: {" + "? {" * 60_000, id="keys"),
        pytest.param("names:\n" + "- " * 2_000, id="dashes"),
        "? [a, b]\n: c\n",
        "names: *nowhere",
        "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nnames: *c",
        "\0",
    ],
)
def test_a_yaml_that_is_none_is_refused(text, tmp_path):
    with pytest.raises(UserError, match="data.yaml"):
        read_yaml(write(tmp_path / "data.yaml", text))


def test_names_may_stand_in_lists_or_on_the_command_line(tmp_path):
    yolo = YoloSet(tmp_path / "set", yaml="")
    yolo.add("a", "1 .5 .5 .2 .4\n")
    with pytest.raises(DatasetError, match="give --classes in the order of their ids"):
        read(yolo)
    assert read(yolo, class_names=["x", "y"])[0]["a"].shapes[0].name == "y"
    write(yolo.folder / "labels" / "classes.txt", "leak\npuddle\n")
    assert read(yolo)[0]["a"].shapes[0].name == "puddle"


def test_two_files_with_other_names_are_refused(yolo):
    yolo.add("a", "0 .5 .5 .2 .4\n")
    write(yolo.folder / "other.yaml", "names: [puddle, leak]")
    with pytest.raises(DatasetError, match="name other classes"):
        read(yolo)


def test_pictures_may_lie_elsewhere(tmp_path):
    yolo = YoloSet(tmp_path / "set")
    write(yolo.folder / "labels" / "a.txt", "0 .5 .5 .2 .4\n")
    draw(tmp_path / "pictures" / "a.jpg")
    images, _ = read(yolo, image_dir=tmp_path / "pictures")
    assert len(images["a"].shapes) == 1
