"""Ask MediaPipe, the runtime of phones, about pictures. Runs in .venv-mediapipe.

    .venv-mediapipe/bin/python tests/helpers/mediapipe_client.py detector leaks.tflite 0.3 leak.png

Prints a line of JSON for each picture. Knows nothing of the course: only MediaPipe.
"""

import json
import sys

import mediapipe as mp
from mediapipe.tasks.python import BaseOptions, vision

MOST = 100  # detections


def main():
    kind, model, threshold, *paths = sys.argv[1:]
    base = BaseOptions(model_asset_path=model)
    with OPEN[kind](base, float(threshold)) as task:
        for path in paths:
            image = mp.Image.create_from_file(path)
            print(json.dumps(ASK[kind](task, image)))


def open_detector(base, threshold):
    options = vision.ObjectDetectorOptions(
        base_options=base, score_threshold=threshold, max_results=MOST
    )
    return vision.ObjectDetector.create_from_options(options)


def open_classifier(base, threshold):
    options = vision.ImageClassifierOptions(
        base_options=base, score_threshold=threshold
    )
    return vision.ImageClassifier.create_from_options(options)


def open_segmenter(base, threshold):
    options = vision.ImageSegmenterOptions(
        base_options=base, output_category_mask=True, output_confidence_masks=True
    )
    return vision.ImageSegmenter.create_from_options(options)


def detect(task, image):
    """Return the detections; boxes are ymin, xmin, ymax, xmax in pixels."""
    found = []
    for detection in task.detect(image).detections:
        box, (category,) = detection.bounding_box, detection.categories
        top, left = box.origin_y, box.origin_x
        corners = [top, left, top + box.height, left + box.width]
        name, score = category.category_name, category.score
        found.append({"box": corners, "label": name, "score": score})
    return found


def classify(task, image):
    categories = task.classify(image).classifications[0].categories
    return {category.category_name: category.score for category in categories}


def segment(task, image):
    result = task.segment(image)
    scores = [mask.numpy_view().squeeze().tolist() for mask in result.confidence_masks]
    classes = result.category_mask.numpy_view().squeeze().tolist()
    return {"labels": list(task.labels), "scores": scores, "classes": classes}


OPEN = {
    "detector": open_detector,
    "classifier": open_classifier,
    "segmenter": open_segmenter,
}
ASK = {"detector": detect, "classifier": classify, "segmenter": segment}

if __name__ == "__main__":
    main()
