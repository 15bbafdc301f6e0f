"""An error for the user is never mistaken for one of the program."""

import json

import numpy as np
import pytest

from inspection.common.errors import DatasetError, UserError
from inspection.datasets.cifar10 import image_arrays
from inspection.deploy import model_file


@pytest.mark.parametrize("kind", [ValueError, RuntimeError, TypeError, OSError])
def test_no_reader_that_catches_broken_files_catches_it(kind):
    assert not issubclass(UserError, kind)
    assert not issubclass(DatasetError, kind)


def test_what_an_npz_lacks_is_named_and_what_is_none_too(tmp_path):
    np.savez(tmp_path / "other.npz", x_train=np.zeros(1))
    with pytest.raises(DatasetError, match="holds x_train\n.*no array y_train"):
        image_arrays.read(tmp_path / "other.npz")
    (tmp_path / "none.npz").write_text("nothing")
    with pytest.raises(DatasetError, match="none.npz is no whole .npz of arrays"):
        image_arrays.read(tmp_path / "none.npz")


def test_what_a_model_file_says_is_not_taken_for_damage(tmp_path, monkeypatch):
    path = tmp_path / "model.tflite"
    path.write_bytes(b"\xff\xff\xff\x7fTFL3" + bytes(40))
    with pytest.raises(UserError, match="is damaged or ends early"):
        model_file.read_model_file(path)

    def without_labels(*parts):
        raise UserError("its metadata names no file of labels")

    monkeypatch.setattr(model_file, "_parse", without_labels)
    with pytest.raises(UserError, match="^its metadata names no file of labels"):
        model_file.read_model_file(path)


@pytest.mark.parametrize(
    ("stored", "message"),
    [
        (json.dumps({"size": 30}), "size 30 must be a multiple of 16"),
        (json.dumps({"sizes": 32}), "sizes"),
        ("{", "Expecting"),
    ],
)
def test_settings_of_a_segmenter_are_named_with_their_file(tmp_path, stored, message):
    from inspection.segmentation.training import read_settings

    (tmp_path / "settings.json").write_text(stored)
    with pytest.raises(UserError, match=f"settings.json .*{message}"):
        read_settings(tmp_path)
