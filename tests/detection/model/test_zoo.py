import dataclasses
import hashlib
import tarfile
from pathlib import Path

import pytest

from helpers import ROOT
from helpers.commands import run_python
from inspection.common.cache import CACHE_VARIABLE
from inspection.common.errors import UserError
from inspection.detection.config import base_configs
from inspection.detection.config.label_map import write_label_map
from inspection.detection.model import zoo

NAME = "ssd_mobilenet_v2_fpnlite_320x320_coco17_tpu-8"


@pytest.fixture
def cache(tmp_path, shared_data):
    """Return a cache that holds the model as if it had been downloaded before."""
    folder = tmp_path / "my cache"
    folder.mkdir()
    with tarfile.open(folder / f"{NAME}.tar.gz", "w:gz", compresslevel=1) as archive:
        archive.add(shared_data / "odapi_reference" / NAME, NAME)
    return folder


def run(*arguments, cache):
    # a proxy that nobody is behind: offline, whatever the machine
    environment = {"https_proxy": "http://127.0.0.1:9", "no_proxy": ""}
    environment |= {"http_proxy": "http://127.0.0.1:9", "NO_PROXY": ""}
    environment[CACHE_VARIABLE] = str(cache)
    script = ROOT / "scripts" / "download_model.py"
    return run_python(script, *arguments, cwd=cache.parent, **environment)


def test_a_model_is_unpacked_where_it_was_asked_for(cache, tmp_path):
    done = run(NAME, "--out", "ü b/training", cache=cache)
    assert done.returncode == 0, done.stderr
    folder = tmp_path / "ü b" / "training" / NAME
    assert (folder / "pipeline.config").is_file()
    checkpoint = Path(done.stdout.split("fine_tune_checkpoint: ")[1].strip())
    assert (tmp_path / checkpoint).with_suffix(".index").is_file()
    assert sorted(path.name for path in folder.parent.iterdir()) == [NAME]


def test_a_model_that_is_there_already_stays_as_it_is(cache, tmp_path):
    folder = zoo.download_model(NAME, tmp_path, cache)
    (folder / "pipeline.config").write_text("edited")
    assert zoo.download_model(NAME, tmp_path, tmp_path / "no cache") == folder
    assert (folder / "pipeline.config").read_text() == "edited"
    (folder / "checkpoint" / "ckpt-0.index").unlink()
    with pytest.raises(UserError, match="has no checkpoint/ckpt-0.index"):
        zoo.download_model(NAME, tmp_path, cache)


def test_the_first_download_is_recorded_and_holds(cache, tmp_path):
    zoo.download_model(NAME, tmp_path / "first", cache)
    archive = cache / f"{NAME}.tar.gz"
    record = (cache / f"{NAME}.tar.gz.sha256").read_text()
    assert record.split()[0] == hashlib.sha256(archive.read_bytes()).hexdigest()
    archive.write_bytes(archive.read_bytes()[:-1])
    with pytest.raises(UserError, match="damaged"):
        zoo.download_model(NAME, tmp_path / "second", cache)
    assert not (tmp_path / "second").exists()


def test_a_page_in_place_of_the_archive_is_not_trusted_twice(tmp_path):
    cache = tmp_path / "cache"
    cache.mkdir()
    (cache / f"{NAME}.tar.gz").write_bytes(b"<html>Please log in</html>")
    with pytest.raises(UserError, match="cannot be unpacked"):
        zoo.download_model(NAME, tmp_path / "out", cache)
    assert list(cache.iterdir()) == list((tmp_path / "out").iterdir()) == []


def test_a_known_hash_is_checked(tmp_path, monkeypatch):
    known = dataclasses.replace(zoo.MODELS[NAME], sha256="ab" * 32)
    monkeypatch.setitem(zoo.MODELS, NAME, known)
    (tmp_path / f"{NAME}.tar.gz").write_bytes(b"something else")
    with pytest.raises(UserError, match=known.sha256):
        zoo.download_model(NAME, tmp_path / "out", tmp_path)


