"""check_dataset.py on pictures and masks: every fault, its message and exit status."""

import numpy as np
import pytest
from PIL import Image

from helpers.commands import run_command
from helpers.images import encode, encode_oriented, sample_image
from helpers.sets.mask_sets import SIZE, MaskSet, square
from inspection.datasets.checking.check_masks import check_masks
from inspection.datasets.fault_kinds import OF_MASKS
from inspection.datasets.faults import KINDS


def line_mask(size=(640, 480)):
    """Return a mask with a vertical line of one pixel."""
    mask = np.zeros(size[::-1], np.uint8)
    mask[:, 300] = 255
    return mask


def invert(s):
    for path in sorted(s.masks.iterdir()):
        # a square of a quarter becomes three quarters
        Image.fromarray(255 - np.asarray(Image.open(path))).save(path)


# kind, what breaks a set of five good pairs, text that must be in the report
FAULTS = [
    ("no-mask", lambda s: s.add("x"), "x.jpg: has no mask"),
    (
        "lonely-mask",
        lambda s: Image.fromarray(square()).save(s.masks / "nobody.png"),
        "nobody.png: is a mask without a picture",
    ),
    (
        "several-masks",
        lambda s: Image.fromarray(square()).save(s.masks / "p1_mask.png"),
        "p1.jpg: has several masks: p1.png, p1_mask.png",
    ),
    (
        "second-picture",
        lambda s: sample_image(77, SIZE).save(s.images / "p1.png"),
        "p1.png: is the second for the mask of p1.jpg",
    ),
    (
        "mask-size",
        lambda s: s.add("x", square()[:30]),
        "x.jpg: is 80x60, its mask 80x30",
    ),
    (
        "lying-mask",
        lambda s: s.add("x", square(), encode_oriented(sample_image(9, SIZE), 6)),
        "x.jpg: is 60x80, its mask 80x60, drawn on the picture as it lies",
    ),
    (
        "broken-mask",
        lambda s: (s.masks / "p1.png").write_bytes(b"no picture"),
        "p1.png: is no picture",
    ),
    (
        "broken-mask",
        lambda s: (s.masks / "p1.png").write_bytes(
            (s.masks / "p2.png").read_bytes()[:-25]
        ),
        "p1.png: ",
    ),
    (
        "mask-values",
        lambda s: s.add("x", square(high=100) + square()[:, ::-1] // 2),
        "masks: the masks hold",
    ),
    ("inverted-masks", invert, "masks: the masks mark 75 % of the pictures"),
    (
        "thin-lines",
        lambda s: s.add("x", line_mask(), size=(640, 480)),
        "x.png: 100 % of its foreground vanishes at 256x256",
    ),
    ("empty-mask", lambda s: s.add("x", square(high=0)), "x.png: has no foreground"),
    (
        "broken-picture",
        lambda s: (s.images / "p1.jpg").write_bytes(b"\xff\xd8\xff\xe0 cut"),
        "p1.jpg: is a broken JPEG",
    ),
    (
        "broken-picture",
        lambda s: s.add("x", square(), encode(sample_image(9, SIZE), "JPEG")[:-400]),
        "x.jpg: is cut off",
    ),
    (
        "black-picture",
        lambda s: s.add(
            "x",
            square(),
            encode(sample_image(9, SIZE).point(lambda v: v // 20), "JPEG"),
        ),
        "x.jpg: no part of it reaches 16 of 255",
    ),
    (
        "large-picture",
        lambda s: s.add("x", square((2000, 1000)), size=(2000, 1000)),
        "x.jpg: 2000x1000, 2.0 MP",
    ),
    (
        "turned-picture",
        lambda s: s.add("x", square(), encode_oriented(sample_image(9, SIZE), 3)),
        "x.jpg: EXIF orientation 3",
    ),
    (
        "same-picture",
        lambda s: s.add("x", square(), (s.images / "p1.jpg").read_bytes()),
        "p1.jpg: and x.jpg",
    ),
    (
        "not-a-picture",
        lambda s: (s.masks / "._p1.png").write_bytes(b""),
        "._p1.png: ignored",
    ),
]


@pytest.fixture
def rust(tmp_path):
    return MaskSet(tmp_path, count=5)


@pytest.fixture
def run(rust, monkeypatch, capsys):
    def run(*arguments):
        places = ("-i", rust.images, "--masks", rust.masks)
        return run_command(monkeypatch, capsys, "check_dataset", *places, *arguments)

    return run


@pytest.mark.parametrize("kind, break_it, text", FAULTS, ids=[row[0] for row in FAULTS])
def test_reports_fault(rust, run, kind, break_it, text):
    break_it(rust)
    status, out, err = run()
    assert text in out
    assert f"{KINDS[kind].severity}: {KINDS[kind].title} (1)" in out
    assert f"mend: {KINDS[kind].mend}" in out
    assert err == ""
    assert status == (KINDS[kind].severity == "error")


def test_every_kind_of_fault_is_tested():
    assert set(OF_MASKS) <= {kind for kind, _, _ in FAULTS}


def test_a_good_set_has_no_fault(run):
    status, out, _ = run("--strict")
    assert status == 0
    assert out.startswith("masks: masks in ")
    assert "5 pictures, 5 masks, 0 of them empty" in out
    assert out.endswith("0 errors, 0 warnings, 0 notes\n")


def test_what_counts_can_be_named(rust, run):
    rust.add("x", square(high=100) + square()[:, ::-1] // 2)
    for counted in (["all"], [100, 255]):
        status, out, _ = run("--foreground", *map(str, counted))
        assert status == 0 and "6 pictures, 6 masks" in out


def test_only_empty_masks_are_nothing_to_learn_from(rust, run):
    for path in rust.masks.iterdir():
        Image.fromarray(square(high=0)).save(path)
    status, out, _ = run()
    assert status == 2
    assert "0 marked masks: nothing to learn from" in out


def test_a_line_that_lasts_is_no_fault(rust, run):
    rust.add("x", line_mask(), size=(640, 480))
    assert run("--strict")[0] == 1
    assert run("--strict", "--size", "640")[0] == 0


def test_many_empty_masks_and_an_empty_val(rust, run):
    for number in range(100):
        rust.add(f"e{number}", square(high=0), seed=500 + number)
    rust.write_lists(train=[f"p{n}" for n in range(5)], val=["e1"], test=["p0", "gone"])
    status, out, _ = run("--splits", rust.root / "splits")
    assert status == 1
    assert "foreground: 5 pictures, 100 of nothing" in out
    assert "val: holds no foreground" in out
    assert "p0: listed in train and test" in out
    assert "gone: listed in test, has no picture" in out


def test_lists_without_val_are_warned_of(rust, run):
    rust.write_lists(train=["p0", "p1"], test=["p2"])
    status, out, _ = run("--splits", rust.root / "splits")
    assert status == 0 and "val: is not among test, train" in out


def test_pieces_and_one_folder(tmp_path, monkeypatch, capsys):
    both = MaskSet(tmp_path)
    both.masks = both.images
    for number in range(3):
        both.add(f"p{number}", seed=number)
        Image.fromarray(square()).save(both.images / f"p{number}_mask_1.png")
        Image.fromarray(square()[::-1]).save(both.images / f"p{number}_mask_2.png")
    done = run_command(monkeypatch, capsys, "check_dataset", both.images, "--strict")
    assert done[0] == 0 and "3 pictures, 3 masks" in done[1]


def test_the_page_shows_masks(rust, run, tmp_path):
    rust.add("x", line_mask(), size=(640, 480))
    rust.add("y")
    page = tmp_path / "report.html"
    run("--html", page)
    text = page.read_text(encoding="utf-8")
    assert text.count('src="data:image/jpeg;base64,') >= 7
    assert "median area" in text and "y.jpg" in text


def test_real_masks_have_only_what_is_known(shared_data):
    folder = shared_data / "crack_masks"
    if not folder.is_dir():
        pytest.skip("needs ../shared/data/crack_masks, which is not here")
    report = check_masks(folder / "images", folder / "masks")
    assert report.count("error") == 0
    assert report.statistics.masks == len(list((folder / "masks").iterdir()))
