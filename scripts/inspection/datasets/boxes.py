"""What the converters do with a box as drawn: keep it, clip it, or drop it."""

from dataclasses import replace


def find_fault(box, width, height):
    """Return the kind of a box's fault (a key of faults.KINDS), or None."""
    if box.xmin > box.xmax or box.ymin > box.ymax:
        return "inverted-box"
    if box.xmin == box.xmax or box.ymin == box.ymax:
        return "zero-area"
    if box.xmin >= width or box.ymin >= height or box.xmax <= 0 or box.ymax <= 0:
        return "outside-box"
    if box.xmin < 0 or box.ymin < 0 or box.xmax > width or box.ymax > height:
        return "clipped-box"
    return None


def usable_box(box, width, height):
    """Return the box clipped to its picture, or None where nothing of it is left."""
    fault = find_fault(box, width, height)
    if fault == "clipped-box":
        return replace(
            box,
            xmin=max(box.xmin, 0.0),
            ymin=max(box.ymin, 0.0),
            xmax=min(box.xmax, float(width)),
            ymax=min(box.ymax, float(height)),
        )
    return None if fault else box
