"""Measure a trained folder: by picture, by pixel and by region, for each kind of defect."""

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from inspection.anomaly.conformal import alarm_interval
from inspection.anomaly.measures import image_auroc, pixel_auroc, region_overlap
from inspection.anomaly.settings import read
from inspection.anomaly.training import TFLITE
from inspection.common.errors import DatasetError
from inspection.common.notices import warn_once
from inspection.common.progress import bar
from inspection.common.run_identity import digest_file
from inspection.datasets.good_parts import JudgedParts, read_defect
from inspection.datasets.images.image_file import read_rgb
from inspection.datasets.images.resizing import resize_area
from inspection.deploy.runtime import load_model

ALL = "all"
MAP_SIDE = 256  # maps and masks are compared at no more: pixels are many


@dataclass(frozen=True)
class Evaluation:
    """What a model says of test parts.

    scores: {picture: 0 to 1}. table: a row for each kind of defect and one for all.
    false_alarms: share of the good ones over the threshold. interval: where that share
    should lie in 95 of 100 tests. milliseconds: a picture takes, file read.
    """

    scores: dict[Path, float]
    table: pd.DataFrame
    false_alarms: float
    interval: tuple[float, float]
    milliseconds: float


def evaluate(folder, parts):
    """Return the `Evaluation` of a trained folder on `JudgedParts`.

    It asks model.tflite, which is what is used. Good pictures that were learnt from are
    left out, and that is said.
    """
    settings, fitted = read(folder)
    good = _not_learnt(parts.good, fitted.learnt)
    if not parts.bad:
        raise DatasetError("0 kinds of defects to measure on")
    parts = JudgedParts(good, parts.bad, parts.masks)
    found, milliseconds = ask(Path(folder) / TFLITE, parts.all())
    scores = {path: one.score for path, one in found.items()}
    threshold = next(iter(found.values())).threshold
    maps = {path: _small(one.map) for path, one in found.items()}
    alarms = float(np.mean([scores[path] > threshold for path in good]))
    return Evaluation(
        scores,
        make_table(parts, scores, maps, threshold),
        alarms,
        alarm_interval(fitted.aside, settings.false_alarms, len(good)),
        milliseconds,
    )


def _not_learnt(paths, learnt):
    known = set(learnt)
    kept = [path for path in paths if digest_file(path) not in known]
    if len(kept) < len(paths):
        warn_once(
            f"{len(paths) - len(kept)} of {len(paths)} good pictures were learnt from: "
            "they are left out"
        )
    if not kept:
        raise DatasetError("0 good pictures that were not learnt from")
    return kept


def ask(model, paths):
    """Return ({picture: `Anomaly`}, milliseconds a picture)."""
    model = load_model(model)
    found, began = {}, time.perf_counter()
    for path in bar(paths, "pictures"):
        found[path] = model.predict(read_rgb(path))
    return found, 1000 * (time.perf_counter() - began) / len(paths)


def make_table(parts, scores, maps, threshold):
    """Return a row of figures for each kind of defect, and for all of them."""
    good = [scores[path] for path in parts.good]
    rows = {}
    for kind, paths in [*parts.bad.items(), (ALL, parts.all()[len(good) :])]:
        bad = [scores[path] for path in paths]
        rows[kind] = {
            "pictures": len(bad),
            "AUROC": image_auroc(good, bad),
            "found": float(np.mean([score > threshold for score in bad])),
        }
        if parts.masks:
            rows[kind] |= _pixel_figures(parts, maps, paths)
    return pd.DataFrame.from_dict(rows, orient="index")


def _pixel_figures(parts, maps, paths):
    """Return pixel AUROC and PRO of some bad pictures, with all good ones beside them."""
    chosen = [*parts.good, *paths]
    shown = [maps[path] for path in chosen]
    masks = [_mask_of(parts, path, maps[path].shape) for path in chosen]
    return {
        "pixel AUROC": pixel_auroc(shown, masks),
        "PRO": region_overlap(shown, masks),
    }


def _mask_of(parts, path, size):
    mask = parts.masks.get(path)
    if mask is None:
        return np.zeros(size, bool)
    height, width = read_rgb(path).shape[:2]
    marked = read_defect(mask, (height, width))
    return resize_area(np.float32(marked), size) >= 0.5


def _small(scores):
    height, width = scores.shape
    scale = min(1, MAP_SIDE / max(height, width))
    size = max(1, round(height * scale)), max(1, round(width * scale))
    return resize_area(scores, size)
