"""Settings of a notebook that do not belong together are named before anything is read."""

import shutil

import pytest

from inspection.common.errors import UserError
from inspection.course import paths, settings_check
from inspection.publishing import runner

LEAKS = paths.ROOT / "data/leaks"
RUST = paths.ROOT / "data/rust"


def touch(folder, *names):
    folder.mkdir(parents=True)
    for name in names:
        (folder / name).write_text("a\n")
    return folder


@pytest.fixture
def own(tmp_path):
    """Return a folder with pictures, annotations, masks and lists of two pipes."""
    touch(tmp_path / "images", "pipe ü 1.JPG", "pipe ü 2.jpg")
    touch(tmp_path / "annotations", "pipe ü 1.xml", "pipe ü 2.XML")
    touch(tmp_path / "masks", "pipe ü 1_mask.png", "pipe ü 2_mask.png")
    lists = touch(tmp_path / "splits")
    (lists / "train.txt").write_text("pipe ü 1\n", encoding="utf-8")
    (lists / "test.txt").write_text("PIPE ü 2.jpg\n", encoding="utf-8")
    return tmp_path


def annotations(folder):
    return {"ANNOTATIONS": folder / "annotations"}


@pytest.mark.parametrize("splits", ["", "splits"])
def test_settings_of_one_set_are_taken(own, splits):
    settings_check.check(own / "images", annotations(own), splits and own / splits)
    settings_check.check(own / "images", {"MASKS": own / "masks"})
    bundled = LEAKS / splits if splits else ""
    settings_check.check(LEAKS / "images", annotations(LEAKS), bundled)
    settings_check.check(RUST / "images", {"MASKS": RUST / "masks"}, RUST / "splits")


def test_lists_of_the_bundled_pictures_are_named(own):
    with pytest.raises(UserError) as error:
        settings_check.check(own / "images", annotations(own), "data/leaks/splits")
    assert str(error.value) == (
        "the settings do not belong together: SPLITS still names the lists of the "
        'bundled pictures: set it to ""'
    )


def test_every_line_that_was_forgotten_is_named_at_once(own):
    with pytest.raises(UserError) as error:
        settings_check.check(own / "images", annotations(LEAKS), LEAKS / "splits")
    text = str(error.value)
    assert "ANNOTATIONS still names the annotations of the bundled" in text
    assert "SPLITS still names" in text
    with pytest.raises(
        UserError, match="IMAGES still names the pictures of the bundled"
    ):
        settings_check.check(LEAKS / "images", annotations(own))
    with pytest.raises(UserError, match="MASKS still names the masks of the bundled"):
        settings_check.check(own / "images", {"MASKS": RUST / "masks"})


def test_the_bundled_pictures_may_be_annotated_anew_or_lie_elsewhere(tmp_path):
    touch(tmp_path / "annotations", "leak_000.xml", "leak_001.xml")
    settings_check.check(LEAKS / "images", annotations(tmp_path))
    moved = tmp_path / "images"
    moved.mkdir()
    for path in sorted((LEAKS / "images").iterdir())[:3]:
        shutil.copy(path, moved)
    settings_check.check(moved, annotations(LEAKS), LEAKS / "splits")
    touch(tmp_path / "foreign", "other.jpg")
    with pytest.raises(UserError, match="ANNOTATIONS still names"):
        settings_check.check(tmp_path / "foreign", annotations(LEAKS))


def test_lists_that_fit_no_picture_are_named(own, tmp_path):
    lists = touch(tmp_path / "other lists", "train.txt")
    with pytest.raises(UserError, match="SPLITS: no name in .*other lists"):
        settings_check.check(own / "images", annotations(own), lists)
    with pytest.raises(UserError, match="run notebook 01 with these settings first"):
        settings_check.check(own / "images", annotations(own), "", lists)
    settings_check.check(own / "images", annotations(own), "", tmp_path / "none yet")


def test_the_bundled_other_set_is_named(own):
    cracks = paths.ROOT / "data/cracks"
    with pytest.raises(UserError, match='OTHER still names .*: set it to ""'):
        settings_check.check_other(own, cracks / "other")
    settings_check.check_other(cracks / "concrete", cracks / "other")
    settings_check.check_other(own, "")
    settings_check.check_other(own, own)


def test_the_bundled_photograph_beside_own_pictures_is_said(own, capsys):
    cracks = paths.ROOT / "data/cracks"
    settings_check.check_other(cracks / "concrete", "", cracks / "slab.jpg")
    settings_check.check_other(own, "", "")
    settings_check.check_other(own, "", own / "wall.jpg")
    assert capsys.readouterr().err == ""
    settings_check.check_other(own, "", cracks / "slab.jpg")
    assert "warning: PHOTO still names the photograph" in capsys.readouterr().err


def test_every_notebook_that_takes_pictures_asks():
    files = runner.find_notebooks((), TEXTS, ".py")
    texts = {runner.number_of(p): p.read_text(encoding="utf-8") for p in files}
    opening = {n for n, text in texts.items() if "own_set.open_" in text}
    taking = {n for n, text in texts.items() if "open_folder(" in text} - opening
    assert opening | taking == {"01", "02", "03", "04", "05", "06", "08"}
    assert {n for n in taking if "settings_check.check" not in texts[n]} == set()


TEXTS = paths.ROOT / "notebooks" / "text"
