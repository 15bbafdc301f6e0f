"""Draw detections and the alarm on frames, fast: OpenCV draws in place, any script."""

import cv2
import numpy as np
from PIL.ImageColor import getrgb

from inspection.common.palette import class_color

DARK = (32, 32, 32)
ALARM = (190, 20, 20)
WEIGHT = 600  # of the letters, 100..1000


def draw_detections(frame, detections, class_names):
    """Draw boxes with class and score on an RGB frame, uint8 [height, width, 3].

    class_names: {class id: name}.
    """
    height, width = frame.shape[:2]
    line = max(2, round(min(height, width) / 200))
    corners = detections.boxes * ([height, width] * 2)
    colors = [getrgb(class_color(class_id)) for class_id in detections.class_ids]
    for (top, left, bottom, right), color in zip(corners.round().astype(int), colors):
        # a dark line around keeps the colour apart from a background like it
        cv2.rectangle(frame, (left, top), (right, bottom), DARK, line + 2)
        cv2.rectangle(frame, (left, top), (right, bottom), color, line)
    # the best last, so that its label lies on top
    for i in np.argsort(detections.scores, kind="stable"):
        name = class_names[int(detections.class_ids[i])]
        text = f"{name} {detections.scores[i]:.2f}"
        _draw_label(frame, text, corners[i][1], corners[i][0], colors[i])


def draw_alarm(frame, text):
    """Draw the alarm: a red frame around the picture and a line of text at its foot."""
    height, width = frame.shape[:2]
    size = _letters(frame)
    line = max(3, size // 3)
    cv2.rectangle(frame, (0, 0), (width - 1, height - 1), ALARM, 2 * line)
    cv2.rectangle(frame, (0, height - 2 * size), (width, height), ALARM, -1)
    _write(frame, text, size, height - size + size // 3, size, (255, 255, 255))


def _draw_label(frame, text, left, top, color):
    size = _letters(frame)
    pad = size // 4
    _, _, wide, _ = cv2.getTextSize((0, 0), text, (0, 0), _font(), size, WEIGHT)
    high = size + 2 * pad
    left = int(np.clip(left, 0, max(0, frame.shape[1] - wide - 2 * pad)))
    top = int(top) - high if top >= high else int(max(top, 0))
    cv2.rectangle(frame, (left, top), (left + wide + 2 * pad, top + high), color, -1)
    light = np.dot(color, (0.299, 0.587, 0.114)) > 140
    _write(
        frame,
        text,
        left + pad,
        top + size + pad // 2,
        size,
        (0,) * 3 if light else (255,) * 3,
    )


def _write(frame, text, left, base, size, color):
    cv2.putText(frame, text, (left, base), color, _font(), size, WEIGHT)


def _letters(frame):
    """Return the height of letters that suits a frame, in pixels."""
    return max(12, round(min(frame.shape[:2]) / 28))


def _font():
    # comes with OpenCV, from Latin to Chinese; a face is bound to the thread's memory
    return cv2.FontFace("sans")
