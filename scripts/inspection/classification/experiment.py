"""From a folder of pictures to thresholds, tables, figures and files: the whole way."""

import json
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from inspection.classification import comparison, measures
from inspection.classification.predictions import predicted_classes
from inspection.classification.saved import Classifier
from inspection.common.atomic_files import atomic_write, write_text
from inspection.common.errors import UserError
from inspection.common.text import plural
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


def read_other(folder, class_names, images):
    """Return the LabelledImages of another set with the classes of `images`.

    class_names: its folders in the order of those classes; None where they have the
    same names. Raises UserError where they are more or fewer.
    """
    known = images.class_names
    if class_names and len(class_names) != len(known):
        raise UserError(
            f"{folder}: {plural(len(class_names), 'class')} named for it, and the models "
            f"know {len(known)}: name its folders in the order of {', '.join(known)}"
        )
    return read_class_folders(folder, class_names or known)


def choose_threshold(candidate, experiment, miss=10.0, alarm=1.0):
    """Return the Candidate with the cheapest threshold on the validation pictures.

    Of more than two classes there is no threshold: it is returned as it is.
    """
    if len(experiment.images.class_names) > 2:
        return candidate
    scores = candidate.probabilities[experiment.splits["val"]]
    costs = measures.threshold_costs(experiment.labels("val"), scores, miss, alarm)
    threshold = measures.cheapest_threshold(costs)
    kept = candidate.classifier
    if kept is not None:
        kept = Classifier(kept.model, replace(kept.facts, threshold=threshold))
    return replace(candidate, threshold=threshold, classifier=kept)


def choose_thresholds(candidates, experiment, miss=10.0, alarm=1.0):
    """Return the Candidates, each with its cheapest threshold; say where there is none."""
    if len(experiment.images.class_names) > 2:
        print(no_threshold(experiment.images.class_names))
    return [choose_threshold(one, experiment, miss, alarm) for one in candidates]


def no_threshold(class_names):
    """Return why nothing is chosen by what errors cost."""
    count = plural(len(class_names), "class")
    return f"{count}: costs and thresholds are for two; the most probable is said"


def test_answers(candidates, experiment):
    """Return {title: Predictions} of the test pictures."""
    return {one.title: one.predictions(experiment.splits["test"]) for one in candidates}


def answers_for(candidates, images):
    """Return {title: Predictions} of other pictures, read anew."""
    return {one.title: one.predict_files(images.paths) for one in candidates}


def report(candidates, experiment, others):
    """Return all figures of a comparison, ready for JSON.

    others: {name: LabelledImages}, sets that nobody was trained on.
    """
    labels, groups = experiment.labels("test"), experiment.groups_of("test")
    class_names = experiment.images.class_names
    answers = test_answers(candidates, experiment)
    found = {
        "classes": list(class_names),
        "pictures": experiment.counts(),
        "costs": _plain(comparison.costs_table(candidates)),
        **_thresholds(candidates, class_names),
        **_figures("test", answers, labels, groups),
        "calibration": {
            title: measures.brier(labels, said.scores)
            for title, said in answers.items()
        },
        "pairs": comparison.pairs_table(answers, labels, groups).to_dict("records"),
        **_by_class("test", answers, labels, class_names),
    }
    for name, images in others.items():
        there = answers_for(candidates, images)
        found |= _figures(f"on {name}", there, images.labels)
        found |= _by_class(f"on {name}", there, images.labels, class_names)
    return found


def _thresholds(candidates, class_names):
    """Return the thresholds of two classes; of more there are none."""
    if len(class_names) > 2:
        return {}
    return {"thresholds": {one.title: one.threshold for one in candidates}}


def _figures(name, answers, labels, groups=None):
    """Return the measures of each model, of two classes also at one half."""
    found = {name: _plain(comparison.figures_table(answers, labels, groups))}
    if all(said.num_classes == 2 for said in answers.values()):
        half = {title: said.at_half() for title, said in answers.items()}
        table = comparison.figures_table(half, labels, groups)
        found[f"{name} at 0.5"] = _plain(table)
    return found


def _by_class(name, answers, labels, class_names):
    """Return measures of each class and confusions of each model."""
    tables, matrices = {}, {}
    for title, said in answers.items():
        table = measures.class_measures(labels, said.predicted, class_names)
        matrix = measures.confusion(labels, said.predicted, class_names)
        tables[title], matrices[title] = _plain(table), matrix.to_numpy().tolist()
    return {f"classes, {name}": tables, f"confusion, {name}": matrices}


def write_answers(candidates, experiment, path):
    """Write what each model said about each picture, as CSV; return the path.

    Of two classes one column for each model, the probability of the last class; of more
    the class that was said, and a column `model: class` for the score of each.
    """
    import pandas as pd

    images = experiment.images
    splits = np.empty(len(images), object)
    for split, indices in experiment.splits.items():
        splits[indices] = split
    table = pd.DataFrame({"image": images.names(), "split": splits})
    table["group"] = experiment.groups
    table["class"] = [images.class_names[i] for i in images.labels]
    for one in candidates:
        table = table.join(_answer_columns(one, images.class_names))
    with atomic_write(path) as temporary:
        table.to_csv(temporary, index=False)
    return Path(path)


def _answer_columns(candidate, class_names):
    import pandas as pd

    title = candidate.title
    if len(class_names) == 2:
        return pd.DataFrame({title: candidate.probabilities.round(4)})
    said = predicted_classes(candidate.scores)
    columns = {title: [class_names[i] for i in said]}
    for name, scores in zip(class_names, candidate.scores.T, strict=True):
        columns[f"{title}: {name}"] = scores.round(4)
    return pd.DataFrame(columns)


def write_json(predicted, path):
    """Write figures as JSON, floats with five digits; return the path."""
    text = json.dumps(_rounded(predicted), indent=2, ensure_ascii=False)
    write_text(path, text + "\n")
    return Path(path)


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
