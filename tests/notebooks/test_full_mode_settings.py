"""What the settings cells name in full mode: public sets, with their classes."""

import pytest

from inspection.course import mode
from inspection.datasets.fetching.public.entries import SETS
from inspection.publishing import editions, notebook_sync, runner

KINDS = {"01": "boxes", "02": "boxes", "03": "boxes", "08": "boxes", "04": "classes"}
KINDS |= {"05": "masks", "06": "masks"}


def settings_of(number):
    """Return {name: value} of the settings cell of a text."""
    (text,) = runner.find_notebooks([number], notebook_sync.TEXTS, ".py")
    known = {}
    exec(editions.settings_cell(notebook_sync.read_text(text)).source, known)
    return known


@pytest.mark.parametrize("number", KINDS)
def test_full_mode_takes_a_public_set_with_its_classes(number):
    settings = settings_of(number)
    pictures = settings.get("IMAGES") or settings["PICTURES"]
    entry = SETS[mode.pick("full", pictures)]
    assert entry.kind == KINDS[number]
    for name in ("ANNOTATIONS", "MASKS", "SPLITS"):
        assert mode.pick("full", settings.get(name, "")) == "", "the set's own"
    if "CLASSES" in settings:
        assert tuple(mode.pick("full", settings["CLASSES"])) == entry.classes


@pytest.mark.parametrize("number", KINDS)
def test_quick_mode_keeps_the_drawn_pictures(number):
    settings = settings_of(number)
    pictures = settings.get("IMAGES") or settings["PICTURES"]
    assert mode.pick("quick", pictures).startswith("data/")
    assert mode.pick("quick", settings["MODE"]) == "quick"


def test_the_two_modes_of_a_notebook_share_no_folder_of_a_training():
    for number in ("02", "03", "06", "07", "08"):
        run = settings_of(number)["RUN"]
        assert mode.named("quick", run) != mode.named("full", run)
