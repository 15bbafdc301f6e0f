"""Train several classifiers on one split and compare them."""

import time
from collections import Counter
from dataclasses import dataclass, field, replace
from itertools import combinations

import keras
import numpy as np
import pandas as pd

from inspection.classification import batches, features, measures, texture, training
from inspection.classification import model as models
from inspection.classification.backbones import (
    IN_32_BITS,
    build_backbone,
    find_backbone,
)
from inspection.classification.predictions import Predictions
from inspection.classification.saved import Classifier, Facts
from inspection.common.errors import UserError
from inspection.keras_shared import precision

ROUNDS = 9  # single pictures whose time is taken; the median counts


@dataclass(frozen=True, kw_only=True)
class TrainingSettings:
    """How a network is trained: the head on features first, then what lies below it.

    tune_epochs: of fine-tuning, 0 for none; `rate` is its learning rate.
    frozen_norm: whether fine-tuning leaves batch norm alone; None does so with all
    weights but random ones.
    """

    head_epochs: int = 100
    tune_epochs: int = 0
    rate: float = 1e-4
    frozen_norm: bool | None = None
    seed: int = 0

    def freezes_norm(self, weights):
        """Tell whether batch norm stays as it is in a backbone of such weights."""
        return weights != "none" if self.frozen_norm is None else self.frozen_norm


@dataclass(kw_only=True)
class Candidate:
    """One trained model and what it said about every picture of the set.

    scores: float [N, C]. seconds: reading, features and training. milliseconds: one
    picture of the network's size, alone. score: a function from uint8 [N, size, size, 3]
    to scores [N, C]. threshold: of two classes alone.
    """

    title: str
    weights: str
    size: int
    scores: np.ndarray
    seconds: float
    parameters: int
    milliseconds: float
    score: object = field(repr=False, default=None)
    classifier: Classifier | None = field(repr=False, default=None)
    history: pd.DataFrame | None = field(repr=False, default=None)
    threshold: float = 0.5

    @property
    def probabilities(self):
        """Return the scores of the last class, [N]."""
        return self.scores[:, -1]

    def predictions(self, indices):
        """Return the Predictions of some pictures of the set."""
        return self.interpret(self.scores[indices])

    def predict_files(self, paths):
        """Return the Predictions of other picture files, read anew."""
        return self.interpret(batches.score_files(self.score, paths, self.size))

    def interpret(self, scores):
        """Return the Predictions of scores [N, C]."""
        return Predictions(scores, self.threshold)


def train_network(
    images,
    splits,
    name,
    size,
    weights="none",
    settings=TrainingSettings(),
    cache_dir=None,
):
    """Return the Candidate of a backbone: head on features, then fine-tuning.

    splits: {"train", "val", "test": indices}. cache_dir: where features are kept.
    """
    keras.utils.set_random_seed(settings.seed)
    with precision.layers_of(precision.announced()):
        backbone = build_backbone(name, size, weights)
    started = time.perf_counter()
    rows = features.extract(backbone, images.paths, cache_dir)
    parts = {split: (rows[i], images.labels[i]) for split, i in splits.items()}
    head, history = training.train_head(
        *parts["train"],
        parts["val"],
        len(images.class_names),
        settings.head_epochs,
        seed=settings.seed,
    )
    classifier = models.join(backbone, head)
    scores = models.predict(head, rows)
    if settings.tune_epochs:
        frozen = settings.freezes_norm(weights)
        tuned = tune(classifier, images, splits, settings, frozen)
        history = pd.concat([history, tuned])
        files = batches.make_batches(images.paths, images.labels, size)
        scores = models.predict(classifier, files)
    seconds = time.perf_counter() - started
    facts = facts_of(images, size, name, weights)
    classifier = precision.in_float32(classifier)
    return network_candidate(classifier, facts, scores, seconds, history)


def fine_tuned(candidate, images, splits, settings=TrainingSettings(tune_epochs=5)):
    """Return a copy of a network's Candidate, fine-tuned, under a title of its own.

    Of the settings those of fine-tuning count.
    """
    started = time.perf_counter()
    copy = keras.models.clone_model(candidate.classifier.model)
    copy.set_weights(candidate.classifier.model.get_weights())
    copy = precision.rebuilt(copy, precision.announced(), IN_32_BITS)
    frozen = settings.freezes_norm(candidate.weights)
    history = tune(copy, images, splits, settings, frozen)
    files = batches.make_batches(images.paths, images.labels, candidate.size)
    scores = models.predict(copy, files)
    seconds = candidate.seconds + time.perf_counter() - started
    history = pd.concat([candidate.history, history])
    facts = candidate.classifier.facts
    copy = precision.in_float32(copy)
    tuned = network_candidate(copy, facts, scores, seconds, history)
    return replace(tuned, title=f"{candidate.title}, tuned")


def best_of(candidates, labels, indices):
    """Return the Candidate whose scores lie closest to some labels (Brier)."""
    return min(candidates, key=lambda one: measures.brier(labels, one.scores[indices]))


def facts_of(images, size, name, weights):
    """Return what is stored with a network that was trained on some images."""
    return Facts(
        class_names=images.class_names,
        size=size,
        backbone=name,
        weights=_short(weights),
        tile=usual_side(images),
        trained_on=images.folder.name,
    )


