"""What the settings of a notebook open: whole sets, with the checks of settings."""

import pytest

from helpers.sets.public_sets import lay_out, lay_out_masks
from inspection.common.errors import UserError
from inspection.course import own_set, paths
from inspection.datasets import voc
from inspection.datasets.splitting.split_lists import read_splits

LEAKS = str(paths.ROOT / "data/leaks")
RUST = str(paths.ROOT / "data/rust")


@pytest.fixture(autouse=True)
def into(tmp_path, monkeypatch):
    monkeypatch.setattr(own_set, "UNPACKED", tmp_path / "into")


def test_the_bundled_settings_stay_as_they_are():
    settings = [f"{LEAKS}/images", f"{LEAKS}/annotations", f"{LEAKS}/splits"]
    assert [str(part) for part in own_set.open_boxes(*settings)] == settings
    settings = [f"{RUST}/images", f"{RUST}/masks", f"{RUST}/splits"]
    assert [str(part) for part in own_set.open_masks(*settings)] == settings


def test_a_bundled_set_may_be_given_whole():
    images, annotations, splits = own_set.open_boxes(LEAKS, "", "")
    assert len(voc.read_folder(annotations, images)) == 150
    assert read_splits([splits]) == read_splits([f"{LEAKS}/splits"])
    _, _, splits = own_set.open_masks(RUST, RUST, "")
    assert read_splits([splits]) == read_splits([f"{RUST}/splits"])


def test_a_set_of_ones_own_is_opened_by_one_line(tmp_path):
    dealt = lay_out(tmp_path / "set", "roboflow")
    found = own_set.open_boxes(str(tmp_path / "set"), "", "", tmp_path / "made")
    assert read_splits([found.splits]) == dealt
    dealt = lay_out_masks(tmp_path / "masks", "roboflow")
    found = own_set.open_masks(str(tmp_path / "masks"), "", "")
    assert read_splits([found.splits]) == dealt


@pytest.mark.parametrize(
    ("annotations", "splits", "said"),
    [
        (f"{LEAKS}/annotations", "", "ANNOTATIONS still names"),
        ("", f"{LEAKS}/splits", "SPLITS still names"),
    ],
)
def test_a_line_that_was_forgotten_is_named(tmp_path, annotations, splits, said):
    lay_out(tmp_path / "set", "roboflow")
    with pytest.raises(UserError, match=said):
        own_set.open_boxes(str(tmp_path / "set"), annotations, splits)


def test_lists_of_another_notebook_are_held_against_the_set(tmp_path):
    lay_out(tmp_path / "set", "images and annotations")
    made = f"{LEAKS}/splits"
    with pytest.raises(UserError, match="of other pictures: run notebook 01"):
        own_set.open_boxes(str(tmp_path / "set"), "", "", made)
