"""SSD MobileNetV2 FPNLite in tf_keras (Keras 2), trained as the original API did.

The other side of training_step.py: the same graph, the same layer names, but stock
layers, targets image by image with 100 padded rows of boxes, one-hot class targets, and
a hand-written training step. Nothing of scripts/ is used but the settings.
"""

import tensorflow as tf
import tf_keras

BLOCKS = (
    [(1, 16, 1), (6, 24, 2), (6, 24, 1), (6, 32, 2)]
    + [(6, 32, 1)] * 2
    + [(6, 64, 2)]
    + [(6, 64, 1)] * 3
    + [(6, 96, 1)] * 3
    + [(6, 160, 2)]
    + [(6, 160, 1)] * 2
    + [(6, 320, 1)]
)
DEPTH = 128
CELL = 6  # anchors of a cell
PENALTY = {"kernel_regularizer": tf_keras.regularizers.L2(2e-5)}
DEPTHWISE_PENALTY = {"depthwise_regularizer": tf_keras.regularizers.L2(2e-5)}


def conv(filters, size, name, stride=1, bias=False):
    return tf_keras.layers.Conv2D(
        filters, size, stride, "same", use_bias=bias, name=name, **PENALTY
    )


def separable(name, stride=1):
    return tf_keras.layers.SeparableConv2D(
        DEPTH, 3, stride, "same", use_bias=False, name=name, **DEPTHWISE_PENALTY
    )


def norm(x, name):
    return tf_keras.layers.BatchNormalization(momentum=0.997, epsilon=1e-3, name=name)(
        x
    )


def norm_relu6(x, name):
    return tf_keras.layers.ReLU(6.0)(norm(x, name))


def inverted_residual(x, number, expansion, channels, stride):
    prefix = f"block_{number}_" if number else "expanded_conv_"
    shortcut = x
    if number:
        x = conv(expansion * x.shape[-1], 1, prefix + "expand")(x)
        x = norm_relu6(x, prefix + "expand_BN")
    depthwise = tf_keras.layers.DepthwiseConv2D(
        3,
        stride,
        "same",
        use_bias=False,
        name=prefix + "depthwise",
        **DEPTHWISE_PENALTY,
    )
    x = norm_relu6(depthwise(x), prefix + "depthwise_BN")
    x = norm(conv(channels, 1, prefix + "project")(x), prefix + "project_BN")
    return x + shortcut if stride == 1 and shortcut.shape[-1] == channels else x


def backbone(images):
    """Return the maps of 1/8, 1/16 and 1/32 of the size."""
    x = norm_relu6(conv(32, 3, "Conv1", 2)(images), "bn_Conv1")
    maps = []
    for number, (expansion, channels, stride) in enumerate(BLOCKS):
        x = inverted_residual(x, number, expansion, channels, stride)
        maps += [x] if number in (5, 12) else []
    return *maps, norm_relu6(conv(1280, 1, "Conv_1")(x), "Conv_1_bn")


def pyramid(maps):
    """Return the five maps from fine to coarse."""
    x = conv(DEPTH, 1, "projection_3", bias=True)(maps[2])
    levels = [x]
    for number in (2, 1):
        lateral = conv(DEPTH, 1, f"projection_{number}", bias=True)(maps[number - 1])
        x = separable(f"smoothing_{number}_conv")(
            tf_keras.layers.UpSampling2D()(x) + lateral
        )
        x = norm_relu6(x, f"smoothing_{number}_batchnorm")
        levels.insert(0, x)
    for level in (6, 7):
        x = separable(f"coarse_{level}_conv", 2)(levels[-1])
        levels.append(norm_relu6(x, f"coarse_{level}_batchnorm"))
    return levels


def build_network(size, num_classes):
    """Return the network: images to (box codes [B, N, 4], logits [B, N, classes + 1])."""
    images = tf_keras.Input((size, size, 3))
    tower = [separable(f"tower_{i}_conv") for i in range(4)]
    widths = {"box_head": 4, "class_head": num_classes + 1}
    heads = [
        tf_keras.layers.SeparableConv2D(CELL * width, 3, padding="same", name=name)
        for name, width in widths.items()
    ]
    outputs = [[], []]
    for level, x in enumerate(pyramid(backbone(images)), start=3):
        for i, layer in enumerate(tower):
            x = norm_relu6(layer(x), f"tower_{i}_batchnorm_level_{level}")
        for rows, head, width in zip(outputs, heads, widths.values()):
            rows.append(tf_keras.layers.Reshape((-1, width))(head(x)))
    return tf_keras.Model(images, [tf_keras.layers.Concatenate(1)(r) for r in outputs])


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


def losses(outputs, ground_truth, anchors):
    """Return (localization, classification) loss; `truth` unstacks along its images."""
    images = zip(*[tf.unstack(values) for values in ground_truth])
    targets = [assign_image(*image, anchors) for image in images]
    codes, weights, one_hot = [tf.stack(values) for values in zip(*targets)]
    normalizer = tf.maximum(tf.reduce_sum(weights), 1.0)
    error = tf.abs(outputs[0] - codes)
    huber = tf.where(error <= 1.0, 0.5 * error**2, error - 0.5)
    p = tf.sigmoid(outputs[1])
    p_true = one_hot * p + (1 - one_hot) * (1 - p)
    balance = one_hot * 0.25 + (1 - one_hot) * 0.75
    entropy = tf.nn.sigmoid_cross_entropy_with_logits(one_hot, outputs[1])
    focal = tf.pow(1 - p_true, 2.0) * balance * entropy
    localization = tf.reduce_sum(huber * weights[..., None]) / (normalizer * 4)
    return localization, tf.reduce_sum(focal) / normalizer


def make_step(network, optimizer, anchors):
    """Return the compiled training step: (images, truth) to the total loss."""

    @tf.function
    def step(images, ground_truth):
        with tf.GradientTape() as tape:
            outputs = network(images, training=True)
            total = tf.add_n([*losses(outputs, ground_truth, anchors), *network.losses])
        variables = network.trainable_variables
        optimizer.apply_gradients(zip(tape.gradient(total, variables), variables))
        return total

    return step
