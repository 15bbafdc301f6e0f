"""Commands and caches that are killed while they replace what an earlier run wrote."""

import os
import random
import shutil
import subprocess
import sys
import time
import zipfile

import pytest

from helpers import ROOT
from helpers.commands import run_here
from helpers.kill_points import contents, kill_everywhere
from helpers.sets.voc_sets import VocSet
from inspection.common.cache import CACHE_VARIABLE
from inspection.common.errors import UserError
from inspection.course import paths
from inspection.datasets.fetching import archives
from inspection.datasets.splitting import split_lists
from inspection.detection.config.label_map import write_label_map
from inspection.detection.records import tfrecord
from inspection.publishing.project_writer import make_project

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a fork")


@pytest.fixture
def voc_set(tmp_path):
    voc_set = VocSet(tmp_path, count=6)
    write_label_map(["leak", "puddle"], voc_set.root / "label_map.pbtxt")
    for seed in (1, 2):
        run(*split_command(voc_set, seed, voc_set.root / f"splits {seed}"))
    return voc_set


def run(*words):
    status, _, err = run_here(*words)
    assert status == 0, err


def split_command(voc_set, seed, lists):
    places = ("-i", voc_set.images, "--xml_dir", voc_set.annotations)
    return ("partition_dataset", *places, "-r", 0.4, "--splits", lists, "--seed", seed)


def partition(voc_set, out, version):
    copies = ("-o", out / "copies", "-x", "--overwrite")
    return (*split_command(voc_set, version, out / "lists"), *copies)


def tables(voc_set, out, version):
    places = ("-i", voc_set.annotations, "--image_dir", voc_set.images)
    lists = ("--splits", voc_set.root / f"splits {version}")
    return ("xml_to_csv", *places, *lists, "-o", out)


def records(voc_set, out, version):
    places = ("-x", voc_set.annotations, "-i", voc_set.images)
    split = ("--split", voc_set.root / f"splits {version}" / "train.txt")
    label_map = ("-l", voc_set.root / "label_map.pbtxt")
    outputs = ("-o", out / "train.record", "--num_shards", 3, "-c", out / "train.csv")
    return ("generate_tfrecord", *places, *split, *label_map, *outputs)


def shown(out):
    """Return what lies in a folder, but for drafts."""
    found = contents(out)
    return {n: t for n, t in found.items() if not any(map(is_hidden, n.split("/")))}


def is_hidden(part):
    return part.startswith(".")


@pytest.mark.parametrize("command", [partition, tables, records])
def test_a_killed_command_leaves_old_or_new_or_less(
    voc_set, tmp_path, command, monkeypatch
):
    # beside the outputs the cache, in which the command has noted that they are its own
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "work/cache"))
    kept, work = tmp_path / "kept", tmp_path / "work"
    out, wanted = work / "out", {}
    for version in (2, 1):
        shutil.rmtree(work, ignore_errors=True)
        out.mkdir(parents=True)
        run(*command(voc_set, out, version))
        wanted[version] = contents(out)
    assert wanted[1] != wanted[2]
    shutil.copytree(work, kept)

    def prepare():
        shutil.rmtree(work)
        shutil.copytree(kept, work)

    def check():
        found = shown(out).items()
        assert found <= wanted[1].items() or found <= wanted[2].items()
        run(*command(voc_set, out, 2))
        assert contents(out) == wanted[2]  # whole, and nothing left over

    points = kill_everywhere(
        lambda: run(*command(voc_set, out, 2)), prepare, check, step=7
    )
    assert points > 20


def test_readers_of_killed_sets_take_whole_ones_or_say_what_is_missing(voc_set):
    out = voc_set.root / "out"
    seen = set()

    def prepare():
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir()
        run(*records(voc_set, out, 1))

    def check():
        found = {path.name: path.read_bytes() for path in out.glob("train.record-*")}
        shards = tfrecord.expand_paths(out / "train.record-*")
        assert len(shards) == 3
        now = tuple(path.read_bytes() for path in shards)
        seen.add((now, len(found)))

    command = records(voc_set, out, 2)
    kill_everywhere(lambda: run(*command), prepare, check, step=3)
    assert len({now for now, _ in seen}) == 2  # those before, or those after
    assert min(count for _, count in seen) < 3  # and some had to be finished


