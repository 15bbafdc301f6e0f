"""Many pictures: what is written and held in memory grows with their features alone."""

import io
import json
import sys

import keras
import numpy as np
import pytest
from PIL import Image

from helpers import ROOT, tiny_networks
from helpers.commands import run_python
from helpers.sets.crack_sets import write_set
from inspection.classification import batches, experiment, feature_cache, features

SIDE = 227  # of METU's crops
MOST_MEMORY = 6e9
MOST_WRITTEN = 1.2  # times the features
COMMENT = b"\xff\xfe"  # of a JPEG, behind its first two bytes

# trains as notebook 04 does, and tells what that took; arguments: folder, cache
PROGRAM = f"""
import json, resource, sys
sys.path.insert(0, {str(ROOT / "scripts")!r})
import numpy as np, psutil
from inspection.classification import comparison
from inspection.datasets.class_folders import read_class_folders

folder, cache = sys.argv[1:]
images = read_class_folders(folder)
order = np.random.default_rng(0).permutation(len(images))
splits = dict(zip(("train", "val", "test"), np.split(order, [len(order) * 7 // 10] * 2)))
splits["val"] = splits["test"]
before = psutil.Process().io_counters().write_chars
one = comparison.train_network(
    images, splits, "mobilenetv2_035", 128, {str(ROOT / "data/weights/walls.npz")!r},
    comparison.TrainingSettings(head_epochs=3), cache)
written = psutil.Process().io_counters().write_chars - before
answers = one.predict_files(images.paths[:1000])
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
print(json.dumps({{
    "pictures": len(images), "written": written, "peak": peak,
    "features": len(images) * one.classifier.model.get_layer("pool").output.shape[-1] * 4,
    "agree": bool(np.allclose(answers.scores, one.scores[:1000], atol=1e-3)),
}}))
"""


def draw_jpeg(seed):
    """Return the bytes of a JPEG of grey noise."""
    pixels = np.random.default_rng(seed).integers(90, 160, (SIDE, SIDE, 3), "uint8")
    file = io.BytesIO()
    Image.fromarray(pixels).resize((29, 29)).resize((SIDE, SIDE)).save(file, "JPEG")
    return file.getvalue()


