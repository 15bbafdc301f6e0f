"""Train several classifiers of two classes on one split and compare them."""

import time
from dataclasses import dataclass, field, replace
from itertools import combinations

import keras
import numpy as np
import pandas as pd

from inspection.classification import batches, features, measures, texture, training
from inspection.classification import model as models
from inspection.classification.backbones import build_backbone, find_backbone
from inspection.classification.saved import Classifier, Facts

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

    probabilities: float [N], of the last class. seconds: reading, features and training.
    milliseconds: one picture of the network's size, alone. score: a function from uint8
    [N, size, size, 3] to probabilities.
    """

    title: str
    weights: str
    size: int
    probabilities: np.ndarray
    seconds: float
    parameters: int
    milliseconds: float
    score: object = field(repr=False, default=None)
    classifier: Classifier | None = field(repr=False, default=None)
    history: pd.DataFrame | None = field(repr=False, default=None)
    threshold: float = 0.5

    def score_files(self, paths):
        """Return the probabilities [N] of picture files."""
        return self.score(batches.load_images(paths, self.size))


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
    probabilities = models.predict(head, rows)[:, -1]
    if settings.tune_epochs:
        frozen = settings.freezes_norm(weights)
        tuned = tune(classifier, images, splits, settings, frozen)
        history = pd.concat([history, tuned])
        files = batches.make_batches(images.paths, images.labels, size)
        probabilities = models.predict(classifier, files)[:, -1]
    seconds = time.perf_counter() - started
    facts = Facts(
        class_names=images.class_names,
        size=size,
        backbone=name,
        weights=_short(weights),
        tile=usual_side(images),
        trained_on=images.folder.name,
    )
    return network_candidate(classifier, facts, probabilities, seconds, history)


def fine_tuned(candidate, images, splits, settings=TrainingSettings(tune_epochs=5)):
    """Return a copy of a network's Candidate, fine-tuned, under a title of its own.

    Of the settings those of fine-tuning count.
    """
    started = time.perf_counter()
    copy = keras.models.clone_model(candidate.classifier.model)
    copy.set_weights(candidate.classifier.model.get_weights())
    frozen = settings.freezes_norm(candidate.weights)
    history = tune(copy, images, splits, settings, frozen)
    files = batches.make_batches(images.paths, images.labels, candidate.size)
    probabilities = models.predict(copy, files)[:, -1]
    seconds = candidate.seconds + time.perf_counter() - started
    history = pd.concat([candidate.history, history])
    facts = candidate.classifier.facts
    tuned = network_candidate(copy, facts, probabilities, seconds, history)
    return replace(tuned, title=f"{candidate.title}, tuned")


def best_of(candidates, labels, indices):
    """Return the Candidate whose probabilities lie closest to some labels (Brier)."""
    return min(
        candidates,
        key=lambda one: measures.calibration(labels, one.probabilities[indices])[1],
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


def network_candidate(classifier, facts, probabilities, seconds, history):
    """Return the Candidate of a trained network."""
    kept = Classifier(classifier, facts)
    blank = np.zeros((1, facts.size, facts.size, 3), np.float32)
    return Candidate(
        title=find_backbone(facts.backbone).title,
        weights=facts.weights,
        size=facts.size,
        probabilities=probabilities,
        seconds=seconds,
        parameters=classifier.count_params(),
        milliseconds=milliseconds_of(lambda: classifier.predict_on_batch(blank)),
        score=lambda images: kept.scores(images)[:, -1],
        classifier=kept,
        history=history,
    )


def train_texture(images, splits, size):
    """Return the Candidate without a network: textures and logistic regression."""
    started = time.perf_counter()
    rows = texture.texture_vectors(images.paths, size)
    predicted = texture.train(rows[splits["train"]], images.labels[splits["train"]])
    probabilities = predicted.predict_proba(rows)[:, -1]
    seconds = time.perf_counter() - started

    def score(batch):
        described = np.stack([texture.texture_vector(image) for image in batch])
        return predicted.predict_proba(described)[:, -1]

    blank = batches.load_images(images.paths[:1], size)
    return Candidate(
        title="Texture",
        weights="none",
        size=size,
        probabilities=probabilities,
        seconds=seconds,
        parameters=rows.shape[1] + 1,
        milliseconds=milliseconds_of(lambda: score(blank)),
        score=score,
    )


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


def figures_table(candidates, labels, groups=None):
    """Return a DataFrame of measures with the 95 % interval of the accuracy, a row each.

    candidates: {title: probabilities [N]} or Candidates, of test pictures.
    """
    rows = {}
    for title, (probabilities, threshold) in _answers(candidates).items():
        row = measures.binary_measures(labels, probabilities, threshold)
        right = (probabilities >= threshold) == labels
        low, high = measures.bootstrap(np.mean, right, groups=groups)
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


def pairs_table(candidates, labels):
    """Return a DataFrame of McNemar's test of every pair, the clearest first."""
    right = {
        title: (probabilities >= threshold) == labels
        for title, (probabilities, threshold) in _answers(candidates).items()
    }
    rows = [
        (a, b, *measures.mcnemar(right[a], right[b])) for a, b in combinations(right, 2)
    ]
    columns = ["first", "second", "only first right", "only second right", "p"]
    return pd.DataFrame(rows, columns=columns).sort_values("p", ignore_index=True)


def on_split(candidates, indices):
    """Return {title: (probabilities of some pictures, threshold)}."""
    return {
        one.title: (one.probabilities[indices], one.threshold) for one in candidates
    }


def _answers(candidates):
    return {
        title: answer if isinstance(answer, tuple) else (answer, 0.5)
        for title, answer in candidates.items()
    }


def _short(weights):
    """Return what a table says of weights: none, imagenet, or the name of the file."""
    return str(weights).replace("\\", "/").rsplit("/", 1)[-1]
