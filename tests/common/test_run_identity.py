"""The identity of a run: what may go on, and what is refused by name."""

import pytest

from inspection.common import run_identity
from inspection.common.errors import UserError

IDENTITY = {
    "settings": {"epochs": 3, "size": (32, 32)},
    "weights": "",
    "data": {"train": {"a": "1", "b": "2", "ü": "3"}, "val": {"c": "4"}},
}


def changed(**parts):
    return {**IDENTITY, **parts}


def test_the_same_run_goes_on(tmp_path, capsys):
    run_identity.begin(tmp_path / "new", IDENTITY, begun=False)
    run_identity.begin(tmp_path / "new", IDENTITY, begun=True)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("name", ["history.csv", "ckpt-7.index", "run.json"])
def test_a_run_does_not_begin_over_files_of_others(tmp_path, name):
    mine = tmp_path / name
    mine.write_text('{"hours": 8}')
    with pytest.raises(UserError, match=f"{name} is (there already|damaged)"):
        run_identity.begin(tmp_path, IDENTITY, False, None, ["history.csv", "ckpt-*"])
    assert mine.read_text() == '{"hours": 8}'


def test_a_run_that_was_killed_before_its_first_state_begins_again(tmp_path):
    for identity in (IDENTITY, changed(weights="f00")):
        run_identity.begin(tmp_path, identity, False, None, ["history.csv"])
        (tmp_path / "history.csv").write_text("of the run")
    with pytest.raises(UserError, match="other starting weights"):  # of the second
        run_identity.begin(tmp_path, IDENTITY, begun=True)


def test_where_nothing_is_trained_another_run_may_begin(tmp_path):
    run_identity.begin(tmp_path, IDENTITY, begun=False)
    other = changed(weights="f00")
    run_identity.begin(tmp_path, other, begun=False)
    run_identity.begin(tmp_path, other, begun=True)
    with pytest.raises(UserError, match="other starting weights"):
        run_identity.begin(tmp_path, IDENTITY, begun=True)


def test_of_an_older_run_only_the_settings_can_be_compared(tmp_path, capsys):
    older = {"epochs": 3, "size": [32, 32]}
    run_identity.begin(tmp_path, IDENTITY, begun=True, older=older)
    assert "does not say which data" in capsys.readouterr().out
    with pytest.raises(UserError, match="epochs 2, now 3"):
        run_identity.begin(tmp_path, IDENTITY, True, {**older, "epochs": 2})
    assert not (tmp_path / run_identity.FILE).exists()


@pytest.mark.parametrize(
    ("other", "named"),
    [
        (changed(settings={"epochs": 4, "size": (32, 32)}), "epochs 3, now 4"),
        (changed(settings={"size": (32, 32)}), "epochs 3, now None"),
        (changed(weights="f00"), "other starting weights"),
        (
            changed(data={"train": {"a": "1", "b": "9"}, "val": {"c": "4"}}),
            "train: 1 name gone, ü; train: 1 name changed, b",
        ),
        (
            changed(data={"train": {"a": "1", "b": "2", "c": "4"}, "val": {"ü": "3"}}),
            "train: 1 name gone, ü; train: 1 name new, c; "
            "val: 1 name gone, c; val: 1 name new, ü",
        ),
    ],
)
def test_another_run_is_refused_by_what_differs(other, named, tmp_path):
    run_identity.begin(tmp_path, IDENTITY, begun=False)
    before = (tmp_path / run_identity.FILE).read_bytes()
    with pytest.raises(UserError) as error:
        run_identity.begin(tmp_path, other, begun=True)
    assert f"({named}): train into another folder" in str(error.value)
    assert (tmp_path / run_identity.FILE).read_bytes() == before


@pytest.mark.parametrize("text", ["", "[]", '{"data": 3}', '{"settings": {"a":'])
def test_a_damaged_identity_is_named(text, tmp_path):
    (tmp_path / run_identity.FILE).write_text(text)
    with pytest.raises(UserError, match=r"run\.json is damaged"):
        run_identity.begin(tmp_path, IDENTITY, begun=True)


def test_weights_are_told_by_what_they_hold(tmp_path):
    for name, text in (("a.npz", "1"), ("b.npz", "1"), ("c.npz", "2")):
        (tmp_path / name).write_text(text)
    first, same, other = (
        run_identity.digest_weights(tmp_path / f"{n}.npz") for n in "abc"
    )
    assert first == same != other
    assert run_identity.digest_weights("") == run_identity.digest_weights(None) == ""
    assert run_identity.digest_weights("imagenet") == "imagenet"


def test_a_checkpoint_is_told_by_its_files(tmp_path):
    (tmp_path / "ckpt-1.index").write_text("i")
    (tmp_path / "ckpt-1.data-00000-of-00001").write_text("d")
    before = run_identity.digest_weights(tmp_path / "ckpt-1")
    (tmp_path / "ckpt-10.index").write_text("another")
    assert run_identity.digest_weights(tmp_path / "ckpt-1") == before
    (tmp_path / "ckpt-1.data-00000-of-00001").write_text("e")
    assert run_identity.digest_weights(tmp_path / "ckpt-1") != before
