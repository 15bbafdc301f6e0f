"""Measure a trained folder on drawn masks, at the size of the pictures."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from inspection.segmentation import metrics, overlay
from inspection.segmentation.area import area_error
from inspection.segmentation.methods import apply_all
from inspection.segmentation.segmenter import Segmenter


@dataclass(frozen=True)
class Evaluation:
    """What a model did on each picture, and the table of its figures."""

    table: pd.DataFrame
    pairs: list
    masks: dict  # {method: masks}
    class_name: str

    def area_error_text(self, method="U-Net"):
        """Return the error of the area in words."""
        ground_truths = [pair.read()[1] for pair in self.pairs]
        error = area_error(ground_truths, self.masks[method])
        return (
            f"{error.mean:.2f} points of percent off on average, {error.within:.2f} or "
            f"less in 9 of 10 pictures, bias {error.bias:+.2f}"
        )


def evaluate(model_dir, pairs):
    """Return the `Evaluation` of a model: plain, with four views, with region check."""
    segmenter = Segmenter(model_dir)
    threshold = segmenter.settings.threshold
    images, ground_truths = zip(*(pair.read() for pair in pairs), strict=True)
    ways = {
        "U-Net": segmenter.mask,
        "U-Net, 4 views": lambda i: segmenter.probability(i, 4) >= threshold,
        "U-Net, checked": lambda i: segmenter.mask(i, clean=True),
    }
    masks, milliseconds = apply_all(ways, images)
    table = metrics.compare(ground_truths, masks, milliseconds)
    regions = {
        name: sum(map(metrics.false_regions, ground_truths, predicted))
        for name, predicted in masks.items()
    }
    table["false regions"] = pd.Series(regions)
    return Evaluation(table, list(pairs), masks, segmenter.settings.class_name)


def write_errors(result, folder, method="U-Net"):
    """Write a picture of right, false and missed pixels for each pair."""
    for pair, mask in zip(result.pairs, result.masks[method], strict=True):
        image, ground_truth = pair.read()
        painted = overlay.paint_errors(image, ground_truth, mask)
        overlay.write_image(Path(folder) / f"{pair.stem}.png", painted)
