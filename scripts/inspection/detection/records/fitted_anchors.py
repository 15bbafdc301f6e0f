"""Fit the anchors of a pipeline.config to the boxes of its training records."""

import numpy as np

from inspection.detection.config.anchor_proposal import (
    GOOD,
    box_sizes,
    propose_anchors,
    shape_overlaps,
)
from inspection.detection.config.textproto import ProtoMessage
from inspection.detection.records.records import read_records

GENERATOR = "model.ssd.anchor_generator.multiscale_anchor_generator"
MATCHER = "model.ssd.matcher"


def fit_anchors(config):
    """Give a `PipelineConfig` anchors of the shapes of its boxes, and the matcher for them.

    Returns the shares of the boxes that have an anchor with IoU 0.5 about the same centre,
    before and after. Raises UserError for a model whose anchors cannot be chosen, and
    where the records have no box.
    """
    model = config.model
    sizes = box_sizes(read_records(config.train_input.input_path), model)
    fitted = propose_anchors(sizes, model.anchors)
    config.set(f"{GENERATOR}.anchor_scale", fitted.anchor_scale)
    config.set(f"{GENERATOR}.aspect_ratios", list(fitted.aspect_ratios))
    use_adaptive_matcher(config)
    shares = [
        np.mean(shape_overlaps(sizes, a) >= GOOD) for a in (model.anchors, fitted)
    ]
    return tuple(map(float, shares))


def use_adaptive_matcher(config):
    """Let a `PipelineConfig` assign anchors adaptively, in place of by a fixed overlap."""
    matcher = ProtoMessage()
    atss = matcher.add("atss_matcher", ProtoMessage())
    atss.add("nearest_cells", 9)
    config.set(MATCHER, matcher)
