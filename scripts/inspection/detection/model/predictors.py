"""The heads: from maps to box codes and class logits.

Lin et al. 2017 (focal loss with one head for all levels, arXiv:1708.02002); SSD's
predictor has a head for each map (Liu et al. 2016, arXiv:1512.02325).
"""

from functools import partial

import keras

from inspection.detection.config.pipeline_settings import ConvolutionalPredictor
from inspection.detection.model import checkpoint_keys
from inspection.detection.model.anchors import anchors_per_cell
from inspection.detection.model.layer_factory import LayerFactory
from inspection.keras_shared.precision import EXACT


def predict(maps, model):
    """Return (box codes, class logits) [B, N, ...] of {level: map}, fine to coarse."""
    if isinstance(model.predictor, ConvolutionalPredictor):
        rows = _own_heads(maps, model)
    else:
        rows = _shared_heads(maps, model)
    codes, logits = zip(*rows)
    join = partial(keras.layers.Concatenate, axis=1, dtype=EXACT)
    return (
        join(name="box_encodings")(codes),
        join(name="class_predictions_with_background")(logits),
    )


def _own_heads(maps, model):
    predictor = model.predictor
    make, kernel = LayerFactory(predictor.conv_hyperparams), predictor.kernel_size
    bias = predictor.class_prediction_bias_init
    counts = anchors_per_cell(model.anchors)
    for (number, x), count in zip(sorted(maps.items()), counts, strict=True):
        boxes = make.head(count * 4, kernel, f"box_head_{number}")(x)
        width = count * model.class_columns
        seen = _drop_out(predictor, number)(x)
        classes = make.head(width, kernel, f"class_head_{number}", bias)(seen)
        yield _rows(boxes, classes, model.class_columns, number)


def _shared_heads(maps, model):
    predictor = model.predictor
    make = LayerFactory(predictor.conv_hyperparams, predictor.use_depthwise)
    kernel, bias = predictor.kernel_size, predictor.class_prediction_bias_init
    (count,) = set(anchors_per_cell(model.anchors))
    boxes = make.head(count * 4, kernel, "box_head")
    classes = make.head(count * model.class_columns, kernel, "class_head", bias)
    if predictor.share_prediction_tower:
        box_tower = class_tower = _tower(predictor, make, "tower")
    else:
        box_tower = _tower(predictor, make, "box_tower")
        class_tower = _tower(predictor, make, "class_tower")
    for level, x in sorted(maps.items()):
        seen = box_tower(x, level)
        also = seen if class_tower is box_tower else class_tower(x, level)
        also = _drop_out(predictor, level)(also)
        yield _rows(boxes(seen), classes(also), model.class_columns, level)


def _drop_out(predictor, level):
    """Return what drops part of a map before the classes are read off, in training."""
    if not predictor.use_dropout:
        return lambda x: x
    rate = 1.0 - predictor.dropout_keep_probability
    return keras.layers.Dropout(rate, name=f"{checkpoint_keys.DROPOUT}{level}")


def _tower(predictor, make, name):
    """Return a function that runs a tower over the map of one level.

    The levels share the convolutions; each level has batch norms of its own.
    """
    convs = [
        make.spatial(predictor.depth, predictor.kernel_size, f"{name}_{i}_conv")
        for i in range(predictor.num_layers_before_predictor)
    ]

    def run(x, level):
        for i, conv in enumerate(convs):
            x = make.batch_norm(f"{name}_{i}_batchnorm_level_{level}")(conv(x))
            x = make.activation(f"{name}_{i}_relu_level_{level}")(x)
        return x

    return run


def _rows(boxes, classes, columns, level):
    """Return both with a row for each anchor."""
    reshape = partial(keras.layers.Reshape, dtype=EXACT)
    box_rows = reshape((-1, 4), name=f"boxes_level_{level}")
    class_rows = reshape((-1, columns), name=f"classes_level_{level}")
    return box_rows(boxes), class_rows(classes)
