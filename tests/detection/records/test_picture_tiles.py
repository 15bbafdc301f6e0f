"""Pictures and boxes cut into tiles: what each tile shows, by hand, and the command."""

import numpy as np
import pytest
from PIL import Image

from helpers.commands import run_command
from inspection.datasets import voc
from inspection.datasets.splitting.split_lists import read_splits
from inspection.detection.records.picture_tiles import cut_annotation

LEAK = voc.Box("leak", 70, 10, 90, 30)  # across the seam of tiles at 0 and 80
PUDDLE = voc.Box("puddle", 120, 60, 170, 95)


@pytest.fixture
def folder(tmp_path):
    """Return a folder with two pictures of 180 x 100, and lists that part them."""
    for name in ("images", "annotations", "splits"):
        (tmp_path / name).mkdir()
    for number, boxes in enumerate([(LEAK, PUDDLE), ()]):
        pixels = np.full((100, 180, 3), 90, np.uint8)
        for box in boxes:
            pixels[box.ymin : box.ymax, box.xmin : box.xmax] = 255
        image = tmp_path / f"images/hall ü {number}.png"
        Image.fromarray(pixels).save(image)
        xml = tmp_path / f"annotations/hall ü {number}.xml"
        voc.write_annotation(voc.Annotation(xml, image, 180, 100, boxes), xml)
        split = ("train", "test")[number]
        (tmp_path / f"splits/{split}.txt").write_text(f"hall ü {number}\n", "utf-8")
    return tmp_path


def cut(monkeypatch, capsys, folder, *more):
    return run_command(
        monkeypatch,
        capsys,
        "cut_tiles",
        *("-x", folder / "annotations", "-i", folder / "images"),
        *("-o", folder / "out", "--tile", 100, *more),
    )


def test_what_tiles_show_by_hand(folder):
    (sheet,) = [
        s for s in voc.read_folder(folder / "annotations", folder / "images") if s.boxes
    ]
    left, right = cut_annotation(sheet, (100, 180), 100, 0.2, 0.5)
    assert left[0].box == (0, 0, 100, 100) and right[0].box == (0, 80, 100, 180)
    assert [(b.name, b.xmin, b.xmax, b.truncated) for b in left[2]] == [
        ("leak", 70, 90, False)
    ]
    # the right tile shows half of the leak, columns 80 to 90
    assert [(b.name, b.xmin, b.xmax, b.truncated) for b in right[2]] == [
        ("leak", 0, 10, True),
        ("puddle", 40, 90, False),
    ]
    _, right = cut_annotation(sheet, (100, 180), 100, 0.2, 0.6)
    assert [b.name for b in right[2]] == ["puddle"]


def test_the_command_writes_a_set(folder, monkeypatch, capsys):
    status, out, err = cut(
        monkeypatch, capsys, folder, "--splits", folder / "splits", "--empty", 0
    )
    assert (status, err) == (0, "")
    assert "2 pictures with 2 objects: 2 tiles with 3 boxes" in out
    sheets = voc.read_folder(folder / "out/annotations", folder / "out/images")
    for sheet in sheets:
        pixels = np.array(Image.open(sheet.image))
        painted = np.zeros(pixels.shape[:2], bool)
        for box in sheet.boxes:
            painted[int(box.ymin) : int(box.ymax), int(box.xmin) : int(box.xmax)] = True
        np.testing.assert_array_equal(pixels[..., 0] > 200, painted)
    splits = read_splits([folder / "out/splits"], [s.path.stem for s in sheets])
    assert len(splits["train"]) == 2


def test_empty_tiles_are_kept_by_share(folder, monkeypatch, capsys):
    status, out, _ = cut(monkeypatch, capsys, folder, "--empty", 1)
    assert status == 0 and "4 tiles" in out


@pytest.mark.parametrize(
    "more, says",
    [(("--tile", 8), "at least 32"), (("--overlap", 0.9), "not from 0.05 to 0.5")],
)
def test_what_makes_no_tiles_is_refused(folder, monkeypatch, capsys, more, says):
    status, _, err = cut(monkeypatch, capsys, folder, *more)
    assert status == 2 and says in err and not (folder / "out").exists()


def test_a_folder_that_holds_something_is_left_alone(folder, monkeypatch, capsys):
    (folder / "out").mkdir()
    (folder / "out/mine.txt").write_text("mine")
    status, _, err = cut(monkeypatch, capsys, folder)
    assert status == 2 and "is there already" in err
    assert (folder / "out/mine.txt").read_text() == "mine"
