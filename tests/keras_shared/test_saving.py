import keras
import numpy as np
import pytest

from inspection.keras_shared.saving import atomic_keras_file


@pytest.fixture
def model():
    return keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])


def test_models_and_weights_are_written_under_their_names(model, tmp_path):
    with atomic_keras_file(tmp_path / "new/model.keras") as path:
        model.save(path)
    with atomic_keras_file(tmp_path / "new/last.weights.h5") as path:
        model.save_weights(path)
    names = sorted(p.name for p in (tmp_path / "new").iterdir())
    assert names == ["last.weights.h5", "model.keras"]
    loaded = keras.saving.load_model(tmp_path / "new/model.keras")
    np.testing.assert_array_equal(loaded.get_weights()[0], model.get_weights()[0])


def test_what_fails_leaves_the_old_file_and_nothing_else(model, tmp_path):
    (tmp_path / "model.keras").write_text("old")
    with (
        pytest.raises(KeyboardInterrupt),
        atomic_keras_file(tmp_path / "model.keras") as path,
    ):
        model.save(path)
        raise KeyboardInterrupt
    assert [p.read_text() for p in tmp_path.iterdir()] == ["old"]
