"""Say in words what a figure shows, for those who cannot see it.

The words are the figure's own: titles, the names of its axes, its legend. So a figure
without a title has little to say, and a test asks for more.
"""

LONGEST = 400  # signs; screen readers read the whole of it
PLACES = ("left", "center", "right")  # where a title may stand


def alt_text(figure):
    """Return what a figure shows, frame by frame, in one line."""
    frames = [axes for axes in figure.axes if axes.has_data()]
    head = [figure.get_suptitle()] if figure.get_suptitle() else []
    count = f"{len(frames)} frames: " if len(frames) > 1 else ""
    # frames alike, such as rows of pictures without titles, are named once
    words = list(dict.fromkeys(filter(None, map(words_of, frames))))
    text = " ".join([*head, count + "; ".join(words)]).replace("\n", " ").strip()
    return (
        text if len(text) <= LONGEST else text[: LONGEST - 4].rsplit(" ", 1)[0] + " ..."
    )


def words_of(axes):
    """Return the title of a frame, what its axes measure and what its colours mean."""
    title = next(filter(None, (axes.get_title(place) for place in PLACES)), "")
    if axes.images and not axes.get_xlabel():
        return title or "picture"
    parts = [f"chart: {title}" if title else "chart"]
    if axes.get_ylabel() and axes.get_xlabel():
        parts.append(f"{axes.get_ylabel()} against {axes.get_xlabel()}")
    else:
        parts += filter(None, [axes.get_ylabel() or axes.get_xlabel()])
    legend = axes.get_legend()
    if legend:
        parts.append("for " + ", ".join(text.get_text() for text in legend.get_texts()))
    return ", ".join(parts)
