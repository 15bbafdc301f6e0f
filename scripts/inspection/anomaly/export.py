"""A trained network as one .tflite: features, distances and map inside."""

from inspection.tflite import convert, metadata

LABELS = ("good", "anomaly")
THRESHOLD = 0.5  # of the chances that the network gives: d / (d + threshold)


def to_tflite(network, top_share):
    """Return the bytes of a .tflite of a network from pictures to [1, h, w, 2].

    To other programs it is a segmenter of two classes; ours find in its metadata that
    it is for anomalies, and which share of the places makes the score of a picture.
    """
    data = convert.convert_keras(network, "float32")
    return metadata.add_metadata(
        data,
        "segmenter",
        LABELS,
        name="Visual inspection of good parts",
        description="How unlike all good parts each place of a picture is",
        threshold=THRESHOLD,
        top_share=float(top_share),
    )
