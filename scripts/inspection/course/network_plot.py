"""A drawing of a detector with a feature pyramid, read from the network itself."""

import matplotlib.pyplot as plt
import pandas as pd

from inspection.common.palette import PALETTE
from inspection.course import plots
from inspection.detection.model.necks import BACKBONE_TOP_LEVEL

COLUMNS = {"picture": 0.0, "backbone": 1.6, "pyramid": 3.4, "answers": 5.0}
ARROW = {"arrowstyle": "-|>", "color": "0.45", "shrinkA": 2, "shrinkB": 2}


def map_shapes(network, settings):
    """Return a table: (rows, columns, channels) of the maps of each level.

    network: of `build_network`, with a feature pyramid. The answers are the numbers
    (anchors, codes) and (anchors, logits).
    """
    first, last = settings.anchors.min_level, settings.anchors.max_level
    rows = {}
    for level in range(first, last + 1):
        names = {
            "pyramid": pyramid_layer(level, first),
            "codes": f"boxes_level_{level}",
            "logits": f"classes_level_{level}",
        }
        shapes = {
            part: network.get_layer(name).output.shape[1:]
            for part, name in names.items()
        }
        rows[level] = {"backbone": backbone_shape(network, level, first), **shapes}
    return pd.DataFrame(rows).T.rename_axis("level")


def pyramid_layer(level, first):
    """Return the name of the layer whose output is a level of the pyramid."""
    if level > BACKBONE_TOP_LEVEL:
        return f"coarse_{level}_relu"
    number = level - first + 1
    bare = level == BACKBONE_TOP_LEVEL
    return f"projection_{number}" if bare else f"smoothing_{number}_relu"


def backbone_shape(network, level, first):
    """Return the shape of the backbone's map of a level, None above its last."""
    if level > BACKBONE_TOP_LEVEL:
        return None
    return network.get_layer(f"projection_{level - first + 1}").input.shape[1:]


def plot_network(network, settings):
    """Draw each map as a box, with an arrow where one is made of another."""
    table = map_shapes(network, settings)
    _, axis = plt.subplots(figsize=(plots.WIDTH, 4.4))
    first, top = min(table.index), max(table.index)
    draw_map(axis, "picture", first - 1, network.input_shape[1:], "0.6", top)
    for level, row in table.iterrows():
        draw_map(axis, "pyramid", level, row["pyramid"], PALETTE[1], top)
        write_answers(axis, level, row)
        if row["backbone"] is not None:
            draw_map(axis, "backbone", level, row["backbone"], PALETTE[0], top)
            draw_arrow(axis, ("backbone", level), ("pyramid", level))
    draw_flow(axis, table)
    for name, x in COLUMNS.items():
        axis.text(x, top + 0.75, name, ha="center", weight="bold")
    axis.set(xlim=(-0.7, 6.3), ylim=(first - 1.6, top + 1.1), yticks=table.index)
    axis.set(
        xticks=[],
        ylabel="level",
        title="From the picture to the answers: backbone, pyramid, heads",
    )


def draw_flow(axis, table):
    """Draw the arrows within the columns: up the backbone, then down and up the pyramid."""
    first, top = min(table.index), max(table.index)
    draw_arrow(axis, ("picture", first - 1), ("backbone", first))
    for level in range(first, BACKBONE_TOP_LEVEL):
        draw_arrow(axis, ("backbone", level), ("backbone", level + 1))
        draw_arrow(axis, ("pyramid", level + 1), ("pyramid", level))
    for level in range(BACKBONE_TOP_LEVEL, top):
        draw_arrow(axis, ("pyramid", level), ("pyramid", level + 1))


def draw_map(axis, column, level, shape, color, top):
    """Draw a map as a bar, wider where it is finer, with its numbers inside."""
    width = 0.75 + 0.1 * (top - level)
    corner = COLUMNS[column] - width / 2, level - 0.26
    axis.add_patch(plt.Rectangle(corner, width, 0.52, color=color, alpha=0.35))
    words = "×".join(map(str, shape))
    axis.text(COLUMNS[column], level, words, ha="center", va="center", size="small")


def write_answers(axis, level, row):
    """Write beside a level of the pyramid what the heads make of it."""
    (anchors, codes), (_, logits) = row["codes"], row["logits"]
    words = f"{anchors:,} anchors\neach {codes} codes, {logits} logits"
    axis.text(COLUMNS["answers"], level, words, ha="center", va="center", size="small")
    start, end = COLUMNS["pyramid"] + 0.65, COLUMNS["answers"] - 0.65
    axis.annotate("", (end, level), (start, level), arrowprops=ARROW)


def draw_arrow(axis, start, end):
    """Draw an arrow between two maps, each a (column, level)."""
    (a, low), (b, high) = ((COLUMNS[column], level) for column, level in (start, end))
    if a == b:  # within a column
        edge = 0.26 if high > low else -0.26
        places = (b, high - edge), (a, low + edge)
    else:
        places = (b - 0.6, high), (a + 0.6, low)
    axis.annotate("", *places, arrowprops=ARROW)
