"""Look at each region of a mask once more, and drop what does not look like rust.

A region passes if it is large enough, fills enough of its outline, and a random forest
that knows true and false regions of other pictures believes it.
"""

from dataclasses import dataclass

import cv2
import numpy as np
import pandas as pd
from skimage.measure import label, regionprops
from sklearn.ensemble import RandomForestClassifier

from inspection.imaging.texture import to_grey

RIGHT = 0.3  # a region is right if this share of it was drawn


@dataclass(frozen=True)
class Region:
    """One connected part of a mask: its pixels, its box and what was measured."""

    pixels: np.ndarray  # [H, W] bool
    box: tuple  # top, left, bottom, right
    measures: dict


def find_regions(image, mask, probability=None):
    """Return the `Region`s of a mask; measures of shape, colour and texture for each."""
    labels = label(np.asarray(mask) > 0, connectivity=2)
    lab = cv2.cvtColor(image, cv2.COLOR_RGB2LAB).astype(np.float32)
    rough = _roughness(image)
    return [
        Region(
            labels == part.label,
            part.bbox,
            _shape(part, labels.size) | _look(part, lab, rough, probability),
        )
        for part in regionprops(labels)
    ]


def _shape(part, pixels):
    return {
        "area": part.area / pixels,
        "solidity": part.solidity,
        "extent": part.extent,
        "eccentricity": part.eccentricity,
        "straightness": part.perimeter**2 / (4 * np.pi * part.area),
    }


def _look(part, lab, rough, probability):
    """Measure the colour and texture of a region, and how it differs from around it."""
    top, left, bottom, right = part.bbox
    inside = tuple(part.coords.T)
    around = np.s_[max(0, top - 8) : bottom + 8, max(0, left - 8) : right + 8]
    contrast = lab[inside].mean(axis=0) - lab[around].reshape(-1, 3).mean(axis=0)
    measures = {
        "lightness": lab[inside][:, 0].mean(),
        "a": lab[inside][:, 1].mean(),
        "b": lab[inside][:, 2].mean(),
        "spread of lightness": lab[inside][:, 0].std(),
        "spread of a": lab[inside][:, 1].std(),
        "contrast of lightness": contrast[0],
        "contrast of a": contrast[1],
        "roughness": rough[inside].mean(),
    }
    if probability is not None:
        measures["probability"] = probability[inside].mean()
    return {name: float(value) for name, value in measures.items()}


def _roughness(image):
    grey = to_grey(image).astype(np.float32)
    return np.abs(grey - cv2.GaussianBlur(grey, (0, 0), 2))


class RegionCheck:
    """Decide which regions of a mask stay; learnt from masks of training pictures.

    smallest: share of the picture below which a region is dropped unseen.
    keep: least chance to be right with which a region stays.
    """

    def __init__(self, smallest=2e-4, keep=0.35, seed=0):
        self.smallest, self.keep = smallest, keep
        self.forest = RandomForestClassifier(
            200, min_samples_leaf=3, class_weight="balanced", random_state=seed
        )
        self.certain, self.examples = None, None

    def fit(self, images, ground_truths, masks, probabilities=None):
        """Learn from found masks of pictures with a drawn one; return self."""
        rows = []
        for i, (image, ground_truth, mask) in enumerate(
            zip(images, ground_truths, masks, strict=True)
        ):
            probability = None if probabilities is None else probabilities[i]
            for region in find_regions(image, mask, probability):
                drawn = np.mean(np.asarray(ground_truth)[region.pixels] > 0)
                rows.append({**region.measures, "right": drawn >= RIGHT})
        return self.learn(pd.DataFrame(rows))

    def learn(self, examples):
        """Learn from a table of measures with a column `right`; return self."""
        self.examples = examples
        right = examples["right"] if len(examples) else []
        # with one kind alone there is nothing to learn: all pass, or none
        self.certain = None if len(set(right)) == 2 else all(right)
        if self.certain is None:
            self.forest.fit(examples.drop(columns="right"), right)
        return self

    def clean(self, image, mask, probability=None):
        """Return a mask uint8 [H, W] of the regions that pass."""
        kept = np.zeros(np.shape(mask), np.uint8)
        regions = find_regions(image, mask, probability)
        regions = [r for r in regions if r.measures["area"] >= self.smallest]
        for region, trust in zip(regions, self.probabilities(regions), strict=True):
            if trust >= self.keep:
                kept[region.pixels] = 1
        return kept

    def probabilities(self, regions):
        """Return for each region how likely it is right."""
        if not regions or self.certain is not None:
            return [float(bool(self.certain))] * len(regions)
        rows = pd.DataFrame([region.measures for region in regions])
        return self.forest.predict_proba(rows)[:, 1]

    def importances(self):
        """Return which measures decide, the most important first."""
        names = self.forest.feature_names_in_
        values = pd.Series(self.forest.feature_importances_, names)
        return values.sort_values(ascending=False)
