"""What the numbers of a pipeline.config can be: beyond these nothing can be built."""

import math

MOST = 2**31 - 1  # int32, as most numbers of the API are
SHARE = (0, 1)
NOT_NEGATIVE = (0, MOST)
POSITIVE = (1e-6, MOST)
COUNT = (1, MOST)
WIDTH = (1, 8192)  # channels of a layer

LIMITS = {
    # model
    "num_classes": (1, 100_000),
    "height": (32, 4096),  # the coarsest map has one cell from 128 pixels down
    "width": (32, 4096),
    "depth_multiplier": (0.01, 10),
    "min_depth": (0, 8192),
    "additional_layer_depth": WIDTH,
    "depth": WIDTH,
    "num_layers_before_predictor": (0, 100),
    "kernel_size": (1, 31),
    "min_dimension": (32, 4096),
    "max_dimension": (32, 4096),
    "num_iterations": (0, 100),
    "num_filters": (0, 8192),
    "num_layers": (1, 20),
    "min_scale": (1e-3, 10),
    "max_scale": (1e-3, 10),
    "scales": (1e-3, 10),
    "base_anchor_height": (1e-3, 100),
    "base_anchor_width": (1e-3, 100),
    "interpolated_scale_aspect_ratio": (0, 1e3),
    "min_level": (2, 7),
    "max_level": (2, 10),
    "anchor_scale": (1e-3, 1e3),
    "aspect_ratios": (1e-3, 1e3),
    "scales_per_octave": (1, 20),
    "stddev": NOT_NEGATIVE,
    "weight": NOT_NEGATIVE,
    "decay": SHARE,
    "epsilon": SHARE,
    "matched_threshold": SHARE,
    "unmatched_threshold": SHARE,
    "nearest_cells": (1, 1000),
    "gamma": (0, 100),
    "alpha": SHARE,
    "delta": POSITIVE,
    "classification_weight": NOT_NEGATIVE,
    "localization_weight": NOT_NEGATIVE,
    "score_threshold": SHARE,
    "iou_threshold": SHARE,
    "max_detections_per_class": (1, 100_000),
    "max_total_detections": (1, 100_000),
    # training
    "batch_size": (1, 65_536),
    "num_steps": COUNT,
    "gradient_clipping_by_norm": NOT_NEGATIVE,
    "bias_grad_multiplier": NOT_NEGATIVE,
    "max_number_of_boxes": (1, 1_000_000),
    "momentum_optimizer_value": SHARE,
    "moving_average_decay": SHARE,
    "dropout_keep_probability": (0.01, 1),
    "learning_rate": (0, math.inf),
    "learning_rate_base": (1e-12, math.inf),
    "initial_learning_rate": (1e-12, math.inf),
    "warmup_learning_rate": (0, math.inf),
    "burnin_learning_rate": (0, math.inf),
    "min_learning_rate": (0, math.inf),
    "total_steps": COUNT,
    "warmup_steps": NOT_NEGATIVE,
    "hold_base_rate_steps": NOT_NEGATIVE,
    "burnin_steps": NOT_NEGATIVE,
    "decay_steps": COUNT,
    "decay_factor": POSITIVE,
    "step": COUNT,
    # augmentation
    "probability": SHARE,
    "random_coef": SHARE,
    "min_object_covered": SHARE,
    "overlap_thresh": SHARE,
    "min_area": SHARE,
    "max_area": SHARE,
    "min_aspect_ratio": POSITIVE,
    "max_aspect_ratio": POSITIVE,
    "min_delta": (0, 100),
    "max_delta": (0, 100),
    "min_scale_ratio": (1e-3, 100),
    "max_scale_ratio": (1e-3, 100),
    "output_size": (32, 4096),
    "scale_min": (1e-3, 100),
    "scale_max": (1e-3, 100),
    "min_image_height": (0, 8192),
    "min_image_width": (0, 8192),
    "max_image_height": (0, 8192),
    "max_image_width": (0, 8192),
    "pad_color": (0, 255),
    "min_center": (0.1, 0.9),
    "max_center": (0.1, 0.9),
    "max_zoom": (1, 10),
    "max_boxes": (1, 20),
    "min_jpeg_quality": (0, 100),
    "max_jpeg_quality": (0, 100),
    "min_patch_size": (1, 8192),
    "max_patch_size": (1, 8192),
    "min_gaussian_stddev": SHARE,
    "max_gaussian_stddev": SHARE,
    "max_black_patches": (0, 1000),
    "size_to_image_ratio": SHARE,
    "minval": (0, 100),
    "maxval": (0, 100),
    # reading and evaluation
    "shuffle_buffer_size": (1, 100_000_000),
    "num_epochs": NOT_NEGATIVE,
    "sample_1_of_n_examples": COUNT,
    "num_visualizations": NOT_NEGATIVE,
    "min_score_threshold": SHARE,
    "max_num_boxes_to_visualize": NOT_NEGATIVE,
}
LIMITS |= {f"{side}_scale": POSITIVE for side in ("y", "x", "height", "width")}
PAIRS = (
    ("min_level", "max_level"),
    ("min_scale", "max_scale"),
    ("min_area", "max_area"),
    ("min_aspect_ratio", "max_aspect_ratio"),
    ("min_delta", "max_delta"),
    ("minval", "maxval"),
    ("min_scale_ratio", "max_scale_ratio"),
    ("scale_min", "scale_max"),
    ("min_center", "max_center"),
    ("min_jpeg_quality", "max_jpeg_quality"),
    ("min_patch_size", "max_patch_size"),
    ("min_gaussian_stddev", "max_gaussian_stddev"),
    ("warmup_steps", "total_steps"),
)


def number_fault(name, value):
    """Return what is wrong with the number of a field, "" where nothing is."""
    if not math.isfinite(value):
        return "must be a finite number"
    least, most = LIMITS.get(name, (-math.inf, math.inf))
    if value < least:
        return f"must be at least {least:g}"
    return f"must be at most {most:,}" if value > most else ""


def order_faults(values):
    """Yield (field, what is wrong) where the least is above the most.

    values: {field: number} of one block.
    """
    for least, most in PAIRS:
        if least in values and most in values and values[least] > values[most]:
            yield least, f"is {values[least]:g}, above {most}, {values[most]:g}"
