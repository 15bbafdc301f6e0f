"""The colour of each class, the same as in the notebooks."""

from PIL import ImageColor

# the "colorblind" palette of seaborn, in its order
PALETTE = (
    "#0173b2",
    "#de8f05",
    "#029e73",
    "#d55e00",
    "#cc78bc",
    "#ca9161",
    "#fbafe4",
    "#949494",
    "#ece133",
    "#56b4e9",
)


def label_hex(label):
    """Return "#rrggbb" of a class, given by its place in the labels from 0."""
    return PALETTE[label % len(PALETTE)]


def label_rgb(label):
    """Return (red, green, blue) of a class, given by its place in the labels from 0."""
    return ImageColor.getrgb(label_hex(label))
