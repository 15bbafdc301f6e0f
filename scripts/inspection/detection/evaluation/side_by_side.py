"""Pictures for TensorBoard: what was found at the left, the ground truth at the right."""

from itertools import islice

import numpy as np
from PIL import Image

from inspection.detection.records.records import read_records
from inspection.imaging.box_drawing import draw_boxes

TAG = "Detections_Left_Groundtruth_Right"  # the API's, a number behind it
LONGEST_SIDE = 640  # pixels of a shown picture


def draw_pairs(evaluation, config):
    """Yield uint8 [H, 2 W, 3] of the first pictures of an `Evaluation`.

    How many, from which score on and how many boxes, say num_visualizations,
    min_score_threshold and max_num_boxes_to_visualize of eval_config.
    """
    settings, reader = config.eval, config.eval_input
    names = list(evaluation.ground_truths)[: settings.num_visualizations]
    records = read_records(reader.input_path) if names else ()
    seen = islice(records, 0, None, reader.sample_1_of_n_examples)
    for name, record in zip(names, seen):
        image = _shown(record.image())
        found = evaluation.detections[name].best_first(settings.min_score_threshold)
        found = found[: settings.max_num_boxes_to_visualize or None]
        truth, classes = evaluation.ground_truths[name], evaluation.label_map
        left = draw_boxes(image, found.boxes, found.class_ids, found.scores, classes)
        right = draw_boxes(
            image, truth.boxes, truth.class_ids, class_names=classes, dashed=True
        )
        yield np.concatenate([left, right], axis=1)


def _shown(pixels):
    """Return a picture, smaller where it is large."""
    image = Image.fromarray(pixels)
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    return np.array(image)
