"""Checks of large sets take time in proportion to their size."""

import time
from pathlib import Path

import numpy as np
import pytest

from inspection.datasets import voc
from inspection.datasets.checking.check_annotations import class_faults
from inspection.datasets.checking.class_names import similar_pairs
from inspection.datasets.checking.counts import tiny_box_faults


def big_set(boxes, images=1, names=("leak",)):
    """Return annotations of pictures that nobody opens, with so many boxes in all."""
    rng = np.random.default_rng(0)
    rows = [[] for _ in range(images)]
    for number, (x, y) in enumerate(rng.integers(0, 900, (boxes, 2)).tolist()):
        name = names[number % len(names)]
        rows[number % images].append(voc.Box(name, x, y, x + 3, y + 3))
    path = Path("x.xml")
    return [voc.Annotation(path, path, 1000, 1000, tuple(row)) for row in rows]


@pytest.mark.parametrize("images", [1, 200])
def test_tiny_boxes_cost_in_proportion(images):
    annotations = big_set(100_000, images)
    started = time.process_time()
    (fault,) = tiny_box_faults(annotations)
    assert "100000 of 100000 boxes" in fault.detail
    assert time.process_time() - started < 10


def class_list(count):
    """Return names of classes in which no two are meant to be one."""
    rng = np.random.default_rng(0)
    letters = np.array(list("abcdefghijklmnopqrstuvwxyz"))
    return ["".join(rng.choice(letters, 12)) for _ in range(count)]


def test_many_classes_cost_in_proportion():
    names = class_list(2000)
    counts = {name: 1 + 99 * (i % 2) for i, name in enumerate(names)}
    counts[names[1][:5] + names[1][6:]] = 3
    counts[names[3].upper()] = 200
    started = time.process_time()
    found = similar_pairs(counts)
    assert set(found) == {
        (names[1][:5] + names[1][6:], names[1]),
        (names[3], names[3].upper()),
    }
    assert time.process_time() - started < 10


def test_many_unknown_classes_cost_in_proportion():
    names = class_list(800)
    annotations = big_set(20_000, 2000, names)
    started = time.process_time()
    faults = class_faults(annotations, {name[:-1]: 1 for name in names})
    assert len(faults) == 2 * 2000 + 800 and "nearest is" in faults[0].detail
    assert len(faults[0].detail) < 1000
    assert time.process_time() - started < 10
