"""From a folder of pictures to thresholds, tables, figures and files: the whole way."""

import json
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from inspection.classification import comparison, measures
from inspection.classification.saved import Classifier
from inspection.common.atomic_files import whole_file, write_text
from inspection.common.errors import UserError
from inspection.datasets.class_folders import LabelledImages, read_class_folders
from inspection.datasets.splitting.class_split import (
    SHARES,
    find_groups,
    group_of,
    split_groups,
)


@dataclass(frozen=True)
class Experiment:
    """Pictures, the number of the group of each, and the splits."""

    images: LabelledImages
    groups: np.ndarray
    splits: dict[str, np.ndarray]

    def labels(self, split):
        """Return the labels of one split."""
        return self.images.labels[self.splits[split]]

    def groups_of(self, split):
        """Return the number of the group of each picture of one split."""
        return self.groups[self.splits[split]]

    def counts(self):
        """Return {split: {class: pictures, "groups": groups}}."""
        names = self.images.class_names
        return {
            split: {
                **{
                    n: int(np.sum(self.labels(split) == i)) for i, n in enumerate(names)
                },
                "groups": len(np.unique(self.groups_of(split))),
            }
            for split in self.splits
        }


def prepare(
    folder, class_names=None, pattern=None, photographs=None, seed=0, shares=SHARES
):
    """Read a folder of class folders and split it; return the Experiment.

    pattern, photographs: what tells which pictures belong together, as for
    `datasets.class_split`.
    """
    images = read_class_folders(folder, class_names)
    groups = find_groups(images, pattern, photographs)
    splits = split_groups(images, groups, shares, seed)
    return Experiment(images, group_of(groups, len(images)), splits)


def need_two_classes(images):
    """Raise UserError unless there are two classes."""
    if len(images.class_names) != 2:
        names = ", ".join(images.class_names)
        raise UserError(f"this takes two classes, not {names}")


def choose_threshold(candidate, experiment, miss=10.0, alarm=1.0):
    """Return the Candidate with the cheapest threshold on the validation pictures."""
    scores = candidate.probabilities[experiment.splits["val"]]
    costs = measures.threshold_costs(experiment.labels("val"), scores, miss, alarm)
    threshold = measures.cheapest_threshold(costs)
    kept = candidate.classifier
    if kept is not None:
        kept = Classifier(kept.model, replace(kept.facts, threshold=threshold))
    return replace(candidate, threshold=threshold, classifier=kept)


def test_answers(candidates, experiment):
    """Return {title: (probabilities, threshold)} of the test pictures."""
    return comparison.on_split(candidates, experiment.splits["test"])


def answers_for(candidates, images):
    """Return {title: (probabilities, threshold)} of other pictures, read anew."""
    return {
        one.title: (one.score_files(images.paths), one.threshold) for one in candidates
    }


def report(candidates, experiment, others):
    """Return all figures of a comparison, ready for JSON.

    others: {name: LabelledPictures}, sets that nobody was trained on.
    """
    labels, groups = experiment.labels("test"), experiment.groups_of("test")
    answers = test_answers(candidates, experiment)
    figures = comparison.figures_table(answers, labels, groups)
    predicted = {
        "classes": list(experiment.images.class_names),
        "pictures": experiment.counts(),
        "costs": _plain(comparison.costs_table(candidates)),
        "thresholds": {one.title: one.threshold for one in candidates},
        "test": _plain(figures),
        "test at 0.5": _plain(
            comparison.figures_table(_at_half(answers), labels, groups)
        ),
        "calibration": {
            t: measures.calibration(labels, p)[1] for t, (p, _) in answers.items()
        },
        "pairs": comparison.pairs_table(answers, labels).to_dict("records"),
    }
    for name, images in others.items():
        there = answers_for(candidates, images)
        predicted[f"on {name}"] = _plain(comparison.figures_table(there, images.labels))
        predicted[f"on {name} at 0.5"] = _plain(
            comparison.figures_table(_at_half(there), images.labels)
        )
    return predicted


def write_answers(candidates, experiment, path):
    """Write what each model said about each picture, as CSV; return the path."""
    import pandas as pd

    images = experiment.images
    splits = np.empty(len(images), object)
    for split, indices in experiment.splits.items():
        splits[indices] = split
    table = pd.DataFrame({"image": images.names(), "split": splits})
    table["group"] = experiment.groups
    table["class"] = [images.class_names[i] for i in images.labels]
    for one in candidates:
        table[one.title] = one.probabilities.round(4)
    with whole_file(path) as temporary:
        table.to_csv(temporary, index=False)
    return Path(path)


def write_json(predicted, path):
    """Write figures as JSON, floats with five digits; return the path."""
    text = json.dumps(_rounded(predicted), indent=2, ensure_ascii=False)
    write_text(path, text + "\n")
    return Path(path)


def _at_half(answers):
    return {title: (scores, 0.5) for title, (scores, _) in answers.items()}


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
