"""A random forest on the texture and colour of windows, as a map over the picture."""

import numpy as np
from sklearn.ensemble import RandomForestClassifier

from inspection.imaging.texture_maps import Windows, texture_maps
from inspection.segmentation.metrics import best_threshold


class TextureForest:
    """Tell for each window how likely it is rust; between windows it is interpolated.

    side, stride: of the windows in pixels.
    colour: False leaves the texture of the grey picture alone.
    """

    def __init__(self, side=16, stride=8, color=True, trees=100, seed=0):
        self.side, self.stride, self.color = side, stride, color
        self.forest = RandomForestClassifier(
            trees, min_samples_leaf=4, n_jobs=-1, random_state=seed
        )
        self.threshold = 0.5

    def fit(self, images, masks, most=12_000, seed=0):
        """Learn from at most `most` windows; choose the threshold on these pictures.

        A window is rust where most of it is. Returns self.
        """
        rows, labels = [], []
        for image, mask in zip(images, masks, strict=True):
            windows = self._windows(image)
            rows.append(self._features(image, windows))
            share = windows.sums(np.asarray(mask) > 0).ravel() / self.side**2
            labels.append(share > 0.5)
        rows, labels = np.concatenate(rows), np.concatenate(labels)
        chosen = np.random.default_rng(seed).permutation(len(rows))[:most]
        self.forest.fit(rows[chosen], labels[chosen])
        return self

    def choose_threshold(self, images, masks):
        """Set the threshold by pictures that were not learnt from; return self."""
        self.threshold = best_threshold(masks, [self.probability(i) for i in images])
        return self

    def probability(self, image):
        """Return the probability of rust, float32 [H, W]."""
        windows = self._windows(image)
        probability = self.forest.predict_proba(self._features(image, windows))
        # a set without one of the classes has one column only
        rust = probability[:, list(self.forest.classes_).index(True)]
        return windows.spread_out(rust.reshape(windows.shape))

    def segment(self, image):
        """Return a mask uint8 [H, W] of 0 and 1."""
        return (self.probability(image) >= self.threshold).astype(np.uint8)

    def _windows(self, image):
        return Windows(*image.shape[:2], self.side, self.stride)

    def _features(self, image, windows):
        maps = texture_maps(image, windows)
        names = [n for n in maps if self.color or not n.startswith(("mean", "spread"))]
        return np.stack([maps[name].ravel() for name in names], axis=1)
