"""Draw the figures of docs/results.md into assets/figures."""

import re
import xml.etree.ElementTree as ElementTree

import matplotlib
from matplotlib.figure import Figure

from inspection.common.atomic_files import atomic_write
from inspection.common.palette import PALETTE
from inspection.course import paths
from inspection.publishing.results.charts import CHARTS

FOLDER = paths.ROOT / "assets" / "figures"
BLUE, ORANGE, GREEN, RED = PALETTE[:4]
TENTH = re.compile(r"(\d\.\d)\d+")
KINDS = {"without a network": BLUE, "U-Net": GREEN, "several together": ORANGE}
TOGETHER = ("average", "vote", "stacking")
MARKERS = {"float32": "o", "float16": "s", "dynamic": "^", "int8": "D"}
STYLE = {
    "font.size": 9,
    "font.family": "DejaVu Sans",  # comes with matplotlib: alike on every machine
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 10,
    "axes.titlelocation": "left",
    "axes.axisbelow": True,
    "legend.frameon": False,
    # a ground of its own: dark letters are readable on a dark page as well
    "figure.facecolor": "white",
    "svg.hashsalt": "inspection",  # names of parts stay the same from run to run
}


def write_all(folder=FOLDER):
    """Draw every figure and return the paths."""
    return [write(make(), folder) for make in CHARTS.values()]


def stale(folder=FOLDER):
    """Return the figures that are not there or show other values than were measured."""
    charts = [make() for make in CHARTS.values()]
    found = {folder / f"{chart.name}.svg": chart.description for chart in charts}
    return [
        path
        for path, values in found.items()
        if not path.is_file() or description_of(path) != values
    ]


def write(chart, folder=FOLDER):
    """Draw one figure as NAME.svg and return its path."""
    path = folder / f"{chart.name}.svg"
    with matplotlib.rc_context(STYLE), atomic_write(path) as part:
        DRAW[chart.name](chart.values).savefig(
            part,
            format="svg",
            bbox_inches="tight",
            metadata={"Date": None, "Description": chart.description},
        )
        part.write_text(shorter(part.read_text(encoding="utf-8")), encoding="utf-8")
    return path


def shorter(svg):
    """Return the file without spaces at line ends, its paths to a tenth of a point."""
    svg = re.sub(r" +$", "", svg, flags=re.MULTILINE)
    return re.sub(r' d="[^"]+"', lambda found: TENTH.sub(r"\1", found[0]), svg)


def description_of(path):
    """Return the values that a figure on the disk was drawn from, in words."""
    tree = ElementTree.parse(path)
    return tree.findtext(".//{http://purl.org/dc/elements/1.1/}description")


def new_axes(width, height, columns=1, **options):
    """Return a figure and its axes; width and height in inches."""
    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.subplots(1, columns, **options)


def draw_cracks(values):
    """Draw accuracies as points, their 95 % intervals as lines."""
    figure, axis = new_axes(7, 2.4)
    labels = list(next(iter(values.values())))
    for shift, color, marker, (series, points) in zip(
        (-0.13, 0.13), (BLUE, ORANGE), "oD", values.items()
    ):
        for row, label in enumerate(labels):
            value, low, high = points[label]
            axis.plot([low, high], [row + shift] * 2, color=color, linewidth=2)
            axis.plot(value, row + shift, marker, color=color,
                      label=series if row == 0 else None)  # fmt: skip
    axis.set_yticks(range(len(labels)), labels)
    axis.set_ylim(len(labels) - 0.5, -0.5)
    axis.grid(axis="x", color="0.9")
    axis.set_xlabel("accuracy, 95 % interval")
    figure.legend(loc="outside upper left", ncols=2)
    return figure


def draw_masks(values):
    """Draw IoU as bars, one panel for each set of masks."""
    figure, axes = new_axes(7, 3.6, len(values), sharey=True)
    for axis, (series, points) in zip(axes, values.items()):
        for kind, color in KINDS.items():
            scores = {w: s for w, (s,) in points.items() if kind_of(w) == kind}
            bars = axis.barh(list(scores), list(scores.values()), color=color)
            axis.bar_label(bars, fmt="%.2f", padding=2)
        axis.set_title(series)
        axis.set_xlim(0, 1)
        axis.set_xlabel("IoU")
    axes[0].invert_yaxis()
    figure.legend(axes[0].containers, KINDS, loc="outside upper left", ncols=3)
    return figure


def kind_of(way):
    """Return to which of KINDS a way to segment belongs."""
    if way.startswith("U-Net"):
        return "U-Net"
    return "several together" if way in TOGETHER else "without a network"


def draw_formats(values):
    """Draw mAP@.50 over milliseconds, the area of a mark after the size of the file."""
    figure, axes = new_axes(7, 2.8, len(values))
    for axis, (series, points) in zip(axes, values.items()):
        for color, (kind, (ms, score, megabytes)) in zip(PALETTE, points.items()):
            axis.scatter(ms, score, 60 * megabytes, "none", MARKERS[kind],
                         edgecolors=color, linewidths=2, label=kind)  # fmt: skip
        scores = [score for _, score, _ in points.values()]
        axis.set_ylim(min(scores) - 1, max(scores) + 1)
        axis.set_xlim(0, 1.1 * max(ms for ms, _, _ in points.values()))
        axis.set_title(series)
        axis.set_xlabel("ms, one thread; area of the mark: size of the file")
        axis.grid(color="0.9")
    axes[0].set_ylabel("mAP@.50")
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside upper left",
                  ncols=4)  # fmt: skip
    return figure


def draw_speed(values):
    """Draw shares of time as bars against the line of the other way."""
    figure, axis = new_axes(7, 2.6)
    (points,) = values.values()
    shares = [share for (share,) in points.values()]
    bars = axis.barh(list(points), shares, color=BLUE)
    axis.bar_label(bars, fmt="%.2f", padding=2)
    axis.axvline(1, color=RED, linewidth=2)
    axis.set_xlim(0, 1.1)
    axis.set_xlabel("time as a share of the other way (1: alike)")
    axis.invert_yaxis()
    return figure


def draw_growth(values):
    """Draw costs over counts on logarithmic axes, a panel for each kind of count."""
    panels = {}
    for series, points in values.items():
        panel, name = series.split(": ")
        panels.setdefault(panel, {})[name] = points
    figure = Figure(figsize=(7, 4.8), layout="constrained")
    for axis, (panel, lines) in zip(figure.subplots(2, 2).flat, panels.items()):
        what, unit = panel.split(", ")
        for color, marker, (name, points) in zip(PALETTE, "oDs", lines.items()):
            costs = [cost for (cost,) in points.values()]
            axis.loglog(list(map(int, points)), costs, marker, ls="-", color=color,
                        label=name)  # fmt: skip
        counts = sorted({int(count) for points in lines.values() for count in points})
        axis.set_xticks(counts, [f"{n:,}" for n in counts])
        axis.minorticks_off()
        axis.yaxis.set_major_formatter("{x:g}")
        axis.set_ylim(top=5 * axis.get_ylim()[1])  # room for the legend
        axis.set_xlabel(what)
        axis.set_ylabel(unit)
        axis.legend(loc="upper left", fontsize=8, handlelength=1)
    return figure


DRAW = {
    "cracks": draw_cracks,
    "masks": draw_masks,
    "formats": draw_formats,
    "speed": draw_speed,
    "growth": draw_growth,
}
