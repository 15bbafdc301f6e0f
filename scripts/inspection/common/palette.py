"""The colour of each class, the same in notebooks, commands and the service."""

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


def class_color(class_id: int) -> str:
    """Return the colour of a class id, from 1, as "#rrggbb"."""
    return PALETTE[(int(class_id) - 1) % len(PALETTE)]
