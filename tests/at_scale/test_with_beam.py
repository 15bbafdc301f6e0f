"""Records and inspections by Apache Beam's local runner, where it is installed."""

import csv
import os
import shutil

import pytest

pytest.importorskip("apache_beam", reason="needs requirements-beam.txt")
pytest.importorskip("pyarrow", reason="needs requirements-beam.txt")

from PIL import Image
from pyarrow import parquet

from helpers import ROOT
from helpers import tiny_models as tiny
from helpers.commands import run_here
from helpers.images import painted, sample_image
from helpers.record_set import LEAK, DataSet
from inspection.at_scale import archive, engines, inspector, places
from inspection.common.errors import UserError
from inspection.datasets.voc import Box
from inspection.deploy.model_file import read_model_file

RED, BLUE = painted(255, 0, 0, (60, 80)), painted(0, 0, 255, (60, 80))


@pytest.fixture
def pictures(tmp_path):
    """Return a folder of two red, a blue and a broken picture, a detector beside it."""
    folder = tmp_path / "archive"
    for pipe, name, image in (("1", "a", RED), ("1", "b", RED), ("2", "c", BLUE)):
        (folder / f"pipe {pipe}").mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(folder / f"pipe {pipe}/{name}.png")
    (folder / "pipe 2/d.jpg").write_bytes(b"torn")
    (tmp_path / "d.tflite").write_bytes(tiny.make_detector())
    return folder


def inspect(folder, *more, model="d.tflite", out="out"):
    above = folder.parent
    words = (above / model, folder, "-o", above / out, "--shard_size", 1, *more)
    return run_here("inspect_archive", *words)


def rows_of(out, table):
    files = sorted(out.glob(f"{table}-*.parquet"))
    return [row for file in files for row in parquet.read_table(file).to_pylist()]


def test_an_archive_becomes_two_tables(pictures):
    status, out, err = inspect(pictures)
    assert status == 0, err
    assert "4 pictures in 4 shards\n3 findings: leak 2, puddle 1" in out
    assert "1 picture could not be looked at:" in out
    findings = rows_of(pictures.parent / "out", "findings")
    assert [row["class"] for row in findings] == ["leak", "leak", "puddle"]
    first = findings[0]
    assert first["image"] == (pictures / "pipe 1/a.png").as_posix()
    sides = [first[side] for side in ("xmin", "ymin", "xmax", "ymax")]
    assert sides == [16, 6, 48, 30]  # of BOXES[0], in a picture of 80x60
    assert first["area_percent"] == pytest.approx(100 * 32 * 24 / (80 * 60))
    looked = rows_of(pictures.parent / "out", "pictures")
    assert [row["findings"] for row in looked] == [1, 1, 1, 0]
    assert [bool(row["fault"]) for row in looked] == [False, False, False, True]
    with open(pictures.parent / "out/bad_pictures.csv", newline="") as file:
        (bad,) = csv.DictReader(file)
    assert bad["image"].endswith("pipe 2/d.jpg") and "is no picture" in bad["reason"]


def test_a_threshold_leaves_boxes_out(pictures):
    assert inspect(pictures, "--threshold", 0.99)[0] == 0
    assert rows_of(pictures.parent / "out", "findings") == []


@pytest.mark.parametrize(
    "make, expected",
    [
        (tiny.make_classifier, {"class": "red", "area_percent": None, "xmin": None}),
        (tiny.make_segmenter, {"class": "rust", "area_percent": 100, "score": None}),
    ],
)
def test_other_kinds_of_model(pictures, make, expected):
    (pictures.parent / "m.tflite").write_bytes(make())
    status, _, err = inspect(pictures / "pipe 1", model="../m.tflite", out="../out")
    assert status == 0, err
    first = rows_of(pictures.parent / "out", "findings")[0]
    assert {name: first[name] for name in expected} == expected


def test_finished_shards_are_not_done_again(pictures, monkeypatch):
    done, inspected = [], inspector.ShardInspector.__call__

    def stopped(self, shard):
        if len(done) == 2:  # in any order
            raise KeyError("as if killed")
        done.append(shard.number)
        inspected(self, shard)

    monkeypatch.setattr(inspector.ShardInspector, "__call__", stopped)
    with pytest.raises(Exception, match="as if killed"):
        run(pictures)
    out = pictures.parent / "out"
    before = {path.name: path.stat().st_mtime_ns for path in out.glob("*.parquet")}
    assert len(before) == 4

    def counted(self, shard):
        done.append(shard.number)
        inspected(self, shard)

    monkeypatch.setattr(inspector.ShardInspector, "__call__", counted)
    summary = run(pictures)
    assert summary.done_before == 2 and sorted(done) == [0, 1, 2, 3]
    after = {path.name: path.stat().st_mtime_ns for path in out.glob("*.parquet")}
    finished = {n for n in before if n.startswith("pictures")}
    assert {n: after[n] for n in finished} == {n: before[n] for n in finished}
    whole = pictures.parent / "whole"
    assert inspect(pictures, out="whole")[0] == 0
    for file in whole.glob("*.parquet"):
        assert (out / file.name).read_bytes() == file.read_bytes()


def run(pictures):
    file = read_model_file(pictures.parent / "d.tflite")
    return archive.inspect_archive(
        file, [pictures], pictures.parent / "out", shard_size=1
    )


