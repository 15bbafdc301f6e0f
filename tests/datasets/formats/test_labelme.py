"""JSON of labelme: polygons, rectangles, circles and masks, and what is refused."""

import base64

import numpy as np
import pytest

from helpers.images import encode
from helpers.sets.foreign_sets import draw, labelme, write
from inspection.common.errors import DatasetError
from inspection.datasets.formats.painting import paint
from inspection.datasets.formats.reading import read_labelled

TRIANGLE = {"points": [[10, 10], [50, 10], [10, 30]]}


@pytest.fixture
def read(tmp_path):
    """Return a function that reads a JSON beside a picture pipe.jpg."""
    draw(tmp_path / "set/pipe.jpg")

    def read(text):
        write(tmp_path / "set/pipe.json", text)
        kind, labelled = read_labelled(tmp_path / "set")
        assert kind == "labelme"
        return labelled

    return read


@pytest.mark.parametrize(
    ("shape", "box", "pixels"),
    [
        (TRIANGLE, (10, 10, 50, 30), 400),
        # corners in the wrong order
        (
            {"shape_type": "rectangle", "points": [[30, 40], [10, 20]]},
            (10, 20, 30, 40),
            400,
        ),
        (
            {
                "shape_type": "rectangle",
                "points": [[10, 20], [30, 20], [30, 40], [10, 40]],
            },
            (10, 20, 30, 40),
            400,
        ),
        (
            {"shape_type": "circle", "points": [[50, 25], [60, 25]]},
            (40, 15, 60, 35),
            316,
        ),
        ({"shape_type": None, **TRIANGLE}, (10, 10, 50, 30), 400),
    ],
)
def test_boxes_and_pixels(read, shape, box, pixels):
    (image,) = read(labelme(shape)).images
    assert image.shapes[0].box == pytest.approx(box)
    assert (paint(image, ["leak"]) > 0).sum() == pytest.approx(pixels, abs=20)


def test_masks_in_the_json_are_laid_where_they_belong(read):
    piece = np.zeros((4, 6, 3), np.uint8)
    piece[:, :3] = 255
    text = base64.b64encode(encode(piece, "PNG")).decode()
    shape = {"shape_type": "mask", "points": [[97, 48], [103, 52]], "mask": text}
    (image,) = read(labelme(shape)).images
    mask = paint(image, ["leak"])
    assert mask[48:, 97:].all() and (mask > 0).sum() == 6


def test_points_and_lines_are_counted(read):
    open_ones = [
        {"shape_type": "point", "points": [[1, 1]]},
        {"shape_type": "linestrip", "points": [[1, 1], [5, 5]]},
    ]
    labelled = read(labelme(TRIANGLE, *open_ones))
    assert len(labelled.images[0].shapes) == 1
    assert labelled.losses["open"] == 2


def test_flags_and_turned_boxes_are_marked(read):
    turned = {
        "shape_type": "rotation",
        "points": [[50, 10], [60, 20], [50, 30], [40, 20]],
    }
    labelled = read(labelme(turned, {**TRIANGLE, "flags": {"wet": True}}))
    assert [set(shape.marks) for shape in labelled.images[0].shapes] == [
        {"rotated"},
        {"outlines", "attributes"},
    ]


def test_pictures_without_a_json_are_left_out_and_counted(read, tmp_path):
    draw(tmp_path / "set/not seen.jpg")
    labelled = read(labelme())
    assert [len(image.shapes) for image in labelled.images] == [0]
    assert labelled.losses["unlabelled"] == 1 and labelled.losses["empty"] == 1


def test_the_picture_is_found_by_a_path_of_windows_or_by_the_name_of_the_json(read):
    for path in (r"..\photos\PIPE.JPG", "renamed.png", ""):
        (image,) = read(labelme(TRIANGLE, image=path)).images
        assert image.image.name == "pipe.jpg"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (labelme({"points": [[1, 1], [2, 2]]}), "is no polygon: it has 2 points"),
        (
            labelme({"points": [[1, 1], [2, 2], [3]]}),
            r"points\[2\] is no list of 2 numbers",
        ),
        (
            labelme({"points": [[1, 1], [2, 2], [3, None]]}),
            r"points\[2\]\[1\] is no number",
        ),
        (labelme({"points": 5}), "points is no list: 5"),
        (labelme({"label": "", **TRIANGLE}), r"shapes\[0\].label is no text"),
        (labelme({"shape_type": "cuboid", **TRIANGLE}), "kind of shape that is known"),
        (labelme(TRIANGLE, imageWidth=None), "imageWidth is no number of pixels"),
        (labelme(TRIANGLE, imageHeight=-5), "imageHeight is no width or height"),
        (labelme(TRIANGLE, image=5), "imagePath is no path: 5"),
        (labelme(shapes={}), "shapes is no list: dict"),
        (labelme(shapes=[5]), r"shapes\[0\] is no object: 5"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_place(read, text, said):
    with pytest.raises(DatasetError, match=said) as error:
        read(text)
    assert "pipe.json" in str(error.value)


@pytest.mark.parametrize("stored", ["", "no base64 ü", "iVBORw0KGgo=", "AAAA"])
def test_a_mask_that_is_none_is_refused(read, stored):
    shape = {"shape_type": "mask", "points": [[1, 1], [3, 3]], "mask": stored}
    (image,) = read(labelme(shape)).images
    with pytest.raises(DatasetError, match=r"pipe.json: shapes\[0\].mask is no"):
        paint(image, ["leak"])


def test_all_faulty_files_are_named_at_once(tmp_path):
    for name in "abc":
        draw(tmp_path / f"set/{name}.jpg")
        write(tmp_path / f"set/{name}.json", labelme(TRIANGLE, image=f"{name}.jpg"))
    write(tmp_path / "set/a.json", labelme({"points": 5}, image="a.jpg"))
    write(tmp_path / "set/c.json", labelme(TRIANGLE, image="c.jpg")[:-9])
    with pytest.raises(
        DatasetError, match="(?s)2 faults.*a.json.*c.json, line 1: no JSON"
    ):
        read_labelled(tmp_path / "set")
