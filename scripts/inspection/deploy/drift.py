"""Has the camera changed? Frames beside a reference of pictures that a model is good on.

One odd frame proves nothing: a hand before the lens. An alarm rings where nearly all of
the last frames look like none of the reference.
"""

import json
from collections import deque
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from inspection.common.atomic_files import write_text
from inspection.common.errors import UserError
from inspection.common.notices import warn_once
from inspection.common.stored_settings import build_settings, read_json
from inspection.datasets.images.appearance import GROUPS, appearance

WINDOW, ENOUGH = 25, 20  # frames that are looked back on, and how many must be odd
LEAST = 40  # pictures of a reference
MARGIN = 1.15  # over the farthest picture of the reference
FLOOR = 0.02  # of each figure: no camera keeps its light more exactly
MOST_CHANGES = 1_000  # that are kept in memory
COUNT = sum(map(len, GROUPS.values()))


@dataclass(frozen=True)
class Reference:
    """What pictures of a camera look like.

    mean, spread: of each figure of `appearance`. turn: rows of a matrix that makes
    distances those of Mahalanobis. limit: the distance from which on a frame is odd.
    pictures: how many it was made of.
    """

    mean: tuple[float, ...]
    spread: tuple[float, ...]
    turn: tuple[float, ...]
    limit: float
    pictures: int

    def __post_init__(self):
        for name in ("mean", "spread", "turn"):  # lists, from JSON
            object.__setattr__(self, name, tuple(getattr(self, name)))
        if (len(self.mean), len(self.spread), len(self.turn)) != (
            *(COUNT, COUNT, COUNT**2),
        ):
            raise UserError(
                f"it is of another version: it does not hold {COUNT} figures"
            )

    def distance(self, figures):
        """Return how far a picture is from the reference, 1 at the limit."""
        off = np.asarray(figures) - self.mean
        turn = np.reshape(self.turn, (COUNT, COUNT))
        return float(np.linalg.norm(off @ turn) / self.limit)

    def cause(self, figures):
        """Return what differs most of light, color, sharpness and texture."""
        off = np.abs(np.asarray(figures) - self.mean) / self.spread
        return max(GROUPS, key=lambda group: max(off[list(GROUPS[group])]))


def make_reference(images):
    """Return the Reference of some pictures, uint8 RGB.

    Every second one tells how far apart good ones lie: they were not fitted to. Raises
    UserError where they are too few.
    """
    figures = np.array([appearance(image) for image in images])
    if len(figures) < LEAST:
        raise UserError(
            f"{len(figures)} pictures are too few for a reference: take {LEAST} or more, "
            "of different days"
        )
    fitted, others = figures[::2], figures[1::2]
    mean, turn = _fit(fitted)
    limit = MARGIN * np.linalg.norm((others - mean) @ turn, axis=1).max()
    spread = figures.std(axis=0) + FLOOR
    values = (mean, spread, turn.ravel())
    rows = (tuple(map(float, value)) for value in values)
    return Reference(*rows, limit=float(limit), pictures=len(figures))


def _fit(figures):
    """Return the mean of figures and the matrix that whitens them."""
    mean = figures.mean(axis=0)
    covariance = np.cov(figures.T) + FLOOR**2 * np.eye(figures.shape[1])
    variances, directions = np.linalg.eigh(covariance)
    return mean, directions / np.sqrt(variances)


def write_reference(path, reference):
    """Write a Reference as JSON."""
    write_text(Path(path), json.dumps(asdict(reference), indent=1) + "\n")


def read_reference(path):
    """Return a Reference from JSON; raise UserError for a file that holds none."""
    if not Path(path).is_file():
        raise UserError(f"{path} is no file: make a reference with check_camera.py")
    return build_settings(Reference, read_json(path), path)


@dataclass(frozen=True)
class Drift:
    """A change of the camera: at which frame it was seen, and what changed."""

    frame: int
    cause: str


class DriftWatch:
    """Looks at one frame after the other and tells once when they have changed.

    tell: is called with each Drift as it begins. changes: all that was told.
    is_drifted: whether the last frames are odd.
    """

    def __init__(self, reference, tell=lambda change: None):
        self.reference, self._tell = reference, tell
        self.changes, self.is_drifted, self.frames = [], False, 0
        self._odd, self._figures = deque(maxlen=WINDOW), deque(maxlen=WINDOW)

    def look(self, image):
        """Look at an RGB frame, uint8 [H, W, 3]; return a Drift where one begins."""
        figures = appearance(image)
        self._figures.append(figures)
        self._odd.append(self.reference.distance(figures) > 1)
        self.frames += 1
        was, odd = self.is_drifted, sum(self._odd)
        # it ends later than it begins, so that one change rings once
        self.is_drifted = odd >= (WINDOW - ENOUGH if was else ENOUGH)
        if was or not self.is_drifted:
            return None
        cause = self.reference.cause(np.median(self._figures, axis=0))
        change = Drift(self.frames - 1, cause)
        self.changes = [*self.changes, change][-MOST_CHANGES:]
        self._tell(change)
        return change


def warn_of(change):
    """Warn that the camera has changed."""
    warn_once(
        f"the camera has changed ({change.cause}), seen at picture {change.frame}: what "
        "the model says since then is not to be trusted"
    )
