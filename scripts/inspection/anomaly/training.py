"""Learn from a list of pictures of good parts, choose the threshold, write the model."""

from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np

from inspection.anomaly import export, heads
from inspection.anomaly.conformal import conformal_threshold, least_count
from inspection.anomaly.features import answers_of_files, build_features
from inspection.anomaly.fitting import fit
from inspection.anomaly.scores import top_mean
from inspection.anomaly.settings import FILE, Fitted, Settings, write
from inspection.common.atomic_files import atomic_write, together
from inspection.common.errors import UserError
from inspection.common.progress import bar
from inspection.common.run_identity import digest_file
from inspection.keras_shared import backends
from inspection.keras_shared.saving import atomic_keras_file

MODEL, TFLITE = "model.keras", "model.tflite"
WRITTEN = (MODEL, TFLITE, FILE)
LEAST = 10  # pictures to learn from
FAR = 6  # median deviations above the median, from which on a good part looks odd


@dataclass(frozen=True)
class Trained:
    """A trained network, and what is known of the pictures it was made from.

    network: pictures to chances of good and anomaly [N, h, w, 2]. odd: pictures whose
    score is far from that of the others, the worst first: bad ones among the good?
    """

    network: keras.Model
    settings: Settings
    fitted: Fitted
    odd: list[Path]


def train(paths, weights, settings):
    """Return what was `Trained` on pictures of good parts.

    weights: of MobileNetV2 0.35, see `features.build_features`. Raises UserError where
    there are too few pictures to learn from, or for so small a rate of false alarms.
    """
    backends.require("learning from good parts", backends.TENSORFLOW)
    learnt, aside = divide(paths, settings)
    features = build_features(settings.size, weights)
    with bar(title="good parts", total=len(learnt) + len(aside)) as shown:
        tick = shown.update
        patches = np.stack(
            [np.float16(p) for p in answers_of_files(features, learnt, tick)]
        )
        distances = fit(features, patches, settings)
        scores = [
            top_mean(one, settings.top_share)
            for one in answers_of_files(distances, aside, tick)
        ]
    threshold = conformal_threshold(scores, settings.false_alarms)
    outputs = heads.as_scores(distances.output, threshold)
    network = keras.Model(distances.input, outputs, name="anomaly")
    digests = tuple(digest_file(path) for path in learnt)
    fitted = Fitted(threshold=threshold, aside=len(aside), learnt=digests)
    return Trained(network, settings, fitted, find_odd(aside, scores))


def divide(paths, settings):
    """Return (pictures to learn from, pictures kept aside for the threshold).

    Equal files come on one side. Raises UserError where there are too few.
    """
    groups = {}
    for path in paths:
        groups.setdefault(digest_file(path), []).append(path)
    order = np.random.default_rng(settings.seed).permutation(len(groups))
    groups = [list(groups.values())[i] for i in order]
    count = len(groups)
    aside = max(round(settings.kept_aside * count), least_count(settings.false_alarms))
    aside = max(aside, count - settings.most)
    if count - aside < LEAST:
        raise UserError(
            f"{count} different pictures of good parts are too few: at least {LEAST} are "
            f"learnt from, and {aside} more set the threshold for false alarms in "
            f"{settings.false_alarms:.1%}; add pictures, or allow more with --false_alarms"
        )
    # one of each group: a copy tells nothing new
    return (
        sorted(group[0] for group in groups[aside:]),
        sorted(group[0] for group in groups[:aside]),
    )


def find_odd(paths, scores):
    """Return the pictures whose scores lie far above the others', the worst first."""
    scores = np.asarray(scores)
    middle = np.median(scores)
    limit = middle + FAR * 1.4826 * np.median(np.abs(scores - middle))
    order = np.argsort(-scores)
    return [paths[i] for i in order if scores[i] > limit]


def save(trained, folder):
    """Write model.keras, model.tflite and settings.json, all or none."""
    folder = Path(folder)
    with together():
        with atomic_keras_file(folder / MODEL) as temporary:
            trained.network.save(temporary)
        data = export.to_tflite(trained.network, trained.settings.top_share)
        with atomic_write(folder / TFLITE) as temporary:
            temporary.write_bytes(data)
        write(folder, trained.settings, trained.fitted)
