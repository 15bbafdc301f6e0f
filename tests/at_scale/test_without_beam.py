"""What a command says where Apache Beam is not installed, and what needs none of it."""

import sys

import pytest

from helpers import tiny_models as tiny
from helpers.commands import run_command
from helpers.images import sample_image
from helpers.record_set import DataSet
from inspection.at_scale import engines, inspector, tables
from inspection.at_scale.archive import make_shards
from inspection.common.errors import DatasetError, UserError
from inspection.deploy.model_file import read_model_file


@pytest.fixture
def no_beam(monkeypatch):
    for name in ("apache_beam", "pyarrow"):
        monkeypatch.setitem(sys.modules, name, None)


def test_records_without_beam_name_what_to_install(
    no_beam, tmp_path, monkeypatch, capsys
):
    data = DataSet(tmp_path, monkeypatch, capsys)
    data.add("a.jpg")
    code, _, err = data.run("--runner", "local")
    assert code == 2
    assert "error: Apache Beam is not installed" in err
    assert "requirements-beam.txt" in err
    assert not data.out.exists()
    assert data.run()[0] == 0  # without --runner it is not asked for


def test_an_archive_without_beam_names_what_to_install(
    no_beam, tmp_path, monkeypatch, capsys
):
    (tmp_path / "d.tflite").write_bytes(tiny.make_detector())
    sample_image(1).save(tmp_path / "a.jpg")
    words = (tmp_path / "d.tflite", tmp_path / "a.jpg", "-o", tmp_path / "out")
    code, _, err = run_command(monkeypatch, capsys, "inspect_archive", *words)
    assert code == 2 and "requirements-beam.txt" in err
    assert not (tmp_path / "out").exists()


def test_an_address_without_beam_names_what_to_install(no_beam):
    from inspection.at_scale.places import find_pictures

    with pytest.raises(UserError, match="requirements-beam.txt"):
        find_pictures(["gs://archive/2026"])


def test_a_threshold_is_for_detectors(tmp_path, monkeypatch, capsys):
    (tmp_path / "c.tflite").write_bytes(tiny.make_classifier())
    words = (tmp_path / "c.tflite", tmp_path, "-o", tmp_path / "out")
    code, _, err = run_command(
        monkeypatch, capsys, "inspect_archive", *words, "--threshold", 0.3
    )
    assert code == 2 and "--threshold is for detectors" in err


def test_shards_hold_every_picture_once():
    pictures = [f"{number}.jpg" for number in range(2501)]
    shards = make_shards(pictures, 1000)
    assert [len(shard.pictures) for shard in shards] == [1000, 1000, 501]
    assert [one for shard in shards for one in shard.pictures] == pictures
    names = [shard.file(tables.FINDINGS) for shard in shards]
    assert names[0] == "findings-00000-of-00003.parquet" and len(set(names)) == 3


def bad_files(folder):
    """Write files that cannot be looked at; return {file: word of the reason}."""
    picture = sample_image(1)
    picture.save(folder / "whole.jpg")
    whole = (folder / "whole.jpg").read_bytes()
    (folder / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    (folder / "empty.png").write_bytes(b"")
    (folder / "text.jpg").write_bytes(b"not a picture at all")
    picture.convert("L").convert("I;16").save(folder / "deep.png")
    picture.save(folder / "moving.gif", save_all=True, append_images=[sample_image(2)])
    return {
        "cut.jpg": "ends early",
        "empty.png": "is empty",
        "text.jpg": "is no picture",
        "deep.png": "more than 8 bits",
        "moving.gif": "several frames",
        "gone.jpg": "No such file",
    }


def test_each_bad_picture_has_its_reason(tmp_path):
    (tmp_path / "d.tflite").write_bytes(tiny.make_detector())
    reasons = bad_files(tmp_path)
    looker = inspector.ShardInspector(read_model_file(tmp_path / "d.tflite"), tmp_path)
    for name, reason in reasons.items():
        findings, row = looker.inspect(str(tmp_path / name))
        assert findings == [] and reason in row["fault"], name
    assert looker.inspect(str(tmp_path / "whole.jpg"))[1].get("fault") is None


def test_a_place_that_fails_is_no_bad_picture(tmp_path):
    (tmp_path / "d.tflite").write_bytes(tiny.make_detector())
    looker = inspector.ShardInspector(read_model_file(tmp_path / "d.tflite"), tmp_path)
    with pytest.raises(FileNotFoundError):
        looker.inspect(str(tmp_path / "unmounted" / "a.jpg"))


def test_options_of_no_engine_are_refused(tmp_path, monkeypatch, capsys):
    data = DataSet(tmp_path, monkeypatch, capsys)
    data.add("a.jpg")
    assert "needs a --runner" in data.refused("--runner_options", "--region here")


def test_a_still_is_upright_rgb(tmp_path):
    sample_image(1).save(tmp_path / "a.png")
    assert inspector.read_still(tmp_path / "a.png").shape[2] == 3
    with pytest.raises(DatasetError):
        bad_files(tmp_path)
        inspector.read_still(tmp_path / "cut.jpg")


def test_beam_is_not_taken_before_it_is_needed():
    assert set(engines.ENGINES) | {engines.LOCAL} == {
        "local",
        "dataflow",
        "flink",
        "spark",
    }
