"""Headline figures: what a notebook achieved, for the page of `make course`."""

from IPython.display import display

MIME = "application/vnd.inspection.headline+json"


def record_metric(name, value, note=""):
    """Show one figure under its name, and keep it in the notebook's output."""
    line = f"{name}: {write_value(value)}" + (f" ({note})" if note else "")
    figure = {"name": name, "value": write_value(value), "note": note}
    display({"text/plain": line, MIME: figure}, raw=True)


def write_value(value):
    """Write a number with two decimals below ten, with thousands commas above."""
    if not isinstance(value, (int, float)) and not hasattr(value, "item"):
        return str(value)
    number = value.item() if hasattr(value, "item") else value
    if isinstance(number, int):
        return f"{number:,}"
    return f"{number:.2f}" if abs(number) < 10 else f"{number:,.1f}"


def collect(notebook):
    """Return the figures that the outputs of a notebook hold, the last of each name."""
    found = {}
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            figure = output.get("data", {}).get(MIME)
            if figure:
                found[figure["name"]] = figure
    return list(found.values())
