"""Say in words what a figure shows, for those who cannot see it.

The words are the figure's own: titles, the names of its axes, its legend, and where its
lines begin and end. So a figure without a title has little to say, and a test asks for
more.
"""

import numpy as np
from matplotlib.container import BarContainer

LONGEST = 400  # signs; screen readers read the whole of it
PLACES = ("left", "center", "right")  # where a title may stand
MOST_LINES = 4  # of a frame that are told one by one
SHORTEST = 3  # points of a line that shows a course; two are a mark or a yardstick
BEYOND = 0.1  # of a line's range: how far it must leave its ends to be told


def alt_text(figure):
    """Return what a figure shows, frame by frame, in one line."""
    frames = [axes for axes in figure.axes if axes.has_data()]
    alike = all(map(is_image, frames))
    noun = "picture" if alike else "frame"
    count = f"{len(frames)} {noun}s: " if len(frames) > 1 else "picture: " * alike
    # frames alike, such as rows of pictures of one class, are named once
    words = list(dict.fromkeys(filter(None, map(words_of, frames))))
    # what a figure is told of itself comes first, then what can be read on it
    head = " ".join(filter(None, (figure.get_label(), figure.get_suptitle())))
    text = " ".join(f"{head} {count}{'; '.join(words)}".split()).strip(" :")
    return (
        text if len(text) <= LONGEST else text[: LONGEST - 4].rsplit(" ", 1)[0] + " ..."
    )


def is_image(axes):
    """Return whether a frame shows a picture, not a chart or a matrix."""
    return bool(axes.images) and not axes.get_xlabel()


def words_of(axes):
    """Return the title of a frame, what its axes measure and what its colours mean."""
    title = next(filter(None, (axes.get_title(place) for place in PLACES)), "")
    if is_image(axes):
        label = axes.get_label()  # is not drawn, but says what is there
        return f"{title} ({label})" if title and label else title or label
    parts = [f"chart: {title}" if title else "chart"]
    if axes.get_ylabel() and axes.get_xlabel():
        parts.append(f"{axes.get_ylabel()} against {axes.get_xlabel()}")
    else:
        parts += filter(None, [axes.get_ylabel() or axes.get_xlabel()])
    courses = courses_of(axes)
    told = " ".join(courses)
    names = [name for name in legend_of(axes) if name not in told]
    parts += ["for " + ", ".join(names)] * bool(names)
    return ", ".join(parts + courses + bars_of(axes))


def courses_of(axes):
    """Return for each line of a chart where it begins and ends; of many none."""
    lines = [line for line in axes.get_lines() if len(line.get_ydata()) >= SHORTEST]
    return list(map(course_of, lines)) if len(lines) <= MOST_LINES else []


def course_of(line):
    """Return where a line begins and ends, and its extremes if it leaves these far."""
    heights = np.asarray(line.get_ydata(orig=False), float)
    heights = heights[np.isfinite(heights)]
    if not len(heights):
        return f"{line.get_label()} without values"
    first, last, low, high = heights[0], heights[-1], heights.min(), heights.max()
    far = BEYOND * (high - low)
    name = line.get_label()
    words = f"{name} " if not name.startswith("_") else ""
    words += f"from {first:.3g} to {last:.3g}"
    words += f" by way of {low:.3g}" * bool(low < min(first, last) - far)
    return words + f" by way of {high:.3g}" * bool(high > max(first, last) + far)


def bars_of(axes):
    """Return how short and how long the bars of a chart are."""
    bars = [one for one in axes.containers if isinstance(one, BarContainer)]
    lengths = [x for one in bars for x in np.ravel(one.datavalues) if np.isfinite(x)]
    if not lengths:
        return []
    return [f"bars from {min(lengths):.3g} to {max(lengths):.3g}"]


def legend_of(axes):
    """Return the names in the legend of a frame, which may have none."""
    legend = axes.get_legend()
    texts = legend.get_texts() if legend else []
    return [text.get_text() for text in texts if text.get_text()]
