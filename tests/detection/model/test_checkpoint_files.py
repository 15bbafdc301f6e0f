"""Folders of checkpoints of which the newest, or more, are damaged in any way."""

import shutil

import pytest
import tensorflow as tf

from inspection.detection.model import checkpoint, checkpoint_files

DATA, INDEX = ".data-00000-of-00001", ".index"


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Return a folder of three checkpoints."""
    folder = tmp_path_factory.mktemp("whole")
    weights = tf.Variable(tf.random.uniform([200, 30], seed=1))
    step = tf.Variable(0, dtype=tf.int64)
    manager = tf.train.CheckpointManager(
        tf.train.Checkpoint(weights=weights, step=step), str(folder), 7
    )
    for _ in range(3):
        step.assign_add(1)
        manager.save()
    return folder


@pytest.fixture
def folder(whole, tmp_path):
    return shutil.copytree(whole, tmp_path / "training")


def change(path, change):
    data = path.read_bytes()
    path.write_bytes(change(data))


def flip(data):
    place = len(data) // 2
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


CHANGES = {
    "empty": lambda data: b"",
    "cut off": lambda data: data[: len(data) // 2],
    "a byte short": lambda data: data[:-1],
    "garbage": lambda data: bytes(range(256)) * 40,
    "zeros": lambda data: bytes(len(data)),
    "a bit flipped": flip,
}


@pytest.mark.parametrize("suffix", [DATA, INDEX])
@pytest.mark.parametrize("damage", CHANGES)
def test_an_older_one_is_taken(folder, suffix, damage):
    change(folder / f"ckpt-3{suffix}", CHANGES[damage])
    newest, faults = checkpoint_files.begin_folder(folder)
    assert newest == folder / "ckpt-2"
    (fault,) = faults
    assert fault.startswith("ckpt-3 is damaged (") and "\n" not in fault
    state = tf.train.get_checkpoint_state(str(folder))
    assert [p[-6:] for p in state.all_model_checkpoint_paths] == ["ckpt-1", "ckpt-2"]
    assert tf.train.latest_checkpoint(str(folder)) == str(folder / "ckpt-2")


@pytest.mark.parametrize("suffix", [DATA, INDEX])
def test_a_missing_file_is_damage_too(folder, suffix):
    (folder / f"ckpt-3{suffix}").unlink()
    newest, _ = checkpoint_files.begin_folder(folder)
    assert newest == folder / "ckpt-2"


@pytest.mark.parametrize(
    "text", [None, b"", b"\xff\xfe\0garbage", b"model_checkpoint_path: ", b"{" * 50]
)
def test_a_damaged_state_costs_nothing(folder, text):
    if text is None:
        (folder / "checkpoint").unlink()
    else:
        (folder / "checkpoint").write_bytes(text)
    assert checkpoint.find_checkpoint(folder) == str(folder / "ckpt-3")
    assert checkpoint_files.begin_folder(folder) == (folder / "ckpt-3", [])
    assert tf.train.latest_checkpoint(str(folder)) == str(folder / "ckpt-3")


def test_all_damaged_is_an_error_with_a_mend(folder):
    for number in (1, 2, 3):
        change(folder / f"ckpt-{number}{DATA}", CHANGES["cut off"])
    with pytest.raises(checkpoint.CheckpointError, match="delete this folder to begin"):
        checkpoint_files.begin_folder(folder)


def test_whole_ones_are_left_as_they_are(folder):
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert checkpoint_files.begin_folder(folder) == (folder / "ckpt-3", [])
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == before


def test_what_a_kill_left_half_written_goes(folder):
    half = folder / "ckpt-4_temp"
    half.mkdir()
    (half / "part-00000-of-00001.data-00000-of-00001").write_bytes(b"half")
    assert checkpoint_files.begin_folder(folder) == (folder / "ckpt-3", [])
    assert not half.exists()


def test_an_empty_folder_begins(tmp_path):
    assert checkpoint_files.begin_folder(tmp_path / "new") == (None, [])


@pytest.mark.parametrize("suffix", [DATA, INDEX])
@pytest.mark.parametrize("damage", CHANGES)
def test_reading_a_damaged_one_names_it(folder, suffix, damage):
    prefix = folder / "ckpt-3"
    change(folder / f"ckpt-3{suffix}", CHANGES[damage])
    with pytest.raises(checkpoint.CheckpointError, match="ckpt-3 is damaged"):
        with checkpoint_files.refuse_damaged(prefix):
            reader = tf.train.load_checkpoint(str(prefix))
            for name in reader.get_variable_to_shape_map():
                reader.get_tensor(name)
