"""Batches of tf.data as the arrays that JAX computes with."""

from collections import deque


class HostBatches:
    """Batches for a backend that takes arrays, no words: the names stay here.

    names: of the pictures of each batch that was handed out, the oldest first; who takes
    them removes them.
    """

    def __init__(self, batches):
        self.batches = batches
        self.names = deque()

    def arrays(self):
        """Yield (images, {boxes, classes}) as NumPy arrays."""
        for images, ground_truth in self.batches.as_numpy_iterator():
            names = ground_truth.pop("name")
            self.names.append([name.decode(errors="replace") for name in names])
            yield images, ground_truth
