"""Boxes drawn on pictures, changed in place."""

import numpy as np
from PIL import Image, ImageColor

from inspection.common.errors import UserError
from inspection.imaging.box_drawing import draw_boxes
from object_detection import refuse_others

__getattr__ = refuse_others(__name__)

# of the names that Pillow knows, those that are neither grey nor nearly white
STANDARD_COLORS = [
    name
    for name, color in ImageColor.colormap.items()
    if np.ptp(ImageColor.getrgb(name)) > 60
]
AGNOSTIC, TRACKED = "darkorange", 7  # steps between the colors of tracks


def visualize_boxes_and_labels_on_image_array(
    image,
    boxes,
    classes,
    scores,
    category_index,
    instance_masks=None,
    instance_boundaries=None,
    keypoints=None,
    keypoint_scores=None,
    keypoint_edges=None,
    track_ids=None,
    use_normalized_coordinates=False,
    max_boxes_to_draw=20,
    min_score_thresh=0.5,
    agnostic_mode=False,
    line_thickness=4,
    mask_alpha=0.4,
    groundtruth_box_visualization_color="black",
    skip_boxes=False,
    skip_scores=False,
    skip_labels=False,
    skip_track_ids=False,
):
    """Draw the boxes that score above a threshold into an image; return the image.

    image: uint8 [H, W, 3]. boxes: [N, 4], ymin, xmin, ymax, xmax, in pixels or 0..1.
    classes: [N] ids. scores: [N], or None for ground truth. category_index: {id: {"name"}}.
    Raises UserError for masks and keypoints, which no detector here has.
    """
    _refuse(instance_masks, instance_boundaries, keypoints)
    kept = np.arange(len(boxes)) if scores is None else _above(scores, min_score_thresh)
    kept = kept[: max_boxes_to_draw or None]
    if skip_boxes or not len(kept):
        return image
    if scores is None:
        captions, colors = (), [groundtruth_box_visualization_color] * len(kept)
    else:
        names = None if skip_labels or agnostic_mode else category_index
        shown = None if skip_scores else scores
        tracks = None if skip_track_ids else track_ids
        captions = [_caption(i, classes, names, shown, tracks) for i in kept]
        colors = _colors(kept, classes, track_ids, agnostic_mode)
    some = np.asarray(boxes)[kept]
    _draw(image, some, captions, colors, line_thickness, use_normalized_coordinates)
    return image


def _refuse(*parts):
    if any(part is not None for part in parts):
        raise UserError("masks and keypoints are not drawn here: leave them out")


def _above(scores, threshold):
    """Return the places of the scores above a threshold, in their order."""
    return np.flatnonzero(np.asarray(scores) > threshold)


def _colors(kept, classes, track_ids, agnostic):
    """Return the color of each kept box: of its class, its track, or one for all."""
    if agnostic:
        return [AGNOSTIC] * len(kept)
    numbers = classes if track_ids is None else TRACKED * np.asarray(track_ids)
    return [STANDARD_COLORS[int(numbers[i]) % len(STANDARD_COLORS)] for i in kept]


def _caption(i, classes, category_index, scores, track_ids):
    """Return the label of box i, made of those parts that are not None."""
    parts = []
    if category_index is not None:
        parts.append(str(category_index.get(int(classes[i]), {}).get("name", "N/A")))
    if scores is not None:
        parts.append(f"{round(100 * float(scores[i]))}%")
    if track_ids is not None:
        parts.append(f"ID {track_ids[i]}")
    return ": ".join(parts)


def _draw(image, boxes, captions, colors, thickness, are_normalized):
    """Draw [N, 4] boxes into a uint8 array."""
    size = (1, 1) if are_normalized else image.shape[:2]
    relative = np.asarray(boxes, "float64").reshape(-1, 4) / (*size, *size)
    captions = captions if any(captions) else ()
    drawn = draw_boxes(
        image, relative, captions=captions, colors=colors, line_width=thickness
    )
    np.copyto(image, drawn)


def draw_bounding_box_on_image_array(
    image,
    ymin,
    xmin,
    ymax,
    xmax,
    color="red",
    thickness=4,
    display_str_list=(),
    use_normalized_coordinates=True,
):
    """Draw one box, its lines of text above it, into a uint8 array [H, W, 3]."""
    boxes, text = [[ymin, xmin, ymax, xmax]], [" ".join(display_str_list)]
    _draw(image, boxes, text, [color], thickness, use_normalized_coordinates)


def draw_bounding_box_on_image(image, *box, **settings):
    """Draw one box into a picture of Pillow, as the function for arrays does."""
    pixels = np.array(image.convert("RGB"))
    draw_bounding_box_on_image_array(pixels, *box, **settings)
    image.paste(Image.fromarray(pixels))
