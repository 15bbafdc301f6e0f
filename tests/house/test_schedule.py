"""What takes long is shared out first; the table that says so names files that exist."""

import tomllib

import pytest

from helpers import ROOT

SCHEDULE = tomllib.loads((ROOT / "tests/schedule.toml").read_text(encoding="utf-8"))


def test_the_files_of_the_schedule_are_there():
    grouped = [file for files in SCHEDULE["together"].values() for file in files]
    named = [*SCHEDULE["seconds"], *grouped]
    assert [name for name in named if not (ROOT / name).is_file()] == []
    assert len(set(grouped)) == len(grouped)


def test_this_file_is_fast(request):
    assert request.node.get_closest_marker("slow") is None


@pytest.fixture
def run(pytester, monkeypatch):
    """Return a function that runs pytest on three files with our conftest."""
    (pytester.path / "tests").mkdir()
    schedule = '[seconds]\n"tests/test_long.py" = 9\n[together]\n'
    (pytester.path / "tests/schedule.toml").write_text(schedule)
    pytester.makeconftest((ROOT / "conftest.py").read_text(encoding="utf-8"))
    pytester.makeini("[pytest]\nmarkers = slow: long\naddopts = -p no:cacheprovider\n")
    for name in ("a", "long"):
        path = pytester.path / f"tests/test_{name}.py"
        path.write_text("def test_one():\n    pass\n\n\ndef test_two():\n    pass\n")
    return lambda *flags: pytester.runpytest_inprocess("-v", *flags, "tests")


def test_long_files_come_first(run):
    lines = run().stdout.lines
    names = [line.split("::")[0] for line in lines if "PASSED" in line]
    assert names == ["tests/test_long.py"] * 2 + ["tests/test_a.py"] * 2


def test_the_fast_ones_alone(run):
    run("-m", "not slow").assert_outcomes(passed=2)
    run("-m", "slow").assert_outcomes(passed=2, deselected=2)
