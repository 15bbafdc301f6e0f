"""Bars, clock and the stop at NaN, around the smallest of trainings."""

import csv

import keras
import numpy as np
import pytest

from inspection.common.errors import UserError
from inspection.keras_shared import callbacks

X, Y = np.ones((6, 2), "float32"), np.ones((6, 1), "float32")


def fit(*chosen, epochs=2, y=Y):
    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    options = {"batch_size": 2, "epochs": epochs, "shuffle": False, "verbose": 0}
    return model.fit(X, y, callbacks=list(chosen), **options).history


@pytest.fixture
def drawn(monkeypatch):
    """Let bars be drawn, onto stderr."""
    monkeypatch.setattr(callbacks, "is_drawn", lambda: True)
    monkeypatch.setattr("inspection.common.progress.is_drawn", lambda: True)
    monkeypatch.delenv("TQDM_DISABLE", raising=False)


def test_where_no_bar_is_drawn_each_epoch_has_a_line(capsys, monkeypatch):
    monkeypatch.setattr(callbacks, "is_drawn", lambda: False)
    fit(callbacks.EpochBar(2, title="head", shown=("loss",)))
    first, last = capsys.readouterr().out.splitlines()
    assert first.startswith("head, epoch 1/2: loss ")
    assert last.startswith("head, epoch 2/2: loss ")
    with callbacks.StepBar(16, 10) as bar:
        fit(bar)
    first, last = capsys.readouterr().out.splitlines()
    assert first.startswith("step 3/16: loss ") and last.startswith("step 6/16: ")


def test_a_bar_stands_where_the_training_does(drawn, capsys):
    with callbacks.StepBar(16, 10) as bar:
        fit(bar)
        assert (bar.bar.n, bar.bar.total, bar.bar.unit) == (16, 16, "step")
        fit(bar, epochs=1)  # another stretch of the same training
        assert bar.bar.n == 19
    bar = callbacks.EpochBar(2)
    fit(bar)
    assert (bar.bar.n, bar.bar.unit) == (2, "epoch")
    assert capsys.readouterr().out == ""


def test_a_bar_is_closed_where_training_stops(drawn):
    with pytest.raises(UserError), callbacks.StepBar(6) as bar:
        fit(callbacks.StopOnNaN(), bar, y=np.full_like(Y, np.nan))
    assert bar.bar.disable  # as tqdm marks what is closed


def test_the_clock_measures_each_epoch():
    history = fit(callbacks.EpochClock())
    assert len(history["seconds"]) == len(history["cpu_seconds"]) == 2
    assert min(history["seconds"]) > 0


@pytest.mark.parametrize("loss", [np.nan, np.inf])
def test_a_loss_that_is_not_finite_stops(loss):
    with pytest.raises(UserError, match=f"the loss is {loss}: take a tenth"):
        fit(callbacks.StopOnNaN(), y=np.full_like(Y, loss))


def test_rows_are_appended_below_one_header(tmp_path):
    for step in (1, 2):
        callbacks.append_row(tmp_path / "h.csv", {"step": step, "loss": 0.5})
    rows = list(csv.DictReader((tmp_path / "h.csv").open()))
    assert [row["step"] for row in rows] == ["1", "2"]
