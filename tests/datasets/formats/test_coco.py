"""COCO JSON: boxes, outlines and run lengths by hand and against pycocotools."""

import json

import numpy as np
import pytest
from pycocotools import mask as coco_mask

from helpers.sets.foreign_sets import SIZE, coco, draw, write
from inspection.common.errors import DatasetError
from inspection.datasets.formats.areas import decode_runs, fill_ring, parse_runs
from inspection.datasets.formats.painting import paint
from inspection.datasets.formats.reading import read_labelled

SQUARE = [10, 10, 30, 10, 30, 40, 10, 40]


@pytest.fixture
def read(tmp_path):
    """Return a function that reads a JSON beside a picture pipe.jpg."""
    draw(tmp_path / "set/pipe.jpg")

    def read(text):
        path = write(tmp_path / "set/labels.json", text)
        kind, labelled = read_labelled(path)
        assert kind == "COCO"
        return labelled

    return read


def test_a_box_is_corner_and_size(read):
    labelled = read(coco({"bbox": [10, 20.5, 30, 15.25]}))
    (image,) = labelled.images
    assert image.shapes[0].box == (10, 20.5, 40, 35.75)
    assert (image.shapes[0].name, labelled.class_names) == ("leak", ["leak"])


def test_outlines_become_masks(read):
    (image,) = read(coco({"segmentation": [SQUARE, [50, 10, 60, 10, 60, 20]]})).images
    mask = paint(image, ["leak"])
    assert mask.shape == (50, 100)
    assert mask[10:40, 10:30].all() and mask.sum() // 255 == 600 + 55


@pytest.mark.parametrize("as_text", [True, False], ids=["text", "numbers"])
def test_run_lengths_become_masks(read, as_text):
    pixels = np.zeros((50, 100), np.uint8)
    pixels[5:20, 90:] = pixels[:, 0] = 1
    if as_text:
        stored = coco_mask.encode(np.asfortranarray(pixels))["counts"].decode()
    else:
        flat = np.concatenate([[0], pixels.T.ravel()])
        edges = np.flatnonzero(np.diff(flat))
        stored = np.diff(np.concatenate([[0], edges, [pixels.size]])).tolist()
    rle = {"size": [50, 100], "counts": stored}
    (image,) = read(coco({"segmentation": rle, "iscrowd": 1})).images
    assert (paint(image, ["leak"]) == pixels * 255).all()
    assert image.shapes[0].marks == {"crowd"}


def test_later_classes_cover_earlier_ones(read):
    small = {"category_id": 2, "segmentation": [[15, 15, 20, 15, 20, 20, 15, 20]]}
    (image,) = read(coco({"segmentation": [SQUARE]}, small)).images
    mask = paint(image, ["leak", "puddle"])
    assert (mask == 2).sum() == 25 and (mask == 1).sum() == 575


def test_run_lengths_are_those_of_pycocotools():
    rng = np.random.default_rng(3)
    for _ in range(100):
        height, width = rng.integers(1, 60, 2)
        pixels = (rng.random((height, width)) < rng.random()).astype(np.uint8)
        text = coco_mask.encode(np.asfortranarray(pixels))["counts"].decode()
        decoded = decode_runs(parse_runs(text), (width, height))
        assert (decoded == pixels.astype(bool)).all()


@pytest.mark.parametrize(
    ("ring", "rows"),
    [
        ([[0.5, 0], [2.5, 0], [2.5, 1], [0.5, 1]], [[1, 1, 0], [0, 0, 0]]),
        ([[0, 0], [3, 0], [3, 2], [0, 2]], [[1, 1, 1], [1, 1, 1]]),
        ([[-5, -5], [1, -5], [1, 9], [-5, 9]], [[1, 0, 0], [1, 0, 0]]),
        ([[0.6, 0], [1.4, 0], [1.4, 2], [0.6, 2]], [[0, 0, 0], [0, 0, 0]]),
        ([[9, 9], [10, 9], [10, 10]], [[0, 0, 0], [0, 0, 0]]),
    ],
)
def test_a_pixel_is_in_where_its_centre_is(ring, rows):
    whole = np.zeros((2, 3), bool)
    top, left, inside = fill_ring(ring, (3, 2))
    whole[top : top + inside.shape[0], left : left + inside.shape[1]] = inside
    assert whole.astype(int).tolist() == rows


def test_splits_are_told_by_the_names_of_files(tmp_path):
    for part in ("train2017", "val2017"):
        draw(tmp_path / part / "000001.jpg", 1 + (part == "val2017"))
        text = coco({}, images=["000001.jpg"])
        write(tmp_path / "annotations" / f"instances_{part}.json", text)
    _, labelled = read_labelled(tmp_path)
    assert [(i.split, i.image.parent.name) for i in labelled.images] == [
        ("train", "train2017"),
        ("val", "val2017"),
    ]


def test_a_name_in_two_folders_is_refused(tmp_path):
    draw(tmp_path / "hall_a/1.jpg")
    draw(tmp_path / "hall_b/1.jpg")
    path = write(tmp_path / "labels.json", coco({}, images=["1.jpg"]))
    with pytest.raises(DatasetError, match="1.jpg: may be .*hall_a.* and .*hall_b"):
        read_labelled(path)
    write(path, coco({}, images=["C:\\photos\\hall_b\\1.jpg"]))
    _, labelled = read_labelled(path)
    assert labelled.images[0].image.parent.name == "hall_b"


