"""A tiny model of good parts: what is red in a pixel is unlike them."""

from helpers import tiny_models
from inspection.tflite.metadata import add_metadata

LABELS = ("good", "anomaly")


def make_anomaly(labels=LABELS, top_share=0.1):
    """Return the bytes of a .tflite for anomalies, of 8 x 8 places."""
    plain = tiny_models.make_segmenter(metadata=False)
    return add_metadata(
        plain, "segmenter", labels, "a", "b", threshold=0.6, top_share=top_share
    )
