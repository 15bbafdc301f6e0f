"""What the tests of check_dataset.py share: a small set, and the command run on it."""

import pytest

from helpers.commands import run_command
from helpers.sets.voc_sets import VocSet


@pytest.fixture
def voc_set(tmp_path):
    return VocSet(tmp_path, count=4)


@pytest.fixture
def run(voc_set, monkeypatch, capsys):
    def run(*arguments, folder=voc_set):
        places = ("-x", folder.annotations, "-i", folder.images)
        return run_command(monkeypatch, capsys, "check_dataset", *places, *arguments)

    return run
