"""Damaged files of every format: a UserError or a result, nothing else, and soon."""

import random

import pytest

from helpers.sets.foreign_sets import YoloSet, coco, draw, labelme, write
from inspection.common.errors import UserError
from inspection.datasets.formats.conversion import convert
from inspection.datasets.formats.reading import read_labelled

ROWS = "0 .5 .5 .2 .4\n1 .1 .1 .9 .1 .5 .8\n"
PIECES = [
    "-",
    "e9",
    "9" * 30,
    "null",
    "[",
    "]",
    "{",
    "}",
    '"',
    ",",
    "NaN",
    "\\u0000",
    "\0",
]
PIECES += [
    "true",
    "1e308",
    ":",
    "&a",
    "*a",
    "!!python/object:os.system",
    "\ufeff",
    "\ud800",
]
TRIES = 150


def spoil(text, rng):
    """Return a text with some of its characters lost, doubled, or replaced by others."""
    for _ in range(rng.randint(1, 4)):
        start = rng.randrange(len(text) + 1)
        end = min(len(text), start + rng.choice([0, 0, 1, 5, 40]))
        text = text[:start] + rng.choice([*PIECES, "", ""]) + text[end:]
    return text.encode("utf-8", "surrogatepass")


@pytest.fixture(params=["coco", "labelme", "rows", "yaml"])
def damaged(request, tmp_path):
    """Return the folder of a set, the file in it to spoil, and its sound text."""
    folder = tmp_path / "set"
    if request.param in ("rows", "yaml"):
        yolo = YoloSet(folder)
        yolo.add("a", ROWS)
        yolo.add("b", ROWS)
        if request.param == "rows":
            return folder, folder / "labels/b.txt", ROWS
        return (
            folder,
            folder / "data.yaml",
            "names: {0: leak, 1: puddle}\nkpt_shape: [2, 3]",
        )
    draw(folder / "pipe.jpg")
    outline = {
        "segmentation": [[10, 10, 30, 10, 30, 40]],
        "attributes": {"rotation": 5},
    }
    runs = {"segmentation": {"size": [50, 100], "counts": [4990, 10]}, "iscrowd": 1}
    polygon = {"points": [[10, 10], [50, 10], [10, 30]]}
    texts = {"coco": coco(outline, runs), "labelme": labelme(polygon, polygon)}
    text = texts[request.param]
    return folder, write(folder / "pipe.json", text), text


@pytest.mark.parametrize("to", ["voc", "masks"])
def test_nothing_but_a_user_error_comes_of_damage(damaged, tmp_path, to):
    folder, path, text = damaged
    rng = random.Random(7)
    refused = 0
    for number in range(TRIES):
        write(path, spoil(text, rng))
        try:
            _, labelled = read_labelled(folder)
            convert(labelled, tmp_path / f"out{number}", to)
        except UserError as error:
            refused += 1
            assert str(error)
    assert refused > TRIES / 5


@pytest.mark.parametrize(
    "text",
    [
        '{"shapes": [], "imagePath": ' + "[" * 200_000,
        '{"images": [], "annotations": [' + '{"a":' * 50_000,
        '{"images": [], "annotations": [], "categories": ' + "1" * 200_000 + "}",
    ],
    ids=["lists", "objects", "digits"],
)
def test_deep_and_long_json_is_refused(tmp_path, text):
    write(tmp_path / "set/a.json", text)
    with pytest.raises(UserError, match="a.json"):
        read_labelled(tmp_path / "set")


def test_an_intricate_outline_is_refused(tmp_path):
    draw(tmp_path / "set/pipe.jpg", size=(100, 3000))
    zigzag = [n for k in range(40_000) for n in (k % 100, 3000 * (k % 2))]
    text = coco({"segmentation": [zigzag]})
    write(tmp_path / "set/a.json", text.replace('"height": 50', '"height": 3000'))
    _, labelled = read_labelled(tmp_path / "set")
    with pytest.raises(UserError, match="too intricate"):
        convert(labelled, tmp_path / "out", "masks")


def test_a_file_that_is_too_large_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("inspection.datasets.formats.json_values.LARGEST_FILE", 100)
    draw(tmp_path / "set/pipe.jpg")
    write(tmp_path / "set/a.json", coco({}))
    with pytest.raises(UserError, match="a.json is too large: .* MB of JSON"):
        read_labelled(tmp_path / "set")