def test_splits_are_told_by_folders(tmp_path):
    for part in ("train", "valid", "test"):
        draw(tmp_path / part / "a.jpg", len(part))
        write(tmp_path / part / "_annotations.coco.json", coco({}, images=["a.jpg"]))
    _, labelled = read_labelled(tmp_path)
    assert [(i.split, i.image.parent.name) for i in labelled.images] == [
        ("test", "test"),
        ("train", "train"),
        ("val", "valid"),
    ]


def test_what_cannot_be_carried_is_marked(read):
    labelled = read(
        coco(
            {"keypoints": [10, 10, 2], "num_keypoints": 1},
            {
                "attributes": {"rotation": 90.0, "occluded": False},
                "bbox": [10, 20, 20, 10],
            },
            {"attributes": {"wet": True}},
            {"bbox": [90, 10, 20, 10]},
            {"bbox": [90, 10, 0, 10]},
        )
    )
    shapes = labelled.images[0].shapes
    assert [set(shape.marks) for shape in shapes] == [
        {"keypoints"},
        {"rotated"},
        {"attributes"},
        {"reaching out"},
        set(),
    ]
    # 20x10 about (20, 25), a quarter turn
    assert shapes[1].box == pytest.approx((15, 15, 25, 35))
    assert shapes[4].is_flat


def test_pictures_without_annotations_show_nothing_and_others_are_counted(
    read, tmp_path
):
    draw(tmp_path / "set/dry.jpg")
    draw(tmp_path / "set/not listed.jpg")
    labelled = read(coco({}, images=["pipe.jpg", r"C:\photos\dry.jpg"]))
    assert [len(image.shapes) for image in labelled.images] == [1, 0]
    assert labelled.losses["empty"] == 1 and labelled.losses["unlabelled"] == 1


def damaged(**changes):
    content = json.loads(coco({}))
    for key, value in changes.items():
        content["annotations"][0][key] = value
    return json.dumps(content)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (coco({}, images=["gone.jpg"]), "gone.jpg: is not there"),
        (
            coco({}, images=["pipe.jpg", "pipe.jpg"]),
            "stands in the JSON more than once",
        ),
        (
            damaged(category_id=7),
            r"annotations\[0\].category_id is no id of a category: 7",
        ),
        (damaged(image_id=7), r"annotations\[0\].image_id is no id of an image: 7"),
        (
            damaged(bbox=[1, 2, 3]),
            r"annotations\[0\].bbox is no list of 4 numbers: list",
        ),
        (damaged(bbox=[1, 2, 3, "4"]), r"annotations\[0\].bbox\[3\] is no number of"),
        (damaged(bbox=[1, 2, 3, 1e99]), r"annotations\[0\].bbox\[3\] is no number of"),
        (
            damaged(bbox=[1, 2, 3, 10**400]),
            r"annotations\[0\].bbox\[3\] is no number of",
        ),
        (damaged(bbox=[1, 2, -3, 4]), "is no box: its width or height is below 0"),
        (damaged(bbox=None), r"annotations\[0\].bbox is no list"),
        (damaged(segmentation=[[1, 2, 3, 4]]), "is no outline"),
        (damaged(segmentation="all"), "segmentation is no list"),
        (coco({}, categories=[]), "is no id of a category: 1"),
        (coco({}, categories=["leak", " "]), r"categories\[1\].name is no text"),
        (coco({}, annotations={}), "annotations is no list: dict"),
        (coco({}, images=[""]), r"images\[0\].file_name is no text: ''"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_place(read, text, said):
    with pytest.raises(DatasetError, match=said):
        read(text)


@pytest.mark.parametrize(
    "rle",
    [
        {"size": [50, 100], "counts": [4999]},
        {"size": [50, 100], "counts": [-1, 5001]},
        {"size": [50, 100], "counts": [2**40, 1]},
        {"size": [50, 100], "counts": ["a"]},
        {"size": [50, 100], "counts": "ÿ"},
        {"size": [50, 100], "counts": "P"},
        {"size": [50, 100], "counts": "oooooooooooooooooooo"},
        {"size": [100, 50], "counts": [5000]},
        {"size": [1e5, 1e5], "counts": [10**10]},
        {"counts": [5000]},
        {"size": [50, 100]},
    ],
)
def test_run_lengths_that_do_not_fit_are_refused(read, rle):
    (image,) = read(coco({"segmentation": rle})).images
    with pytest.raises(
        DatasetError, match=r"labels.json: annotations\[0\].segmentation"
    ):
        paint(image, ["leak"])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"images": [],\n"annotations": [}', "line 2: no JSON"),
        ('{"images": [], "annotations": [NaN]}', "NaN is no number"),
        ('{"images": [], "annotations": ' + "[" * 100_000, "nested too deep"),
        ('{"images": [], "annotations": [' + "9" * 5000 + "]}", "no JSON"),
        (b'{"images": [], "annotations": "\xff"}', "save it as UTF-8"),
        ('{"images": [], "annotations": []}', "categories is no list: None"),
    ],
)
def test_a_file_that_is_no_json_is_refused(read, text, said):
    with pytest.raises(Exception, match=said) as error:
        read(text)
    assert "labels.json" in str(error.value)


def test_outlines_without_end_are_refused(read):
    outline = {"segmentation": [[0, 0, *SIZE, 0, 50]]}
    (image,) = read(coco(*[outline] * 300)).images
    with pytest.raises(DatasetError, match="outlines cover pipe.jpg more than"):
        paint(image, ["leak"])