def test_offline_the_command_says_what_to_do_and_leaves_nothing(tmp_path):
    cache = tmp_path / "cache"
    done = run(NAME, "--out", "training", cache=cache)
    assert done.returncode == 2
    assert done.stderr.startswith(f"error: could not download {NAME}.tar.gz")
    assert f"\n  {zoo.ADDRESS}/{NAME}.tar.gz: " in done.stderr
    assert "http://" not in done.stderr  # where anybody could exchange it
    assert str(cache / f"{NAME}.tar.gz") in done.stderr
    assert "Traceback" not in done.stderr
    assert list(cache.iterdir()) == []
    assert not (tmp_path / "training").exists()


def test_other_models_are_refused_by_name_with_the_supported():
    with pytest.raises(UserError) as caught:
        zoo.find_model("yolo_v4")
    assert "yolo_v4 is not a supported model" in str(caught.value)
    assert all(f"\n  {name}" in str(caught.value) for name in zoo.MODELS)
    with pytest.raises(UserError, match=f"Did you mean {NAME}"):
        zoo.find_model("ssd_mobilenet_v2_fpnlit_320x320_coco17_tpu-8")


@pytest.mark.parametrize(
    "name, nearest",
    [
        ("faster_rcnn_resnet50_v1_640x640_coco17_tpu-8", "ssd_resnet50_v1_fpn_640x640"),
        ("mask_rcnn_inception_resnet_v2_1024x1024_coco17_gpu-8", "ssd_resnet50_v1_fpn"),
        ("centernet_hg104_512x512_coco17_tpu-8", "efficientdet_d0"),
    ],
)
def test_another_family_is_refused_with_the_nearest_of_ours(name, nearest):
    with pytest.raises(UserError, match=f"another family.* nearest.* {nearest}"):
        zoo.find_model(name)


@pytest.mark.parametrize(
    "spelling, archive",
    [
        ("ssd_efficientdet_d0_512x512_coco17_tpu-8", "efficientdet_d0_coco17_tpu-32"),
        ("efficientdet_d0", "efficientdet_d0_coco17_tpu-32"),
        ("ssd_efficientdet_d3_896x896", "efficientdet_d3_coco17_tpu-32"),
        ("ssd_mobilenet_v2_320x320", "ssd_mobilenet_v2_320x320_coco17_tpu-8"),
    ],
)
def test_a_model_is_known_by_the_spelling_of_its_config_too(spelling, archive):
    assert zoo.find_model(spelling).name == archive


def test_every_model_has_a_size_and_a_base_config():
    assert len(zoo.MODELS) == 18
    for name, model in zoo.MODELS.items():
        assert name == model.name
        assert base_configs.read(model.base).model.size == (model.input_size,) * 2
        assert model.sha256 is None or len(bytes.fromhex(model.sha256)) == 32


def test_list_names_every_model(tmp_path):
    done = run("--list", cache=tmp_path)
    assert done.returncode == 0
    assert [line.split()[0] for line in done.stdout.splitlines()] == list(zoo.MODELS)


def test_a_start_is_a_model_a_checkpoint_or_a_backbone(tmp_path):
    classes = {"leak": 1, "puddle": 2}
    assert zoo.find_start("", tmp_path, classes) == ("", "classification")
    assert zoo.find_start("a/b.npz", tmp_path, classes) == ("a/b.npz", "classification")
    own = tmp_path / "training" / "ckpt-3"
    assert zoo.find_start(str(own), tmp_path, classes) == (own, "detection")


def test_the_heads_of_a_start_are_kept_for_the_same_classes_only(tmp_path):
    classes = {"leak": 1, "puddle": 2}
    start = tmp_path / "start" / "checkpoint" / "ckpt-0"
    start.parent.mkdir(parents=True)
    write_label_map(list(classes), tmp_path / "start" / "label_map.pbtxt")
    assert zoo.find_start(start, tmp_path, classes) == (start, "full")
    for other in ({"leak": 1}, {"puddle": 1, "leak": 2}, {"RBC": 1, "WBC": 2}):
        assert zoo.find_start(start, tmp_path, other) == (start, "detection")
