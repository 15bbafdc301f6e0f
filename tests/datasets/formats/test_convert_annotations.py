"""convert_annotations.py: what it writes is what the course reads, and what is lost is said."""

import numpy as np
import pytest
from PIL import Image

from helpers.commands import run_command
from helpers.images import encode_oriented, sample_image
from helpers.sets.foreign_sets import YoloSet, coco, draw, labelme, write
from helpers.sets.public_sets import zip_folder
from inspection.datasets import voc
from inspection.datasets.layouts.opening import open_boxes
from inspection.datasets.splitting.split_lists import read_splits


@pytest.fixture
def convert(tmp_path, monkeypatch, capsys):
    def convert(source, *flags):
        words = (source, "-o", tmp_path / "out", *flags)
        return run_command(monkeypatch, capsys, "convert_annotations", *words)

    return convert


@pytest.fixture
def yolo(tmp_path):
    made = YoloSet(tmp_path / "set")
    for part, stems in {"train": "abcdefgh", "valid": "ij", "test": "kl"}.items():
        for stem in stems:
            made.add(stem, "0 .5 .5 .2 .4\n1 .95 .5 .2 .4\n", part)
    made.add("empty", None, "train")
    return made


def test_yolo_becomes_a_set_that_opens_by_itself(convert, yolo, tmp_path):
    status, out, err = convert(yolo.folder)
    assert (status, err) == (0, "")
    target = tmp_path / "out"
    assert out.splitlines() == [
        f"YOLO: 24 objects in 13 pictures written to {target}/annotations",
        "  1 picture without objects: kept as background",
        "  12 boxes reaching out of the picture: as drawn, records cut it",
        "classes: leak puddle",
        f'in a notebook: IMAGES = "{target}/images", ANNOTATIONS = "{target}", SPLITS = ""',
        f"next: python scripts/check_dataset.py -x {target}/annotations -i {target}/images "
        f"--splits {target}/splits",
    ]
    found = open_boxes(target / "images", target, into=tmp_path / "into")
    annotations = {
        a.path.stem: a for a in voc.read_folder(found.partners, found.images)
    }
    box = annotations["a"].boxes[0]
    assert (box.xmin, box.ymin, box.xmax, box.ymax) == (40, 15, 60, 35)
    assert annotations["empty"].boxes == ()
    lists = read_splits([found.splits])
    assert {s: len(names) for s, names in lists.items()} == dict(train=9, val=2, test=2)


def test_a_part_without_labels_is_left_out_and_said(convert, yolo, tmp_path):
    draw(yolo.folder / "more/images/z.jpg")
    _, out, _ = convert(yolo.folder)
    assert "  1 picture without annotations in more/images/: left out" in out
    assert not (tmp_path / "out/annotations/z.xml").exists()


def test_the_next_command_runs(convert, yolo, tmp_path, monkeypatch, capsys):
    _, out, _ = convert(yolo.folder)
    words = out.splitlines()[-1].split()[3:]
    status, out, _ = run_command(monkeypatch, capsys, "check_dataset", *words)
    assert status == 0
    assert "13" in out


def test_a_zip_is_taken_with_its_pictures(convert, yolo, tmp_path):
    status, _, err = convert(zip_folder(yolo.folder, tmp_path / "set.zip"))
    assert (status, err) == (0, "")
    assert (
        len(voc.read_folder(tmp_path / "out/annotations", tmp_path / "out/images"))
        == 13
    )


def test_names_that_begin_anew_keep_apart(convert, tmp_path):
    made = YoloSet(tmp_path / "set")
    for part in ("train", "valid"):
        made.add("1", "0 .5 .5 .2 .4\n", part)
    convert(made.folder)
    names = sorted(path.name for path in (tmp_path / "out/annotations").iterdir())
    assert names == ["train_1.xml", "val_1.xml"]
    assert read_splits([tmp_path / "out/splits"]) == {
        "train": ["train_1"],
        "val": ["val_1"],
    }


def test_pictures_of_one_folder_stay_there(convert, tmp_path):
    made = YoloSet(tmp_path / "set")
    made.add("a", "0 .5 .5 .2 .4\n")
    _, out, _ = convert(made.folder)
    assert f'IMAGES = "{tmp_path}/set/images"' in out
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["annotations"]


def test_coco_losses_are_counted(convert, tmp_path):
    draw(tmp_path / "set/pipe.jpg")
    draw(tmp_path / "set/dry.jpg")
    text = coco(
        {"segmentation": [[10, 10, 30, 10, 30, 40]], "keypoints": [1, 1, 2]},
        {"iscrowd": 1, "segmentation": {"size": [50, 100], "counts": [5000]}},
        {"bbox": [5, 5, 0, 4]},
        {"category_id": 2},
        images=["pipe.jpg", "dry.jpg"],
    )
    write(tmp_path / "set/a.json", text)
    status, out, _ = convert(tmp_path / "set", "--classes", "leak")
    assert status == 0
    assert out.splitlines()[:6] == [
        f"COCO: 1 object in 2 pictures written to {tmp_path}/out/annotations",
        "  1 picture without objects: kept as background",
        "  1 object with keypoints, which are lost",
        "  1 crowd (iscrowd): left out",
        "  1 object without area: left out",
        "  1 object of another class: left out",
    ]


