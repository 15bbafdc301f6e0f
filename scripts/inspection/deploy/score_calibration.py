"""Scores as the metadata of some models want them corrected, class by class.

As TensorFlow Lite's Task library and MediaPipe do: a sigmoid of the score, whose three
numbers stand in a file of one line a class.
"""

from dataclasses import dataclass

import numpy as np

from inspection.common.errors import UserError

IDENTITY, LOG, INVERSE_LOGISTIC = range(3)  # ScoreTransformationType of the schema
LEAST = 1e-16  # what has no logarithm counts as this
LARGEST_POWER = 700  # of e in float64


@dataclass(frozen=True, eq=False)
class ScoreCalibration:
    """A score x becomes scale / (1 + exp(-(slope * g(x) + offset))).

    transform: which g, by its number in the schema. default: of classes without a
    sigmoid, and of scores below their least. parameters: float64 [C, 4], scale, slope,
    offset and least score of each class, NaN for those without.
    """

    transform: int
    default: float
    parameters: np.ndarray

    def apply(self, scores, classes):
        """Return the scores, float32 [N], of some classes, [N], counted from 0."""
        scale, slope, offset, least = self.parameters[classes].T
        scores = np.asarray(scores, np.float64)
        power = -(slope * self._transformed(scores) + offset)
        sigmoid = scale / (1 + np.exp(np.minimum(power, LARGEST_POWER)))
        known = np.isfinite(scale) & (scores >= least)
        return np.where(known, sigmoid, self.default).astype(np.float32)

    def _transformed(self, scores):
        if self.transform == IDENTITY:
            return scores
        logarithm = np.log(np.maximum(scores, LEAST))
        if self.transform == LOG:
            return logarithm
        return logarithm - np.log(np.maximum(1 - scores, LEAST))


def parse_calibration(transform, default, text, count, source):
    """Return the ScoreCalibration of a text with a line a class, `count` of them.

    Raises UserError, with `source`, for another number of lines and for what are no
    three or four numbers.
    """
    if transform not in (IDENTITY, LOG, INVERSE_LOGISTIC):
        raise UserError(f"{source}: score transformation {transform} is not known")
    lines = text.removesuffix("\n").split("\n")
    if len(lines) != count:
        raise UserError(f"{source} has {len(lines)} lines for {count} classes")
    rows = [_row(line, f"{source}, line {i}") for i, line in enumerate(lines, 1)]
    return ScoreCalibration(transform, default, np.array(rows))


def _row(line, source):
    if not line.strip():
        return [np.nan] * 4
    try:
        numbers = [float(part) for part in line.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) not in (3, 4) or not np.isfinite(numbers).all() or numbers[0] < 0:
        raise UserError(
            f"{source}: {line[:40]!r} is no scale, slope, offset and least score"
        )
    return (numbers + [-np.inf])[:4]