def test_shards_that_are_lost_are_named(voc_set):
    run(*records(voc_set, voc_set.root, 1))
    (voc_set.root / "train.record-00001-of-00003").unlink()
    with pytest.raises(UserError, match="not one whole record") as error:
        tfrecord.expand_paths(voc_set.root / "train.record-?????-of-00003")
    assert "train.record: 2 of 3 shards" in str(error.value)
    some = voc_set.root / "train.record-0000[02]-of-00003"
    assert len(tfrecord.expand_paths(some)) == 2  # on purpose


def test_lists_that_a_new_split_lacks_go_with_the_old_one(tmp_path):
    split_lists.write_splits({"train": ["a"], "val": ["b"], "test": ["c"]}, tmp_path)
    split_lists.write_splits({"train": ["a", "b"], "test": ["c"]}, tmp_path)
    assert split_lists.read_splits([tmp_path]) == {"train": ["a", "b"], "test": ["c"]}


def test_a_zip_is_unpacked_whole(tmp_path):
    into, path = tmp_path / "unpacked", tmp_path / "images.zip"

    def pack(word):
        with zipfile.ZipFile(path, "w") as archive:
            for name in "ab":
                archive.writestr(f"{name}.txt", word * 100)

    def prepare():
        shutil.rmtree(into, ignore_errors=True)
        pack("old")
        archives.open_folder(path, into)
        pack("newer")

    def check():
        folder = archives.open_folder(path, into)
        assert contents(folder) == {f"{name}.txt": "newer" * 100 for name in "ab"}
        assert list(into.iterdir()) == [folder]

    kill_everywhere(lambda: archives.open_folder(path, into), prepare, check)


def test_an_archive_of_several_parts_is_unpacked_whole(tmp_path):
    out, path = tmp_path / "out", tmp_path / "model.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("a/1.txt", "a/2.txt", "b.txt", "c/3.txt"):
            archive.writestr(name, name)

    def check():
        try:
            archives.unpack(path, out)
        except UserError as error:  # it was finished
            assert "is there already" in str(error)
        files = [name for name, text in contents(out).items() if text]
        assert files == ["a/1.txt", "a/2.txt", "b.txt", "c/3.txt"]

    def prepare():
        shutil.rmtree(out, ignore_errors=True)

    kill_everywhere(lambda: archives.unpack(path, out), prepare, check)


def test_a_project_is_there_or_not(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "PROJECTS", tmp_path / "projects")
    make_project("hall", "classification", ["clean", "crack"])
    wanted = contents(tmp_path)

    def make():
        make_project("hall", "classification", ["clean", "crack"])

    def check():
        assert not shown(tmp_path / "projects") or shown(tmp_path) == wanted
        try:
            make()
        except UserError as error:
            assert "is there already" in str(error)
        assert contents(tmp_path) == wanted

    def prepare():
        shutil.rmtree(tmp_path / "projects")

    kill_everywhere(make, prepare, check, step=5)


@pytest.mark.soak
@pytest.mark.parametrize("command", [partition, tables, records])
def test_programs_killed_at_random(voc_set, tmp_path, command):
    for number in range(6, 210):  # enough that workers are started
        voc_set.add(f"pipe_{number:03}", seed=number)
    for seed in (1, 2):
        run(*split_command(voc_set, seed, voc_set.root / f"splits {seed}"))
    out, wanted, chance = tmp_path / "out", {}, random.Random(command.__name__)
    for version in (1, 2):
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir()
        start = time.perf_counter()
        assert start_program(command(voc_set, out, version)).wait() == 0
        wanted[version], seconds = contents(out), time.perf_counter() - start
    for turn in range(10):
        program = start_program(command(voc_set, out, 1 + turn % 2))
        time.sleep(chance.uniform(0.3, 1) * seconds)
        program.kill()
        program.wait()
        found = shown(out).items()
        assert found <= wanted[1].items() or found <= wanted[2].items()
    assert start_program(command(voc_set, out, 1)).wait() == 0
    assert contents(out) == wanted[1]


def start_program(words):
    name, *arguments = map(str, words)
    program = ROOT / "scripts" / f"{name}.py"
    return subprocess.Popen(
        [sys.executable, program, *arguments], stdout=subprocess.DEVNULL
    )
