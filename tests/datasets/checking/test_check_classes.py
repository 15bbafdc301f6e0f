"""check_dataset.py on class folders: every fault, its message and exit status."""

import shutil

import pytest
from PIL import Image

from helpers.commands import run_command
from helpers.images import encode, encode_oriented, sample_image
from inspection.datasets.checking.check_classes import check_classes
from inspection.datasets.fault_kinds import OF_CLASSES
from inspection.datasets.faults import KINDS

COUNT = 40  # of each class: enough that val gets five of them


def fill(folder, counts, start=0):
    """Write so many pictures, all different, into a folder for each class."""
    for name, count in counts.items():
        (folder / name).mkdir(parents=True, exist_ok=True)
        for number in range(count):
            data = encode(sample_image(start + number), "JPEG")
            (folder / name / f"{start + number:04}.jpg").write_bytes(data)
        start += 1000
    return folder


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("classes") / "walls ü"
    return fill(folder, {"clean": COUNT, "crack": COUNT})


@pytest.fixture
def walls(made, tmp_path):
    return shutil.copytree(made, tmp_path / "walls ü")


@pytest.fixture
def run(walls, monkeypatch, capsys):
    def run(*arguments, folder=walls):
        return run_command(monkeypatch, capsys, "check_dataset", folder, *arguments)

    return run


def raw(data, name="crack/x.jpg"):
    return lambda folder: (folder / name).write_bytes(data)


def saved_anew(folder, source, target, brightness=1.0):
    image = Image.open(folder / source).point(lambda value: value * brightness)
    image.save(folder / target, quality=60)


def move(folder, name, count, target):
    """Move all but so many pictures of a class out of the set."""
    for path in sorted((folder / name).iterdir())[count:]:
        path.unlink()


