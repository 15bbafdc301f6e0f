"""A classifier from a file of either kind, .keras or .tflite, as one thing that scores."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from inspection.classification.predictions import Predictions
from inspection.common.errors import UserError
from inspection.common.progress import bar
from inspection.common.text import plural
from inspection.datasets.images.image_file import read_rgb
from inspection.datasets.images.resizing import resize_antialiased

BATCH = 32


@dataclass(frozen=True)
class LoadedClassifier:
    """A model of either kind.

    threshold: from which probability of the last of two classes on it is said.
    tile: side in pixels of the pictures it learned from, 0 where nobody knows.
    size: side in pixels of what the network sees.
    score: takes uint8 RGB [N, size, size, 3], returns float32 [N, C].
    """

    labels: tuple[str, ...]
    threshold: float
    tile: int
    size: int
    score: Callable

    def scores(self, images):
        """Return float32 [N, C] for uint8 RGB pictures of any size."""
        return self.score([self._resized(image) for image in images])

    def scores_of_files(self, paths):
        """Return float32 [N, C] for picture files, a batch of them in memory at a time."""
        shown, parts = iter(bar(paths, "pictures")), []
        while batch := list(islice(shown, BATCH)):
            # made small one by one: photographs are large
            parts.append(self.score([self._resized(read_rgb(path)) for path in batch]))
        return np.concatenate(parts)

    def _resized(self, image):
        return resize_antialiased(image, (self.size, self.size))

    def interpret(self, scores, threshold=None):
        """Return the Predictions of scores [N, C].

        threshold: instead of the model's own, of two classes alone.
        """
        return Predictions(scores, self.threshold if threshold is None else threshold)

    def check_threshold(self, threshold):
        """Raise UserError where a threshold is given that would decide nothing."""
        if threshold is not None and len(self.labels) > 2:
            raise UserError(
                f"--threshold is for two classes, and the model has "
                f"{plural(len(self.labels), 'class')}: leave it out; the most probable "
                "class is said"
            )


def load_model_file(path):
    """Return the LoadedClassifier of a .keras or .tflite file.

    A .tflite is loaded without Keras. Raises UserError for what is no classifier.
    """
    if Path(path).suffix == ".tflite":
        return _load_tflite(path)
    return _load_keras(path)


def _load_tflite(path):
    from inspection.deploy.runtime import load_model

    model = load_model(path)
    if model.kind != "classifier":
        raise UserError(f"{path} is a {model.kind}, not a classifier")
    height, _ = model.input_size

    def score(images):
        return np.stack([result.scores for result in model.predict_batch(images)])

    labels, told = tuple(model.labels), model.file.threshold
    threshold = 0.5 if told is None else told
    return LoadedClassifier(labels, threshold, model.file.tile, height, score)


def _load_keras(path):
    from inspection.classification.saved import load_classifier

    model = load_classifier(path)
    facts = model.facts
    return LoadedClassifier(
        tuple(facts.class_names), facts.threshold, facts.tile, facts.size, model.scores
    )
