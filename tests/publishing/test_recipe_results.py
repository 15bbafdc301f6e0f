"""The sections on the recipe, and the runs that are kept one by one."""

import json
import sys

import pytest

from helpers import ROOT
from inspection.publishing.results import recipe

RESULT = {
    "data": "drawn: 4 pictures",
    "network": "SSD",
    "start": "weights",
    "steps": 3000,
    "machine": "2 cores",
    "runs": {
        "base": {
            "0": {"mAP@.50": 80.0, "mAP": 50.0, "minutes": 30.0},
            "1": {"mAP@.50": 82.0, "mAP": 50.0, "minutes": 32.0},
        },
        "mosaic": {"0": {"mAP@.50": 85.04, "mAP": 51.0, "minutes": 40.0}},
    },
}


def test_mean_and_spread_of_seeds():
    text = recipe.ablation(RESULT)
    assert "| base | 2 | 81.0 ± 1.4 | 50.0 ± 0.0 | 31 |" in text
    assert "| mosaic | 1 | 85.0 | 51.0 | 40 |" in text  # of one there is no spread
    assert "3,000 steps" in text and "Drawn: 4 pictures." in text


def test_tiles_beside_the_whole():
    rows = {"AP small": 1.0, "AP medium": 2.0, "mAP@.50": 3.0}
    result = {
        **{"data": "walls", "network": "net", "machine": "2 cores", "tile": 160},
        **{"overlap": 0.25, "seconds_tiles_alone": 2.0, "seconds_merged": 2.1},
        **{"cost": 1.05, "double_boxes": 0, "resized picture": rows, "tiles": rows},
    }
    text = recipe.small_objects(result)
    assert "| tiles | 1.0 | 2.0 | 3.0 |" in text and "1.05 times as much" in text


@pytest.fixture
def runs(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "tests/benchmarks/recipe")
    monkeypatch.syspath_prepend(ROOT / "tests/benchmarks")
    before = set(sys.modules)
    import runs

    yield runs
    for name in {"runs", "bootstrap", "measure"} - before:
        sys.modules.pop(name, None)


def test_runs_go_on_after_a_stop(runs, monkeypatch, tmp_path):
    """Each run is written when it is done; what is there is not trained again."""
    path, trained = tmp_path / "ablation.json", []

    def run_one(training, evaluation, place, name, seed):
        if len(trained) == 2:
            raise KeyboardInterrupt
        trained.append((name, seed, place.name))
        return {"mAP@.50": 1.0}

    monkeypatch.setattr(runs, "run_one", run_one)
    variants = {"base": lambda: (0, 0, "base"), "flip at test": lambda: (0, 0, "base")}
    with pytest.raises(KeyboardInterrupt):
        results = runs.read_results(path, {"steps": 5})
        runs.run_missing(results, path, variants, range(2), tmp_path)
    assert list(json.loads(path.read_text())["runs"]) == ["base", "flip at test"]
    done = trained.copy()
    trained.clear()
    results = runs.read_results(path, {"steps": 5})
    runs.run_missing(results, path, variants, range(2), tmp_path)
    assert done == [("base", 0, "base_0"), ("flip at test", 0, "base_0")]
    assert trained == [("base", 1, "base_1"), ("flip at test", 1, "base_1")]


def test_results_of_another_experiment_are_left_alone(runs, tmp_path):
    path = tmp_path / "ablation.json"
    path.write_text(json.dumps({"steps": 5, "runs": {}}))
    with pytest.raises(SystemExit, match="another experiment"):
        runs.read_results(path, {"steps": 6})
