"""Curves of a training, from the tables that it writes."""

import matplotlib.pyplot as plt
import pandas as pd
import pytest

from inspection.course import training_curves


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


@pytest.fixture
def run(tmp_path):
    losses = {"Loss/localization_loss": [2, 1.0], "Loss/classification_loss": [1, 0.5]}
    history = pd.DataFrame({"step": [20, 40], **losses, "learning_rate": [0.01, 0.002]})
    history.to_csv(tmp_path / "history.csv", index=False)
    values = {"step": [0, 40], "loss": [9, 2.5], "mAP@.50": [0.0, 0.3]}
    pd.DataFrame(values).to_csv(tmp_path / "validation.csv", index=False)
    return tmp_path


def test_losses_are_named_and_added(run):
    history, validation = training_curves.read(run)
    assert history.loc[40, "what"] == 0.5 and history.loc[20, "loss"] == 3
    assert validation.loc[40, "mAP@.50"] == 0.3


def test_a_run_is_three_frames(run):
    training_curves.plot_run(run, "a start")
    losses, found, rate = plt.gcf().axes
    assert [line.get_label() for line in losses.lines] == ["where", "what"]
    assert found.lines[0].get_ydata().tolist() == [0.0, 0.3]
    assert rate.lines[0].get_ydata().tolist() == [0.01, 0.002]


def test_the_first_losses_do_not_squeeze_the_rest(run):
    training_curves.plot_gap({"ten": run, "all": run})
    axes = plt.gcf().axes
    assert [axis.get_title(loc="left") or axis.get_title() for axis in axes] == [
        "ten",
        "all",
    ]
    assert axes[0].get_ylim() == (0, 5)
    assert [line.get_label() for line in axes[1].lines] == ["training", "validation"]
