"""What a classifier said about some pictures, whatever the number of its classes.

Of two classes the last is said from a threshold on, because a miss and a false alarm
seldom cost the same. Of more, the most probable is said.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike


def predicted_classes(scores: ArrayLike, threshold: float = 0.5) -> np.ndarray:
    """Return int [N], the place of the class that each row of scores [N, C] speaks for.

    threshold: from which score of the last of two classes on it is said; of more than
    two classes it decides nothing.

    >>> predicted_classes([[0.6, 0.4], [0.2, 0.8]], 0.3).tolist()
    [1, 1]
    >>> predicted_classes([[0.4, 0.3, 0.3], [0.2, 0.1, 0.7]]).tolist()
    [0, 2]
    """
    scores = np.asarray(scores)
    if scores.shape[1] == 2:
        return (scores[:, 1] >= threshold).astype(int)
    return scores.argmax(axis=1)


@dataclass(frozen=True)
class Predictions:
    """The scores of N pictures, and what they say.

    scores: float [N, C] that sum to 1. threshold: as for `predicted_classes`.
    """

    scores: np.ndarray
    threshold: float = 0.5

    def __len__(self):
        return len(self.scores)

    @property
    def num_classes(self):
        """Return the number of classes."""
        return self.scores.shape[1]

    @property
    def probabilities(self):
        """Return the scores of the last class, [N]."""
        return self.scores[:, -1]

    @property
    def predicted(self):
        """Return the place of the class that was said, int [N]."""
        return predicted_classes(self.scores, self.threshold)

    @property
    def finds_last(self):
        """Return whether the last class was said, bool [N]."""
        return self.predicted == self.num_classes - 1

    def right(self, labels):
        """Return whether each picture was named right, bool [N]."""
        return self.predicted == np.asarray(labels)

    def part(self, indices):
        """Return the Predictions of some of the pictures."""
        return replace(self, scores=self.scores[indices])

    def at_half(self):
        """Return the Predictions with the usual threshold."""
        return replace(self, threshold=0.5)

    def worst_first(self, labels):
        """Return the places of wrong answers, those that were surest first."""
        wrong = np.flatnonzero(~self.right(labels))
        sure = self.scores.max(axis=1)
        if self.num_classes == 2:
            sure = np.abs(self.probabilities - self.threshold)
        return wrong[np.argsort(-sure[wrong], kind="stable")]

    def captions(self, class_names: Sequence[str]) -> list[str]:
        """Return what was said of each picture, in a few words.

        >>> Predictions(np.array([[0.1, 0.9]])).captions(["clean", "crack"])
        ['said 0.90']
        >>> Predictions(np.array([[0.7, 0.2, 0.1]])).captions(["cat", "dog", "frog"])
        ['said cat, 0.70']
        """
        if self.num_classes == 2:
            return [f"said {probability:.2f}" for probability in self.probabilities]
        rows = zip(self.predicted, self.scores, strict=True)
        return [f"said {class_names[place]}, {row[place]:.2f}" for place, row in rows]
