"""A trained folder as a function from pictures to masks, with or without its check."""

from pathlib import Path

import pandas as pd

from inspection.common.atomic_files import write_text
from inspection.common.errors import UserError
from inspection.segmentation import predict, training
from inspection.segmentation.cleanup import RegionCheck

CHECK = "region_check.csv"


class Segmenter:
    """The network of a folder with its size, threshold and, if there, region check."""

    def __init__(self, model_dir):
        self.network, self.settings = training.load(model_dir)
        self.check = read_check(model_dir)

    def probability(self, image, turns=1):
        """Return the probability of the class of each pixel, float32 [H, W]."""
        return predict.probability(self.network, image, self.settings.size, turns)

    def mask(self, image, probability=None, clean=False):
        """Return a mask uint8 [H, W] of 0 and 1; `clean` drops doubtful regions."""
        if probability is None:
            probability = self.probability(image)
        mask = (probability >= self.settings.threshold).astype("uint8")
        if not clean:
            return mask
        if self.check is None:
            raise UserError(
                f"there is no {CHECK} beside the model: finish its training"
            )
        return self.check.clean(image, mask, probability)


def write_check(model_dir, check):
    """Keep what a `cleanup.RegionCheck` learnt from, as a table."""
    write_text(Path(model_dir) / CHECK, check.examples.to_csv(index=False))


def read_check(model_dir):
    """Return the `cleanup.RegionCheck` of a folder, learnt again, or None."""
    path = Path(model_dir) / CHECK
    if not path.exists():
        return None
    try:
        is_empty = path.read_bytes() == b"\n"  # no region was found to learn from
        table = pd.DataFrame() if is_empty else pd.read_csv(path)
        return RegionCheck().learn(table)
    except (ValueError, KeyError) as error:
        raise UserError(
            f"{path} is damaged ({error}): delete it and train again, which takes only "
            "the steps that are missing"
        ) from error
