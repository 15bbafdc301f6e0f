"""An SSD detector in tf_keras (Keras 2), trained as the original API did.

The other side of training_step.py: the graph of our network in stock layers, targets
image by image with 100 padded rows of boxes, one-hot class targets, and a hand-written
training step.
"""

import tensorflow as tf
import tf_keras

PADDED = ("kernel_size", "strides", "padding", "use_bias")
KERNELS = ("kernel", "depthwise", "pointwise")  # that a regularizer may punish


def _convolution(kind, layer, **more):
    options = {name: getattr(layer, name) for name in PADDED} | more
    for kernel in KERNELS:
        found = getattr(layer, f"{kernel}_regularizer", None)
        if found is not None:
            l2 = tf_keras.regularizers.L2(float(found.l2))
            options[f"{kernel}_regularizer"] = l2
    return kind(name=layer.name, **options)


def _normalization(layer):
    names = ("momentum", "epsilon", "center", "scale", "trainable", "name")
    options = {name: getattr(layer, name) for name in names}
    return tf_keras.layers.BatchNormalization(**options)


def _activation(layer):
    most = {"relu6": 6.0, "relu": None}
    kind = layer.activation.__name__
    return tf_keras.layers.ReLU(most[kind]) if kind in most else lambda x: x


def _stock_layer(layer):
    """Return the layer of tf_keras that computes what one of ours does."""
    kinds, ours = tf_keras.layers, {kind.__name__ for kind in type(layer).__mro__}
    if "BatchNormalization" in ours:
        return _normalization(layer)
    if "SeparableConv2D" in ours:
        return _convolution(kinds.SeparableConv2D, layer, filters=layer.filters)
    if "DepthwiseConv2D" in ours:
        return _convolution(kinds.DepthwiseConv2D, layer)
    if "Conv2D" in ours:
        return _convolution(kinds.Conv2D, layer, filters=layer.filters)
    if "Activation" in ours:
        return _activation(layer)
    if "NearestUpsampling" in ours:
        return kinds.UpSampling2D(name=layer.name)
    options = layer.get_config()
    options.pop("dtype")
    return getattr(kinds, type(layer).__name__).from_config(options)


def build_network(source):
    """Return a network like `source`, a detector of ours, in stock layers.

    It takes images and returns (box codes [B, N, 4], logits [B, N, columns]).
    """
    made = {}

    def run(layer, inputs, *kernel, mask=None):
        stock = made.setdefault(layer.name, _stock_layer(layer))
        outputs = stock(inputs)
        # where ours hands its kernel on, nobody reads it here
        return (
            (outputs, outputs) if type(layer).__name__ == "ExpansionConv2D" else outputs
        )

    images = tf_keras.Input(source.input_shape[1:])
    found = source._run_through_graph([images], lambda layer: layer, run)
    return tf_keras.Model(images, list(found.values()))


def copy_weights(source, network):
    """Give each layer of `network` the weights of the layer of that name in `source`."""
    for layer in network.layers:
        if layer.weights:
            layer.set_weights(source.get_layer(layer.name).get_weights())


def centres(boxes):
    ymin, xmin, ymax, xmax = tf.unstack(boxes, axis=-1)
    height, width = ymax - ymin, xmax - xmin
    return ymin + height / 2, xmin + width / 2, height + 1e-8, width + 1e-8


def encode(boxes, anchors):
    yc, xc, height, width = centres(boxes)
    ya, xa, anchor_height, anchor_width = centres(anchors)
    ty, tx = (yc - ya) / anchor_height * 10, (xc - xa) / anchor_width * 10
    th, tw = (
        tf.math.log(height / anchor_height) * 5,
        tf.math.log(width / anchor_width) * 5,
    )
    return tf.stack([ty, tx, th, tw], axis=-1)


def iou(boxes, anchors):
    """Return the intersection over union [M, N] of the boxes of one image."""
    ymin, xmin, ymax, xmax = tf.split(boxes, 4, axis=1)
    a_ymin, a_xmin, a_ymax, a_xmax = tf.unstack(anchors, axis=1)
    heights = tf.maximum(tf.minimum(ymax, a_ymax) - tf.maximum(ymin, a_ymin), 0.0)
    widths = tf.maximum(tf.minimum(xmax, a_xmax) - tf.maximum(xmin, a_xmin), 0.0)
    shared = heights * widths
    areas = (ymax - ymin) * (xmax - xmin) + (a_ymax - a_ymin) * (a_xmax - a_xmin)
    return tf.where(shared == 0.0, 0.0, shared / (areas - shared))


def match(overlaps, weights):
    """Return for each anchor of one image its box, or -1."""
    best = tf.argmax(overlaps, 0, tf.int32)
    matches = tf.where(tf.reduce_max(overlaps, 0) >= 0.5, best, -1)
    claims = tf.one_hot(tf.argmax(overlaps, 1), tf.shape(overlaps)[1])
    claims *= weights[:, None]
    forced = tf.argmax(claims, 0, tf.int32)
    return tf.where(tf.reduce_max(claims, 0) > 0, forced, matches)


def assign_image(boxes, one_hot, weights, anchors):
    """Return (codes, box weights, class targets) of the anchors of one image."""
    matches = match(iou(boxes, anchors), weights)
    found, index = matches >= 0, tf.maximum(matches, 0)
    codes = tf.where(found[:, None], encode(tf.gather(boxes, index), anchors), 0.0)
    box_weights = tf.where(found, tf.gather(weights, index), 0.0)
    return codes, box_weights, tf.where(found[:, None], tf.gather(one_hot, index), 0.0)


def losses(outputs, ground_truth, anchors, alpha=0.25):
    """Return (localization, classification) loss; `truth` unstacks along its images."""
    images = zip(*[tf.unstack(values) for values in ground_truth])
    targets = [assign_image(*image, anchors) for image in images]
    codes, weights, one_hot = [tf.stack(values) for values in zip(*targets)]
    normalizer = tf.maximum(tf.reduce_sum(weights), 1.0)
    error = tf.abs(outputs[0] - codes)
    huber = tf.where(error <= 1.0, 0.5 * error**2, error - 0.5)
    p = tf.sigmoid(outputs[1])
    p_true = one_hot * p + (1 - one_hot) * (1 - p)
    balance = one_hot * alpha + (1 - one_hot) * (1 - alpha)
    entropy = tf.nn.sigmoid_cross_entropy_with_logits(one_hot, outputs[1])
    focal = tf.pow(1 - p_true, 2.0) * balance * entropy
    localization = tf.reduce_sum(huber * weights[..., None]) / (normalizer * 4)
    return localization, tf.reduce_sum(focal) / normalizer


def make_step(network, optimizer, anchors, alpha):
    """Return the compiled training step: (images, truth) to the total loss."""

    @tf.function
    def step(images, ground_truth):
        with tf.GradientTape() as tape:
            outputs = network(images, training=True)
            both = losses(outputs, ground_truth, anchors, alpha)
            total = tf.add_n([*both, *network.losses])
        variables = network.trainable_variables
        optimizer.apply_gradients(zip(tape.gradient(total, variables), variables))
        return total

    return step