def tune(classifier, images, splits, settings, frozen_norm):
    """Fine-tune on augmented training pictures; return the history."""
    parts = {
        split: batches.make_batches(
            [images.paths[i] for i in splits[split]],
            images.labels[splits[split]],
            classifier.input_shape[1],
            shuffle=split == "train",
            seed=settings.seed,
        )
        for split in ("train", "val")
    }
    return training.fine_tune(
        classifier,
        batches.augment(parts["train"], seed=settings.seed),
        parts["val"],
        settings.tune_epochs,
        settings.rate,
        frozen_norm=frozen_norm,
        seed=settings.seed,
    )


def network_candidate(classifier, facts, scores, seconds, history):
    """Return the Candidate of a trained network."""
    kept = Classifier(classifier, facts)
    blank = np.zeros((1, facts.size, facts.size, 3), np.float32)
    return Candidate(
        title=find_backbone(facts.backbone).title,
        weights=facts.weights,
        size=facts.size,
        scores=scores,
        seconds=seconds,
        parameters=classifier.count_params(),
        milliseconds=milliseconds_of(lambda: classifier.predict_on_batch(blank)),
        score=kept.scores,
        classifier=kept,
        history=history,
    )


def train_texture(images, splits, size):
    """Return the Candidate without a network: textures and logistic regression."""
    started = time.perf_counter()
    rows = texture.texture_vectors(images.paths, size)
    predicted = texture.train(rows[splits["train"]], images.labels[splits["train"]])
    scores = predicted.predict_proba(rows)
    seconds = time.perf_counter() - started

    def score(batch):
        described = np.stack([texture.texture_vector(image) for image in batch])
        return predicted.predict_proba(described)

    blank = batches.load_images(images.paths[:1], size)
    return Candidate(
        title="Texture",
        weights="none",
        size=size,
        scores=scores,
        seconds=seconds,
        parameters=texture.count_parameters(predicted),
        milliseconds=milliseconds_of(lambda: score(blank)),
        score=score,
    )


def tell_apart(candidates):
    """Return the Candidates, those of one title with their weights in it.

    Raises UserError where some are alike all the same: tables would hold one of them.
    """
    count = Counter(one.title for one in candidates)
    titles = [
        f"{one.title}, {one.weights}" if count[one.title] > 1 else one.title
        for one in candidates
    ]
    twice = sorted(title for title, times in Counter(titles).items() if times > 1)
    if twice:
        raise UserError(
            f"two models are called {twice[0]}: name each once, and give files of "
            "weights different names"
        )
    return [replace(one, title=title) for one, title in zip(candidates, titles)]


def usual_side(images):
    """Return the median of the shorter sides of pictures, in pixels."""
    return int(np.median([min(images.facts[p].header.size) for p in images.paths]))


def milliseconds_of(call):
    """Return the median milliseconds of a call, after one that does not count."""
    call()
    took = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        call()
        took.append(1000 * (time.perf_counter() - started))
    return float(np.median(took))


def measures_of(labels, said):
    """Return {measure: value} of Predictions: of two classes, or means over more."""
    if said.num_classes > 2:
        return measures.multiclass_measures(labels, said.scores)
    return measures.binary_measures(labels, said.probabilities, said.threshold)


def figures_table(answers, labels, groups=None):
    """Return a DataFrame of measures with the 95 % interval of the accuracy, a row each.

    answers: {title: Predictions} of test pictures. groups: as for `measures.bootstrap`.
    """
    rows = {}
    for title, said in answers.items():
        row = measures_of(labels, said)
        low, high = measures.bootstrap(np.mean, said.right(labels), groups=groups)
        rows[title] = {"accuracy": row["accuracy"], "low": low, "high": high} | row
    return pd.DataFrame(rows).T


def costs_table(candidates):
    """Return a DataFrame of what each Candidate costs, a row each."""
    rows = {
        one.title: {
            "weights": one.weights,
            "input": one.size,
            "parameters": one.parameters,
            "MB": one.parameters * 4 / 1e6,
            "ms a picture": one.milliseconds,
            "training s": one.seconds,
        }
        for one in candidates
    }
    return pd.DataFrame.from_dict(rows, orient="index")


def pairs_table(answers, labels, groups=None):
    """Return a DataFrame of the comparison of every pair, the clearest first.

    groups: int [N] of pictures that belong together; each pair is then compared by
    whole groups, with the difference of the accuracies and its 95 % interval. None:
    McNemar's test, for pictures that have nothing to do with each other.
    """
    right = {title: said.right(labels) for title, said in answers.items()}
    rows = [_pair(a, b, right[a], right[b], groups) for a, b in combinations(right, 2)]
    columns = ["first", "second", "only first right", "only second right"]
    columns += [] if groups is None else ["difference", "low", "high"]
    table = pd.DataFrame(rows, columns=[*columns, "p"])
    return table.sort_values("p", ignore_index=True)


def _pair(first, second, right, other_right, groups):
    *counts, p = measures.mcnemar(right, other_right)
    if groups is None:
        return first, second, *counts, p
    return (
        first,
        second,
        *counts,
        *measures.compare_by_group(right, other_right, groups),
    )


def _short(weights):
    """Return what a table says of weights: none, imagenet, or the name of the file."""
    return str(weights).replace("\\", "/").rsplit("/", 1)[-1]