# kind, what breaks a set of two good classes, text that must be in the report
FAULTS = [
    ("empty-class", lambda f: (f / "stain").mkdir(), "stain: holds 0 pictures"),
    (
        "split-inside-class",
        lambda f: fill(f / "crack", {"Valid": 1}, 7000),
        "crack/Valid: is a part of a split inside a class",
    ),
    (
        "two-classes",
        lambda f: shutil.copy(f / "clean/0003.jpg", f / "crack/again.jpg"),
        "clean/0003.jpg: is in two classes: crack/again.jpg",
    ),
    (
        "near-two-classes",
        lambda f: saved_anew(f, "clean/0003.jpg", "crack/again.jpg"),
        "clean/0003.jpg: and crack/again.jpg",
    ),
    ("broken-picture", raw(b"<html>"), "crack/x.jpg: is no picture: it begins with"),
    (
        "broken-picture",
        raw(encode(sample_image(9), "JPEG")[:-400]),
        "crack/x.jpg: is cut off or damaged",
    ),
    (
        "black-picture",
        raw(encode(sample_image(9).point(lambda value: value // 20), "JPEG")),
        "crack/x.jpg: no part of it reaches 16 of 255",
    ),
    (
        "large-picture",
        raw(encode(sample_image(9, (2000, 1000)), "JPEG")),
        "crack/x.jpg: 2000x1000, 2.0 MP",
    ),
    (
        "wrong-extension",
        raw(encode(sample_image(9999), "PNG")),
        "crack/x.jpg: is a PNG, read as such",
    ),
    (
        "turned-upright",
        raw(encode_oriented(sample_image(9999), 6)),
        "crack/x.jpg: turned upright (EXIF)",
    ),
    (
        "same-picture",
        lambda f: shutil.copy(f / "clean/0003.jpg", f / "clean/again.jpg"),
        "clean/0003.jpg: and clean/again.jpg",
    ),
    (
        "near-duplicates",
        lambda f: saved_anew(f, "clean/0003.jpg", "clean/again.jpg", 0.8),
        "clean/0003.jpg: and clean/again.jpg",
    ),
    ("few-pictures", lambda f: move(f, "crack", 20, f), "val would hold 3 of them"),
    ("not-read", raw(b"", "crack/Thumbs.db"), "crack/Thumbs.db: no picture by its"),
    ("not-a-picture", raw(b"", "crack/._x.jpg"), "crack/._x.jpg: left by macOS"),
    (
        "class-subfolder",
        lambda f: fill(f / "crack", {"site 2": 3}, 7000),
        "crack/site 2/: 3 of the class, read",
    ),
]


@pytest.mark.parametrize("kind, break_it, text", FAULTS, ids=[row[0] for row in FAULTS])
def test_reports_fault(walls, run, kind, break_it, text):
    break_it(walls)
    status, out, _ = run()
    assert text in out
    assert f"{KINDS[kind].severity}: {KINDS[kind].title} (1)" in out
    assert f"mend: {KINDS[kind].mend}" in out
    assert status == (KINDS[kind].severity == "error")


def test_every_kind_of_fault_is_tested():
    elsewhere = {"odd-good"}  # in test_check_good.py
    assert set(OF_CLASSES) <= {kind for kind, _, _ in FAULTS} | elsewhere


def test_a_good_set_has_no_fault(run):
    status, out, err = run("--strict")
    assert (status, err) == (0, "")
    assert out.startswith("classes: class folders in ")
    assert "80 pictures of 2 classes" in out
    assert out.endswith("0 errors, 0 warnings, 0 notes\n")


def test_one_to_twenty_is_uneven(walls, run):
    move(walls, "crack", 2, walls)
    status, out, _ = run("--strict")
    assert "crack: 2 pictures, 40 of clean" in out
    assert status == 1


@pytest.fixture
def parted(tmp_path):
    fill(tmp_path / "set/train", {"clean": 8, "crack": 8})
    fill(tmp_path / "set/val", {"clean": 5, "crack": 5}, 100)
    return fill(tmp_path / "set/test", {"clean": 5, "crack": 5}, 200).parent


def test_a_split_of_folders_is_counted(parted, run):
    status, out, _ = run("--strict", folder=parted)
    assert status == 0
    assert [line.split() for line in out.splitlines() if line.startswith("cl")][1:] == [
        ["class", "pictures", "train", "val", "test"],
        ["clean", "18", "8", "5", "5"],
    ]


@pytest.mark.parametrize(
    ("brightness", "text"), [(None, "two sides"), (1.0, "in train; test/crack/x.jpg")]
)
def test_copies_on_two_sides(parted, run, brightness, text):
    if brightness is None:
        shutil.copy(parted / "train/crack/1001.jpg", parted / "test/crack/x.jpg")
    else:
        saved_anew(parted, "train/crack/1001.jpg", "test/crack/x.jpg", brightness)
    status, out, _ = run(folder=parted)
    assert status == 1
    assert f"error: {KINDS['both-sides'].title} (1)" in out and text in out


def test_names_that_repeat_in_every_folder_are_no_copies(parted, run):
    for split in ("train", "val", "test"):
        for number, path in enumerate(sorted((parted / split).glob("*/*.jpg"))):
            path.rename(path.with_name(f"{number}.jpg"))
    assert run("--strict", folder=parted)[0] == 0


def test_a_split_without_val_or_of_few(parted, run):
    shutil.rmtree(parted / "val")
    (parted / "test/crack/1200.jpg").unlink()
    status, out, _ = run(folder=parted)
    assert status == 0
    assert "val: is not among test, train" in out
    assert "crack: 4 pictures in test" in out


def test_a_class_missing_in_val_is_an_error(parted, run):
    shutil.rmtree(parted / "val/crack")
    status, out, _ = run(folder=parted)
    assert status == 1 and "val/crack: holds 0 pictures" in out


def test_folders_that_are_no_classes_are_refused(tmp_path, run):
    status, _, err = run(folder=fill(tmp_path / "one", {"only": 3}))
    assert status == 2 and "classes: only" in err
    status, _, err = run("--classes", "clean", "Crack")
    assert status == 2 and "Crack: is no folder" in err


def test_the_page_shows_two_pictures_side_by_side(walls, run, tmp_path):
    saved_anew(walls, "clean/0003.jpg", "crack/again.jpg")
    page = tmp_path / "report.html"
    assert f"wrote {page}" in run("--html", page)[1]
    text = page.read_text(encoding="utf-8")
    assert "<figure class=pair>" in text and "crack/again.jpg" in text
    assert text.count('src="data:image/jpeg;base64,') >= 10


def test_pictures_of_more_than_8_bits_say_their_white(walls, run):
    pixels = Image.new("I;16", (64, 48))
    for x in range(64):
        pixels.putpixel((x, x % 48), 4000 - x)
    pixels.save(walls / "crack/deep.png")
    out = run()[1]
    assert "crack/deep.png: png I;16, 16 bits, values to 4,095 taken as white" in out


def test_real_sets_have_only_what_is_known(shared_data):
    report = check_classes(shared_data / "pavement_cracks")
    assert report.exit_code() == 0
    assert report.statistics.totals() == {"negative": 500, "positive": 500}
    assert "turned-upright" in report.by_kind()
