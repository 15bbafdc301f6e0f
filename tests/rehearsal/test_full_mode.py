"""Every notebook in full mode, offline: what it would download are stand-ins.

Only counts of steps and epochs are lowered, through the settings cell. Each workspace
sees quick mode, then full mode, then full mode once more. All of it takes twenty minutes
on two cores: `make rehearsal`.
"""

import json
import stat
import sys

import nbformat
import pytest

from helpers import ROOT
from helpers.file_server import serving
from helpers.rehearsal import archives, weights
from inspection.common.cache import CACHE_VARIABLE
from inspection.course import headline, paths
from inspection.datasets.fetching.download import MIRROR_VARIABLE
from inspection.publishing import notebook_sync, runner

STARTUP = ROOT / "tests/helpers/rehearsal/startup.py"
ZOO = "ssd_mobilenet_v2_fpnlite_320x320_coco17_tpu-8"
UNRAR = """#!{python}
import io, sys, zipfile
data = open(sys.argv[-2], "rb").read()[4:]
zipfile.ZipFile(io.BytesIO(data)).extractall(sys.argv[-1])
"""
# {number: counts of steps, epochs and rounds}, in place of those of either mode
FEW = {
    "00": {},
    "01": {},
    "01b": {},
    "02": {"STEPS": 2},
    "03": {"ROUNDS": 2, "SECONDS": 6},
    "04": {"TUNE_EPOCHS": 1},
    "05": {},
    "06": {"EPOCHS": 2},
    "07": {"EPOCHS": 1, "FINE_EPOCHS": 1},
    "08": {"STEPS": 2},
    "09": {},
}
RUNS = ("", "_new_heads", "_few")  # that notebook 02 trains
# notebooks that build on each other, or share pictures, have one workspace
CHAINS = (
    ("01", "02", "03"),
    ("04",),
    ("05", "06"),
    ("07",),
    ("08",),
    ("09",),
    ("00", "01b"),
)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """Yield a server with the archives of the sets and of the zoo, and weight files."""
    folder = tmp_path_factory.mktemp("stand ins")
    files, changes = archives.set_archives(folder)
    with serving(files) as server:
        server.folder, server.entries = folder, changes
        yield server


def needs(server, numbers):
    """Make what only some notebooks ask for."""
    files, folder = server.files, server.folder
    zoo, cifar = f"{ZOO}.tar.gz", "cifar-10-python.tar.gz"
    if "02" in numbers and zoo not in files:
        files[zoo] = archives.zoo_archive(ZOO, folder)
    if "07" in numbers and cifar not in files:
        files[cifar] = archives.cifar_archive(folder / cifar)
    if asking := {"02", "04", "06", "07", "08", "09"} & set(numbers):
        # those of VGG16 and its like are large
        names = [weights.MOBILE.format("1.0")] if asking == {"02"} else weights.BUILDERS
        missing = [name for name in names if name not in files]
        files |= weights.write_weights(folder, missing)


@pytest.fixture
def offline(server, tmp_path, monkeypatch):
    """Let kernels find nothing but the server, and no cache of this machine."""
    start = tmp_path / "ipython/profile_default/startup"
    start.mkdir(parents=True)
    (start / "00-rehearsal.py").write_text(STARTUP.read_text())
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "unrar").write_text(UNRAR.format(python=sys.executable))
    (programs / "unrar").chmod(stat.S_IRWXU)
    facts = {"scripts": str(ROOT / "scripts"), "url": server.url}
    environment = {
        "REHEARSAL": json.dumps(facts | {"entries": server.entries}),
        "IPYTHONDIR": str(tmp_path / "ipython"),
        "KERAS_HOME": str(tmp_path / "keras"),
        CACHE_VARIABLE: str(tmp_path / "cache"),
        MIRROR_VARIABLE: server.url,
    }
    (tmp_path / "keras").mkdir()
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PATH", str(programs), prepend=":")
    return tmp_path


def run(number, mode, folder):
    """Run a notebook of the texts as they are now; return {name of a figure: value}."""
    (text,) = runner.find_notebooks([number], notebook_sync.TEXTS, ".py")
    source = folder / f"{text.stem}.ipynb"
    nbformat.write(notebook_sync.read_text(text), source)
    few = FEW[number] | {"MODE": mode}
    done = runner.run_notebook(source, folder / f"{mode}_{source.name}", few)
    assert done.failure is None, (
        f"{mode}: {done.failure.reason}{done.failure.traceback}"
    )
    return {f["name"]: f["value"] for f in headline.collect(done.notebook)}


def rehearse(server, folder, numbers, modes):
    """Run notebooks in one workspace, all of them in each of the modes in turn."""
    needs(server, numbers)
    with runner.separate_workspace(folder / paths.WORKSPACE_NAME):
        return [
            {number: run(number, mode, folder) for number in numbers} for mode in modes
        ]


@pytest.mark.soak
@pytest.mark.parametrize("numbers", CHAINS, ids="-".join)
def test_full_mode_twice_after_quick_mode(server, offline, numbers):
    before = len(server.asked)
    quick, first, second = rehearse(server, offline, numbers, ("quick", "full", "full"))
    assert first.keys() == second.keys() == set(numbers)
    for number in {"01", "04", "05"} & set(numbers):  # nothing that measures time
        same = {k for k in first[number] if first[number][k] == second[number][k]}
        assert same == set(first[number])
    asked = [path for path, _ in server.asked[before:]]
    assert len(asked) == len(set(asked)), "the second time needs no network"
    if "02" in numbers:
        check_records(quick["01"], first["01"])
        check_training(offline / paths.WORKSPACE_NAME / "training", asked)


def check_records(quick, full):
    assert quick["Annotated pictures"] == "150"
    assert full["Annotated pictures"] == str(sum(archives.PARTS.values()))
    assert full["Faults put in and found"] == "5 of 5"


def check_training(folder, asked):
    """Assert that full mode trained beside quick mode, from what it downloaded."""
    runs = {f"{name}{run}" for name in ("leaks", "cells") for run in RUNS}
    made = {f"{run}_full" if "cells" in run else run for run in runs}
    assert {path.name for path in folder.iterdir()} == made | {ZOO}
    assert {f"/{ZOO}.tar.gz", "/bccd-d272fb14.tar.gz"} <= set(asked)


def test_every_notebook_is_in_a_chain():
    there = {runner.number_of(p) for p in runner.find_notebooks()}
    assert set().union(*CHAINS) == set(FEW) == there
