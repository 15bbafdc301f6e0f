"""What is installed: only files whose hashes are known, under licences that are named."""

import re
import subprocess

import pytest

import list_licences
import lock_requirements
import setup_env
import setup_mediapipe
from helpers import ROOT

HASH = re.compile(r"\s+--hash=sha256:[0-9a-f]{64}")
PIN = re.compile(r"^([\w.-]+==[^\s;\\]+)(?: *; *([^\\]+?))? *\\?$")


def pins_of(path):
    """Return {(package==version, marker)} of a file of requirements."""
    lines = path.read_text(encoding="utf-8").splitlines()
    found = (PIN.match(line.split("#")[0].rstrip()) for line in lines)
    return {(m[1].lower(), (m[2] or "").replace('"', "'")) for m in found if m}


@pytest.mark.parametrize("lock, pins", lock_requirements.LOCKS.items())
def test_locks_hold_every_pin_and_no_other(lock, pins):
    wanted, locked = pins_of(ROOT / pins), pins_of(ROOT / lock)
    assert len(wanted) > 10
    assert locked == wanted, "run: python tools/lock_requirements.py"


@pytest.mark.parametrize("lock", lock_requirements.LOCKS)
def test_every_pin_has_hashes(lock):
    text = (ROOT / lock).read_text(encoding="utf-8")
    parts = re.split(r"^(?=[\w.-]+==)", text, flags=re.MULTILINE)[1:]
    assert [part.split()[0] for part in parts if not HASH.search(part)] == []


def test_no_address_of_an_index_is_stored():
    for lock in lock_requirements.LOCKS:
        assert "://" not in (ROOT / lock).read_text(encoding="utf-8")


def test_setting_up_asks_for_hashes(monkeypatch, capsys):
    asked = []

    class Pip:
        stdout = ()

        def __init__(self, command, **more):
            asked.append(command)

        def wait(self):
            return 0

    monkeypatch.setattr(subprocess, "Popen", Pip)
    setup_env.install()
    assert "--require-hashes" in asked[0] and "requirements.lock" in asked[0]
    assert "--require-hashes" in setup_mediapipe.PACKAGE_COMMAND
    assert setup_mediapipe.PINS.name in lock_requirements.LOCKS


class Package:
    def __init__(self, name="a", version="1", **fields):
        self.version, self.fields = version, {"Name": [name]}
        self.fields |= {k.replace("_", "-"): v for k, v in fields.items()}
        self.metadata = self

    def __getitem__(self, name):
        return self.get(name)

    def get(self, name):
        return self.fields.get(name, [None])[0]

    def get_all(self, name):
        return self.fields.get(name)


@pytest.mark.parametrize(
    "fields, licence",
    [
        ({"License_Expression": ["MIT"], "License": ["The MIT"]}, "MIT"),
        ({"License": ["Apache 2.0"]}, "Apache 2.0"),
        ({"License": ["UNKNOWN"], "Home_page": ["there"]}, "not said; see there"),
        (
            {
                "License": ["Permission is hereby granted" * 9],
                "Classifier": ["License :: OSI Approved :: MIT License", "Other :: a"],
            },
            "MIT License",
        ),
    ],
)
def test_what_a_package_says_of_itself(fields, licence):
    assert list_licences.licence_of(Package(**fields)) == licence


def test_copyleft_is_found_and_films_are_asked(monkeypatch, capsys):
    found = [
        Package("b", License=["MIT"]),
        Package("A", License=["GPL-3.0"]),
        Package("a", License=["GPL-2.0"]),
    ]
    metadata = list_licences.importlib.metadata
    monkeypatch.setattr(metadata, "distributions", lambda: found)
    monkeypatch.setattr("sys.argv", ["list_licences.py", "--only", "copyleft"])
    list_licences.main()
    lines = capsys.readouterr().out.splitlines()
    assert [line.split() for line in lines[:-1]] == [["A", "1", "GPL-3.0"]]
    assert lines[-1].startswith("in the wheel of av: FFmpeg, LGPL")
    assert lines[-1].endswith("libx264 and libx265 in it: GPL")
