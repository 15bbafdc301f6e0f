import json
import reprlib
from dataclasses import dataclass

import pytest

from inspection.common.errors import UserError
from inspection.common.stored_settings import build_settings, read_json, refuse_unknown


@dataclass(frozen=True, kw_only=True)
class Settings:
    name: str
    epochs: int = 3
    rate: float = 0.1


def test_settings_come_back_as_they_were_written(tmp_path):
    path = tmp_path / "settings ü.json"
    path.write_text(json.dumps({"name": "ä", "epochs": 5}), encoding="utf-8")
    found = build_settings(Settings, read_json(path), path)
    assert found == Settings(name="ä", epochs=5)
    assert build_settings(Settings, {"name": "ä"}, path).epochs == 3


@pytest.mark.parametrize(
    "stored, message",
    [
        (
            {"name": "a", "epoch": 5, "sede": 1},
            "a.json has settings that are not known: epoch, sede; "
            "there are: name, epochs, rate",
        ),
        ({"epochs": 5}, "a.json lacks the settings name"),
        (
            {"name": "a", "rate": 10**400},
            f"a.json cannot be used: rate is {reprlib.repr(10**400)}, not a number",
        ),
        ([1, 2], "a.json holds no settings, but list"),
    ],
)
def test_settings_that_do_not_fit_are_named(stored, message):
    with pytest.raises(UserError) as refused:
        build_settings(Settings, stored, "a.json")
    assert str(refused.value) == message


def test_known_names_may_be_those_of_a_dict():
    refuse_unknown({"seed": 1}, {"seed": 0, "epochs": 2}, "a.json")
    with pytest.raises(UserError, match="epoch; there are: seed, epochs"):
        refuse_unknown({"epoch": 1}, {"seed": 0, "epochs": 2}, "a.json")


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(UserError, match=r"gone\.json cannot be used: .*No such file"):
        read_json(tmp_path / "gone.json")
    (tmp_path / "cut.json").write_text('{"name": ')
    with pytest.raises(UserError, match=r"cut\.json cannot be used: Expecting value"):
        read_json(tmp_path / "cut.json")
