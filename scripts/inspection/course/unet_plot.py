"""A drawing of a U-Net, read from the network itself."""

import matplotlib.pyplot as plt

from inspection.common.palette import PALETTE
from inspection.course import plots

WAY_DOWN, WAY_UP, BOTTOM = 0.0, 3.6, 1.8
ARROW = {"arrowstyle": "-|>", "color": "0.45", "shrinkA": 1, "shrinkB": 1}
HALF_HEIGHT = 0.24


def map_shapes(network):
    """Return (coarsest map, {level: (map on the way down, map on the way up)}).

    Each map is (rows, columns, channels); level 0 has the size of the picture.
    """
    joins = [layer for layer in network.layers if layer.name.endswith("_join")]
    levels = {}
    for join in sorted(joins, key=lambda layer: layer.name):
        name = join.name.removesuffix("_join")
        up = network.get_layer(f"{name}_relu2").output
        levels[int(name.removeprefix("up"))] = join.input[1].shape[1:], up.shape[1:]
    return network.get_layer("dropout").output.shape[1:], levels


def plot_unet(network):
    """Draw each map as a bar, arrows where one is made of another, skips dashed."""
    bottom, levels = map_shapes(network)
    lowest = max(levels) + 1
    _, axis = plt.subplots(figsize=(plots.WIDTH, 0.75 * (lowest - min(levels)) + 1.4))
    draw_map(axis, BOTTOM, lowest, bottom, PALETTE[2])
    for level, (down, up) in levels.items():
        draw_map(axis, WAY_DOWN, level, down, PALETTE[0])
        draw_map(axis, WAY_UP, level, up, PALETTE[1])
        draw_level(axis, level, last=level + 1 == lowest)
    for x, words in ((WAY_DOWN, "encoder: what"), (WAY_UP, "decoder: where")):
        axis.text(x, min(levels) - 0.65, words, ha="center", weight="bold")
    axis.set(xlim=(-1, WAY_UP + 1), ylim=(lowest + 0.5, min(levels) - 0.95))
    axis.set(xticks=[], yticks=[*levels, lowest], ylabel="times halved")
    axis.spines["bottom"].set_visible(False)
    axis.set_title("A U-Net: rows × columns × channels; dashed: skip connections")


def draw_level(axis, level, last):
    """Draw the arrows of a level: across, and to and from the next coarser one."""
    skip = ARROW | {"linestyle": "--"}
    axis.annotate("", (WAY_UP - 0.75, level), (WAY_DOWN + 0.75, level), arrowprops=skip)
    down, up = (BOTTOM, BOTTOM) if last else (WAY_DOWN, WAY_UP)
    left, right = (-0.35, 0.35) if last else (0, 0)
    start, end = level + HALF_HEIGHT, level + 1 - HALF_HEIGHT
    axis.annotate("", (down + left, end), (WAY_DOWN, start), arrowprops=ARROW)
    axis.annotate("", (WAY_UP, start), (up + right, end), arrowprops=ARROW)


def draw_map(axis, x, level, shape, color):
    """Draw a map as a bar with its numbers inside."""
    corner = x - 0.7, level - HALF_HEIGHT
    axis.add_patch(plt.Rectangle(corner, 1.4, 2 * HALF_HEIGHT, color=color, alpha=0.35))
    words = "×".join(map(str, shape))
    axis.text(x, level, words, ha="center", va="center", size="small")
