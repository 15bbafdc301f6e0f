"""From a folder of pictures to thresholds, tables, figures and files: the whole way."""

import json
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from inspection.classification import comparison, measures
from inspection.classification.saved import Classifier
from inspection.common.atomic_files import whole_file, write_text
from inspection.common.errors import UserError
from inspection.datasets.class_folders import LabelledPictures, read_class_folders
from inspection.datasets.splitting.class_split import (
    SHARES,
    find_groups,
    group_of,
    split_groups,
)


@dataclass(frozen=True)
class Experiment:
    """Pictures, the number of the group of each, and the sides of the split."""

    pictures: LabelledPictures
    groups: np.ndarray
    sides: dict[str, np.ndarray]

    def labels(self, side):
        """Return the labels of one side."""
        return self.pictures.labels[self.sides[side]]

    def side_groups(self, side):
        """Return the number of the group of each picture of one side."""
        return self.groups[self.sides[side]]

    def counts(self):
        """Return {side: {class: pictures, "groups": groups}}."""
        names = self.pictures.class_names
        return {
            side: {
                **{n: int(np.sum(self.labels(side) == i)) for i, n in enumerate(names)},
                "groups": len(np.unique(self.side_groups(side))),
            }
            for side in self.sides
        }


def prepare(
    folder, class_names=None, pattern=None, photographs=None, seed=0, shares=SHARES
):
    """Read a folder of class folders and split it; return the Experiment.

    pattern, photographs: what tells which pictures belong together, as for
    `datasets.class_split`.
    """
    pictures = read_class_folders(folder, class_names)
    groups = find_groups(pictures, pattern, photographs)
    sides = split_groups(pictures, groups, shares, seed)
    return Experiment(pictures, group_of(groups, len(pictures)), sides)


def need_two_classes(pictures):
    """Raise UserError unless there are two classes."""
    if len(pictures.class_names) != 2:
        names = ", ".join(pictures.class_names)
        raise UserError(f"this takes two classes, not {names}")


def choose_threshold(contestant, experiment, miss=10.0, alarm=1.0):
    """Return the Contestant with the cheapest threshold on the validation pictures."""
    said = contestant.probabilities[experiment.sides["val"]]
    costs = measures.threshold_costs(experiment.labels("val"), said, miss, alarm)
    threshold = measures.cheapest_threshold(costs)
    kept = contestant.classifier
    if kept is not None:
        kept = Classifier(kept.model, replace(kept.facts, threshold=threshold))
    return replace(contestant, threshold=threshold, classifier=kept)


def test_answers(contestants, experiment):
    """Return {title: (probabilities, threshold)} of the test pictures."""
    return comparison.on_side(contestants, experiment.sides["test"])


def answers_for(contestants, pictures):
    """Return {title: (probabilities, threshold)} of other pictures, read anew."""
    return {
        one.title: (one.score_files(pictures.paths), one.threshold)
        for one in contestants
    }


def report(contestants, experiment, others):
    """Return all figures of a comparison, ready for JSON.

    others: {name: LabelledPictures}, sets that nobody was trained on.
    """
    labels, groups = experiment.labels("test"), experiment.side_groups("test")
    answers = test_answers(contestants, experiment)
    figures = comparison.figures_table(answers, labels, groups)
    found = {
        "classes": list(experiment.pictures.class_names),
        "pictures": experiment.counts(),
        "costs": _plain(comparison.costs_table(contestants)),
        "thresholds": {one.title: one.threshold for one in contestants},
        "test": _plain(figures),
        "test at 0.5": _plain(
            comparison.figures_table(_at_half(answers), labels, groups)
        ),
        "calibration": {
            t: measures.calibration(labels, p)[1] for t, (p, _) in answers.items()
        },
        "pairs": comparison.pairs_table(answers, labels).to_dict("records"),
    }
    for name, pictures in others.items():
        there = answers_for(contestants, pictures)
        found[f"on {name}"] = _plain(comparison.figures_table(there, pictures.labels))
        found[f"on {name} at 0.5"] = _plain(
            comparison.figures_table(_at_half(there), pictures.labels)
        )
    return found


def write_answers(contestants, experiment, path):
    """Write what each model said about each picture, as CSV; return the path."""
    import pandas as pd

    pictures = experiment.pictures
    sides = np.empty(len(pictures), object)
    for side, indices in experiment.sides.items():
        sides[indices] = side
    table = pd.DataFrame({"picture": pictures.names(), "side": sides})
    table["group"] = experiment.groups
    table["class"] = [pictures.class_names[i] for i in pictures.labels]
    for one in contestants:
        table[one.title] = one.probabilities.round(4)
    with whole_file(path) as temporary:
        table.to_csv(temporary, index=False)
    return Path(path)


def write_json(found, path):
    """Write figures as JSON, floats with five digits; return the path."""
    text = json.dumps(_rounded(found), indent=2, ensure_ascii=False)
    write_text(path, text + "\n")
    return Path(path)


def _at_half(answers):
    return {title: (said, 0.5) for title, (said, _) in answers.items()}


def _plain(table):
    return {name: row.to_dict() for name, row in table.iterrows()}


def _rounded(value):
    if isinstance(value, dict):
        return {str(key): _rounded(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_rounded(one) for one in value]
    if isinstance(value, (float, np.floating)):
        # JSON knows no NaN
        return round(float(value), 5) if np.isfinite(value) else None
    return value.item() if isinstance(value, np.generic) else value
