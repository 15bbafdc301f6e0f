"""Files of Keras, tables of curves and memory: what a stop or a bad disk leaves."""

import zipfile

import keras
import numpy as np
import pytest
import tensorflow as tf

from inspection.classification import feature_cache
from inspection.classification.cifar10.run_folder import RunFolder
from inspection.classification.saved import (
    Classifier,
    Facts,
    load_classifier,
    save_classifier,
)
from inspection.common.errors import UserError
from inspection.keras_shared.callbacks import append_row, drop_rows
from inspection.keras_shared.memory import explained_memory
from inspection.keras_shared.saving import read_model
from inspection.segmentation import training

CHANGES = {
    "empty": lambda data: b"",
    "cut off": lambda data: data[: len(data) // 2],
    "a byte short": lambda data: data[:-1],
    "garbage": lambda data: bytes(range(256)) * 40,
    "zeros": lambda data: bytes(len(data)),
    "half zeros": lambda data: data[: len(data) // 2] + bytes(len(data) // 2),
}


def without(entry, changed=None):
    """Return a change of a .keras file that leaves out an entry, or puts another."""

    def change(path):
        with zipfile.ZipFile(path) as archive:
            entries = {name: archive.read(name) for name in archive.namelist()}
        del entries[entry]
        with zipfile.ZipFile(path, "w") as archive:
            for name, data in entries.items():
                archive.writestr(name, data)
            if changed is not None:
                archive.writestr(entry, changed)

    return change


def rewritten(change):
    return lambda path: path.write_bytes(change(path.read_bytes()))


DAMAGES = {name: rewritten(change) for name, change in CHANGES.items()}
DAMAGES |= {
    f"without {entry}": without(entry) for entry in ("config.json", "model.weights.h5")
}
DAMAGES |= {
    "config of garbage": without("config.json", "{"),
    "config of another program": without("config.json", '{"a": 1}'),
    "weights cut off": without("model.weights.h5", b"\x89HDF\r\n\x1a\n" + bytes(90)),
}
DAMAGED = "is damaged, or of other software|is no .keras file"


@pytest.fixture(scope="module")
def model():
    return keras.Sequential([keras.Input((8,)), keras.layers.Dense(1)])


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_model_is_refused_by_every_reader(model, tmp_path, damage):
    facts = Facts(class_names=("a", "b"), size=8, backbone="none", weights="none")
    path = save_classifier(Classifier(model, facts), tmp_path / "last.keras")
    assert load_classifier(path).facts == facts
    DAMAGES[damage](path)
    readers = [
        read_model,
        load_classifier,
        lambda _: RunFolder(tmp_path).last_network(),
    ]
    for read in readers:
        with pytest.raises(UserError, match=DAMAGED) as error:
            read(path)
        assert "safe" not in str(error.value)
    path.rename(tmp_path / training.MODEL)
    with pytest.raises(UserError, match=DAMAGED):
        training.load(tmp_path)


def test_a_model_that_runs_programs_is_refused_without_advice(tmp_path):
    network = keras.Sequential([keras.Input((2,)), keras.layers.Lambda(lambda x: x)])
    network.save(tmp_path / "a.keras")
    with pytest.raises(UserError) as error:
        read_model(tmp_path / "a.keras")
    assert "safe" not in str(error.value)


@pytest.mark.parametrize("damage", CHANGES)
def test_damaged_features_are_computed_anew(tmp_path, damage, capsys):
    cache = tmp_path / f"{damage}.npz"
    known = {"abc": np.ones(3, np.float32), "def": np.zeros(3, np.float32)}
    feature_cache.write_shard(cache, known)
    assert feature_cache.read_shard(cache).keys() == known.keys()
    cache.write_bytes(CHANGES[damage](cache.read_bytes()))
    assert feature_cache.read_shard(cache) == {}
    err = capsys.readouterr().err
    assert f"{cache} is damaged" in err and "computed anew" in err


@pytest.mark.parametrize(
    "arrays",
    [
        {"digests": ["a"]},
        {"digests": ["a", "b"], "features": np.ones((1, 3))},
        {"digests": "a", "features": np.float32(1)},
    ],
)
def test_features_of_another_form_are_computed_anew(tmp_path, arrays):
    np.savez(tmp_path / "a.npz", **arrays)
    assert feature_cache.read_shard(tmp_path / "a.npz") == {}


def rows_of(path):
    return path.read_text().splitlines()


def test_rows_after_the_last_state_go(tmp_path):
    path = tmp_path / "history.csv"
    for step in (10, 20, 30):
        append_row(path, {"step": step, "loss": step / 7})
    before = path.read_bytes()
    drop_rows(path, "step", 30)
    assert path.read_bytes() == before
    path.write_bytes(before + b"40,0.")  # cut off
    drop_rows(path, "step", 20)
    assert [row.split(",")[0] for row in rows_of(path)] == ["step", "10", "20"]
    append_row(path, {"step": 25, "loss": 1.0})
    assert rows_of(path)[-1] == "25,1.0"
    drop_rows(path, "step", 0)
    assert not path.exists()


@pytest.mark.parametrize("data", [b"", b"ste", b"\xff\xfe\0", b"a,b\r\n1,2\r\n"])
def test_a_table_that_is_none_is_begun_anew(tmp_path, data):
    path = tmp_path / "history.csv"
    path.write_bytes(data)
    drop_rows(path, "step", 20)
    assert not path.exists()
    drop_rows(path, "step", 20)


@pytest.mark.parametrize(
    "error", [MemoryError(), tf.errors.ResourceExhaustedError(None, None, "OOM")]
)
def test_memory_names_what_to_try(error):
    with pytest.raises(UserError, match="batch_size 8: take 4, and end"):
        with explained_memory("batch_size", 8):
            raise error
    with pytest.raises(UserError, match="batch_size 1: take smaller pictures"):
        with explained_memory("batch_size", 1):
            raise error