def test_labelme_becomes_masks(convert, tmp_path):
    draw(tmp_path / "set/pipe.jpg")
    draw(tmp_path / "set/dry.jpg")
    shape = {"points": [[10, 10], [30, 10], [30, 40], [10, 40]]}
    write(tmp_path / "set/pipe.json", labelme(shape))
    write(tmp_path / "set/dry.json", labelme(image="dry.jpg"))
    status, out, _ = convert(tmp_path / "set", "--to", "masks")
    assert status == 0
    mask = np.array(Image.open(tmp_path / "out/masks/pipe.png"))
    expected = np.zeros((50, 100), np.uint8)
    expected[10:40, 10:30] = 255
    assert (mask == expected).all()
    assert not np.array(Image.open(tmp_path / "out/masks/dry.png")).any()
    assert "MASKS" in out


def test_boxes_of_yolo_fill_masks_and_it_is_said(convert, tmp_path):
    made = YoloSet(tmp_path / "set")
    made.add("a", "0 .5 .5 .2 .4\n1 .1 .1 .9 .1 .5 .8\n")
    _, out, _ = convert(made.folder, "--to", "masks")
    assert "  1 box without an outline: filled whole" in out
    assert "values in the masks: 1 leak, 2 puddle; FOREGROUND" in out
    mask = np.array(Image.open(tmp_path / "out/masks/a.png"))
    assert set(np.unique(mask)) == {0, 1, 2}


def test_sizes_that_are_not_the_pictures_are_refused(convert, tmp_path):
    draw(tmp_path / "set/pipe.jpg", size=(80, 40))
    write(tmp_path / "set/a.json", coco({}))
    status, _, err = convert(tmp_path / "set")
    assert status == 2
    assert "says 100x50, the picture is 80x40" in err
    assert not (tmp_path / "out").exists()


def test_boxes_on_a_picture_that_lies_on_its_side_are_refused(convert, tmp_path):
    # 100x50 as stored, 50x100 upright
    lying = encode_oriented(sample_image(1, (100, 50)), 6)
    write(tmp_path / "set/pipe.jpg", lying)
    write(tmp_path / "set/a.json", coco({}))
    status, _, err = convert(tmp_path / "set")
    assert status == 2
    assert "says 100x50, the picture is 50x100 upright (EXIF orientation 6)" in err


def test_a_broken_picture_is_named(convert, tmp_path):
    made = YoloSet(tmp_path / "set")
    made.add("a", "0 .5 .5 .2 .4\n")
    write(made.folder / "images/a.jpg", b"\xff\xd8\xff")
    status, _, err = convert(made.folder)
    assert status == 2 and "a.jpg" in err


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--classes", "rain"], "no class rain; there are: leak, puddle"),
        (["--images", "nowhere"], "nowhere is not a folder"),
    ],
)
def test_wrong_flags_are_named(convert, yolo, flags, said):
    status, _, err = convert(yolo.folder, *flags)
    assert status == 2 and said in err


def test_nothing_is_overwritten(convert, yolo, tmp_path):
    write(tmp_path / "out/mine.txt", "mine")
    status, _, err = convert(yolo.folder)
    assert status == 2 and "out is there already" in err
    assert (tmp_path / "out/mine.txt").read_text() == "mine"


def test_a_set_without_objects_is_refused(convert, tmp_path):
    made = YoloSet(tmp_path / "set")
    made.add("a", "0 .5 .5 .2 0\n")
    status, _, err = convert(made.folder)
    assert status == 2
    assert "0 objects in 1 picture" in err and "1 object without area" in err


@pytest.mark.parametrize("name", ["pipe.xml", "notes.json", "empty"])
def test_other_formats_are_refused(convert, tmp_path, name):
    write(tmp_path / "set" / name, "{}")
    status, _, err = convert(tmp_path / "set")
    assert status == 2 and "holds neither YOLO labels" in err
    status, _, err = convert(tmp_path / "nowhere")
    assert status == 2 and "nowhere is not there" in err


def test_one_stem_twice_is_refused(convert, tmp_path):
    made = YoloSet(tmp_path / "set")
    made.add("a", "0 .5 .5 .2 .4\n")
    draw(made.folder / "images" / "A.jpeg")
    status, _, err = convert(made.folder)
    assert status == 2 and "would have one annotation" in err
