"""The small faults that the tests must notice, and the tool that puts them in."""

import pytest

import mutate
from helpers import ROOT
from inspection.common.errors import UserError

MUTANTS = mutate.read_mutants()
MODULE = "def larger(a, b):\n    return a if a > b else b\n\n\nLIMIT = 3\n"
TEST = (
    "from inspection.m import larger\n\n\ndef test():\n    assert larger(1, 2) == 2\n"
)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_fault_can_be_put_in(mutant):
    text = (ROOT / mutate.PACKAGE / mutant.file).read_text(encoding="utf-8")
    assert mutant.applied(text) != text
    assert mutant.tests
    for test in mutant.tests:
        assert (ROOT / test.split("::")[0]).exists()


def test_there_are_fifty_of_different_names():
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS) == 50


def make_mutant(old="a > b", new="a < b", name="order: turned"):
    return mutate.Mutant(name, "m.py", old, new, ("tests/test_m.py",))


@pytest.mark.parametrize("old", ["a >= b", "a"])
def test_a_text_that_is_not_there_once_is_named(old):
    with pytest.raises(UserError, match=r"order: turned: 'a.*' stands \d+ times in m"):
        make_mutant(old).applied(MODULE)


def test_faults_are_chosen_by_the_beginning_of_their_names():
    chosen = mutate.choose(MUTANTS, ["alarm", "partition"])
    assert [m.name.split(":")[0] for m in chosen] == ["partition"] * 2 + ["alarm"]
    assert mutate.choose(MUTANTS, []) == MUTANTS
    with pytest.raises(UserError, match="begins with clock"):
        mutate.choose(MUTANTS, ["alarm", "clock"])


@pytest.fixture
def tree(tmp_path):
    """Return a course of one module and one test."""
    for name, text in {
        "scripts/inspection/m.py": MODULE,
        "tests/test_m.py": TEST,
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True)
        path.write_text(text)
    (tmp_path / "tools").mkdir()
    (tmp_path / "conftest.py").touch()
    (tmp_path / "pyproject.toml").write_text(
        '[tool.pytest.ini_options]\npythonpath = ["scripts"]\n'
    )
    return tmp_path


@pytest.mark.slow
def test_faults_are_tried_in_copies(tree, capsys):
    mutants = [make_mutant(), make_mutant("LIMIT = 3", "LIMIT = 4", "limit: higher")]
    outcomes = mutate.run_all(mutants, tree)
    assert outcomes == {"order: turned": "caught", "limit: higher": "survived"}
    assert (tree / "scripts/inspection/m.py").read_text() == MODULE
    assert "survived limit: higher" in capsys.readouterr().out


@pytest.mark.slow
def test_tests_that_fail_without_a_fault_prove_nothing(tree):
    (tree / "tests/test_m.py").write_text("def test():\n    assert False\n")
    with pytest.raises(
        UserError, match=r"tests/test_m.py: ends with 1 without a fault"
    ):
        mutate.run_all([make_mutant()], tree)
