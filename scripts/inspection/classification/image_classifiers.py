"""Rust or no rust, one word for a picture: five ways to say it.

Each has `fit(images, labels)` and `chance(images)`, which returns the chance of rust of
each picture, [N]. Images are uint8 [H, W, 3], labels 0 and 1.
"""

import cv2
import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, precision_score, recall_score, roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from inspection.imaging.color import fit_size, to_space
from inspection.imaging.texture import texture_features


def image_features(image, longest=256):
    """Return texture, mean colour and a small colour histogram of a picture, [N]."""
    image = fit_size(image, longest)
    hsv = to_space(image, "HSV")
    histogram = cv2.calcHist([hsv], [0, 1], None, [12, 4], [0, 256, 0, 256])
    shares = histogram.ravel() / histogram.sum()
    return np.concatenate([list(texture_features(image).values()), shares])


class TextureClassifier:
    """Texture and colour of the whole picture, judged by a "forest" or an "svm"."""

    def __init__(self, kind="forest", seed=0):
        judges = {
            "forest": RandomForestClassifier(
                300, min_samples_leaf=2, random_state=seed
            ),
            "svm": SVC(C=3.0, probability=True, random_state=seed),
        }
        self.classifier = make_pipeline(StandardScaler(), judges[kind])

    def fit(self, images, labels):
        self.classifier.fit([image_features(image) for image in images], labels)
        return self

    def probability(self, images):
        return self.classifier.predict_proba(
            [image_features(image) for image in images]
        )[:, 1]


class TransferClassifier:
    """What an ImageNet network sees in a picture, judged by a logistic regression.

    extract: a function from pictures to features [N, F], such as
    `deep_features.FrozenEncoder`.
    """

    def __init__(self, extract):
        self.extract = extract
        self.classifier = make_pipeline(
            StandardScaler(), LogisticRegression(C=0.01, max_iter=2000)
        )

    def fit(self, images, labels):
        mirrored = [image[:, ::-1] for image in images]
        rows = np.concatenate([self.extract(images), self.extract(mirrored)])
        self.classifier.fit(rows, np.concatenate([labels, labels]))
        return self

    def probability(self, images):
        return self.classifier.predict_proba(self.extract(images))[:, 1]


class AreaRule:
    """Say rust where a segmentation marks more than a share of the picture.

    segment: a function from a picture to a mask. The share is chosen in `fit`.
    """

    def __init__(self, segment):
        self.segment = segment
        self.limit = 0.01

    def fit(self, images, labels):
        areas, labels = self.areas(images), np.asarray(labels) > 0
        limits = np.unique(areas)
        right = [np.mean((areas > limit) == labels) for limit in limits]
        self.limit = float(limits[int(np.argmax(right))])
        return self

    def areas(self, images):
        """Return the marked share of each picture."""
        return np.array([np.mean(self.segment(image) > 0) for image in images])

    def probability(self, images):
        """Return one half where the area is at the limit, after the ratio to it."""
        ratio = (self.areas(images) + 1e-6) / (self.limit + 1e-6)
        return ratio / (1 + ratio)


def score_classifiers(labels, probability_by_method):
    """Return a table of one row for each method, from its chances of rust."""
    rows = {}
    for method, probability in probability_by_method.items():
        scores = np.asarray(probability) > 0.5
        rows[method] = {
            "accuracy": float(np.mean(scores == (np.asarray(labels) > 0))),
            "precision": precision_score(labels, scores, zero_division=0),
            "recall": recall_score(labels, scores),
            "F1": f1_score(labels, scores),
            "AUC": roc_auc_score(labels, probability),
        }
    return pd.DataFrame(rows).T
