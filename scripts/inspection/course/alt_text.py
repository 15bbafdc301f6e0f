"""Say in words what a figure shows, for those who cannot see it.

The words are the figure's own: titles, the names of its axes, its legend. So a figure
without a title has little to say, and a test asks for more.
"""

LONGEST = 400  # signs; screen readers read the whole of it
PLACES = ("left", "center", "right")  # where a title may stand


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
    names = legend_of(axes)
    return ", ".join(parts + ["for " + ", ".join(names)] * bool(names))


def legend_of(axes):
    """Return the names in the legend of a frame, which may have none."""
    legend = axes.get_legend()
    texts = legend.get_texts() if legend else []
    return [text.get_text() for text in texts if text.get_text()]