def test_a_run_of_something_else_is_refused(pictures):
    assert inspect(pictures)[0] == 0
    status, _, err = inspect(pictures, "--threshold", 0.2)
    assert status == 2 and "threshold 0.5, now 0.2" in err
    sample_image(3).save(pictures / "new.png")
    status, _, err = inspect(pictures)
    assert status == 2 and "4 files" in err and "5 files" in err
    (pictures.parent / "out/run.json").write_text("{")
    assert "run.json is damaged" in inspect(pictures)[2]


def test_a_folder_of_somebody_is_refused(pictures):
    (pictures.parent / "mine").mkdir()
    (pictures.parent / "mine/work.txt").write_text("of days")
    status, _, err = inspect(pictures, out="mine")
    assert status == 2 and "holds no run.json" in err
    assert os.listdir(pictures.parent / "mine") == ["work.txt"]


def test_a_mistake_in_a_worker_is_one_error(tmp_path):
    with pytest.raises(UserError, match=r"^no room for 2$"):
        engines.run_each(fail_on_two, [1, 2])
    with pytest.raises(Exception, match="a slip of ours"):
        engines.run_each(slip, [1])


def fail_on_two(number):
    if number == 2:
        raise UserError("no room for 2")


def slip(number):
    raise TypeError("a slip of ours")


def test_object_storage_is_read_and_written(pictures, monkeypatch):
    bucket = make_bucket(pictures.parent)
    assert bucket
    out = "bucket://x/out"
    status, said, err = run_here(
        "inspect_archive",
        *(pictures.parent / "d.tflite", "bucket://x/archive", "-o", out),
    )
    assert status == 0, err
    assert "3 findings: leak 2, puddle 1" in said
    assert len(rows_of(pictures.parent / "out", "pictures")) == 4
    assert places.names_in(out) >= {"run.json", "bad_pictures.csv"}
    again = run_here(
        "inspect_archive",
        *(pictures.parent / "d.tflite", "bucket://x/archive", "-o", out),
    )
    assert "1 shard, 1 done before" in again[1]


def make_bucket(folder):
    """Return a file system of Beam whose bucket://x/ is a folder."""
    from apache_beam.io.filesystem import FileMetadata, MatchResult
    from apache_beam.io.localfilesystem import LocalFileSystem

    class Bucket(LocalFileSystem):
        @classmethod
        def scheme(cls):
            return "bucket"

        def local(self, path):
            return str(folder / path.removeprefix("bucket://x/"))

        def match(self, patterns, limits=None):
            found = super().match([self.local(one) for one in patterns], limits)
            return [
                MatchResult(r.pattern, [self.named(m) for m in r.metadata_list])
                for r in found
            ]

        def named(self, one):
            path = os.path.relpath(one.path, folder)
            return FileMetadata(
                f"bucket://x/{path}", one.size_in_bytes, one.last_updated_in_seconds
            )

        def open(self, path, *more, **named):
            return super().open(self.local(path), *more, **named)

        def create(self, path, *more, **named):
            os.makedirs(os.path.dirname(self.local(path)), exist_ok=True)
            return super().create(self.local(path), *more, **named)

    return Bucket


def test_an_address_that_nobody_reads_is_refused():
    with pytest.raises(UserError, match="install what Apache Beam wants for odd://"):
        places.find_pictures(["odd://archive"])


def test_records_are_those_of_the_command(tmp_path, monkeypatch, capsys):
    data = DataSet(tmp_path, monkeypatch, capsys)
    for number in range(300):  # more than a chunk
        data.add(
            f"{number:03d}.png", [LEAK, Box("puddle", 5, 5, 200, 40)][: number % 3]
        )
    data.add("cmyk.jpg", mode="CMYK")
    data.add("torn.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    code, plain, err = data.run("--num_shards", "3")
    assert code == 0, err
    alone = {p.name: p.read_bytes() for p in data.out.parent.iterdir()}
    shutil.rmtree(data.out.parent)
    code, out, err = data.run("--num_shards", "3", "--runner", "local")
    assert (code, out) == (0, plain), err
    assert {p.name: p.read_bytes() for p in data.out.parent.iterdir()} == alone


def test_faults_are_those_of_the_command(tmp_path, monkeypatch, capsys):
    data = DataSet(tmp_path, monkeypatch, capsys)
    data.add("a.jpg", [Box("laek", 10, 20, 30, 50)])
    data.add("b.jpg", said=(5, 5))
    assert data.refused("--runner", "local") == data.refused()


def test_the_page_finds_the_worst_pipes(pictures, tmp_path, monkeypatch, capsys):
    assert inspect(pictures, out="build/inspected")[0] == 0
    page = (ROOT / "docs/at_scale.md").read_text(encoding="utf-8")
    query = page.split("```python\n")[1].split("```")[0]
    monkeypatch.chdir(tmp_path)
    exec(query, {})
    lines = capsys.readouterr().out.splitlines()
    rows = [line.split() for line in lines if line.startswith("pipe")]
    named = [row for row in rows if row != ["pipe"]]  # the head of the column
    assert [row[:2] for row in named] == [["pipe", "1"], ["pipe", "2"]]