def write_pictures(folder, count):
    """Write pictures of two classes, all different to whoever reads their bytes."""
    for label, name in enumerate(("clean", "crack")):
        (folder / name).mkdir(parents=True)
        data = draw_jpeg(label)
        for number in range(count // 2):
            text = number.to_bytes(4, "big")
            comment = COMMENT + (len(text) + 2).to_bytes(2, "big") + text
            path = folder / name / f"{number:05d}.jpg"
            path.write_bytes(data[:2] + comment + data[2:])


@pytest.mark.skipif(sys.platform != "linux", reason="counts as Linux does")
@pytest.mark.parametrize("count", [1200, pytest.param(40_000, marks=pytest.mark.soak)])
def test_memory_and_disk_grow_with_the_features_alone(tmp_path, count):
    write_pictures(tmp_path / "set", count)
    done = run_python("-c", PROGRAM, tmp_path / "set", tmp_path / "cache")
    assert done.returncode == 0, done.stderr
    took = json.loads(done.stdout.splitlines()[-1])
    print(took)
    assert took["pictures"] == count and took["agree"]
    assert took["written"] < MOST_WRITTEN * took["features"]
    assert took["peak"] < MOST_MEMORY
    (cache,) = (tmp_path / "cache").iterdir()
    shards = list(cache.glob("*.npz"))
    assert len(shards) == -(-count // features.STRETCH)
    stored = sum(path.stat().st_size for path in shards)
    assert took["features"] < stored < MOST_WRITTEN * took["features"]


@pytest.fixture(scope="module")
def set_up(tmp_path_factory):
    return experiment.prepare(write_set(tmp_path_factory.mktemp("set")))


@pytest.fixture(scope="module")
def backbone():
    return tiny_networks.backbone(32)


def test_what_is_added_is_written_and_nothing_else(
    backbone, set_up, tmp_path, monkeypatch
):
    monkeypatch.setattr(features, "STRETCH", 4)
    paths = set_up.images.paths[:10]
    features.extract(backbone, paths[:8], tmp_path)
    (folder,) = tmp_path.iterdir()
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert len(before) == 2
    rows = features.extract(backbone, paths, tmp_path)
    after = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert len(after) == 3 and before.items() <= after.items()
    np.testing.assert_array_equal(rows, features.extract(backbone, paths))


def test_a_stop_costs_the_last_stretch_alone(backbone, set_up, tmp_path, monkeypatch):
    monkeypatch.setattr(features, "STRETCH", 4)
    load, calls = features.load_images, []

    def stop(paths, *arguments, **more):
        calls.append(len(paths))
        if len(calls) == 3:
            raise KeyboardInterrupt
        return load(paths, *arguments, **more)

    paths = set_up.images.paths[:12]
    monkeypatch.setattr(features, "load_images", stop)
    with pytest.raises(KeyboardInterrupt):
        features.extract(backbone, paths, tmp_path)
    features.extract(backbone, paths, tmp_path)
    assert calls == [4, 4, 4, 4]


def test_the_cache_of_version_1_is_read(backbone, set_up, tmp_path, monkeypatch):
    paths = set_up.images.paths[:6]
    rows = features.extract(backbone, paths)
    cache = feature_cache.cache_of(backbone, tmp_path)
    known = {features._file_digest(p): row for p, row in zip(paths, rows, strict=True)}
    np.savez(cache.former, digests=list(known), features=rows)
    monkeypatch.setattr(features, "load_images", None)  # none is computed
    found = features.extract(backbone, paths, tmp_path)
    np.testing.assert_array_equal(found, rows)


def test_a_damaged_shard_costs_its_own_pictures(
    backbone, set_up, tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(features, "STRETCH", 4)
    paths = set_up.images.paths[:12]
    rows = features.extract(backbone, paths, tmp_path)
    (folder,) = tmp_path.iterdir()
    shard = sorted(folder.iterdir())[1]
    shard.write_bytes(shard.read_bytes()[:300])
    load, calls = features.load_images, []
    monkeypatch.setattr(
        features,
        "load_images",
        lambda p, *a, **k: calls.append(len(p)) or load(p, *a, **k),
    )
    np.testing.assert_array_equal(features.extract(backbone, paths, tmp_path), rows)
    assert calls == [4] and f"{shard} is damaged" in capsys.readouterr().err
    assert len(feature_cache.read_shard(shard)) == 4  # whole again


def plain(data, epochs):
    return [
        part.tolist()
        for _ in range(epochs)
        for images, labels in data.as_numpy_iterator()
        for part in (images.sum((1, 2, 3)), labels)
    ]


@pytest.mark.parametrize("shuffle", [False, True])
def test_pictures_that_are_not_kept_come_in_the_same_order(
    set_up, monkeypatch, shuffle
):
    images = set_up.images
    found = []
    for most in (batches.MOST_KEPT, 0):
        monkeypatch.setattr(batches, "MOST_KEPT", most)
        keras.utils.set_random_seed(1)
        data = batches.make_batches(images.paths, images.labels, 32, 7, shuffle)
        found.append(plain(data, 2))
    assert found[0] == found[1]


def test_files_are_scored_a_stretch_at_a_time(set_up, monkeypatch):
    paths, sizes = set_up.images.paths[:10], []

    def score(images):
        sizes.append(len(images))
        return images.mean((1, 2), keepdims=False)

    whole = batches.score_files(score, paths, 16)
    monkeypatch.setattr(batches, "STRETCH", 4)
    np.testing.assert_array_equal(batches.score_files(score, paths, 16), whole)
    assert sizes == [10, 4, 4, 2]
