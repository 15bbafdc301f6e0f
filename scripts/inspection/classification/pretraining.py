"""Train a backbone from random weights, for others to start from."""

import keras

from inspection.classification import batches, training
from inspection.classification import model as models
from inspection.classification.backbones import build_backbone, inner_network

MOMENTUM = 0.95  # of batch norm: Keras's .999 wants more steps than there are
VAL_SHARE = 0.1


def pretrain(
    images, labels, num_classes, epochs, name="mobilenetv2_035", rate=0.002, seed=0
):
    """Return (backbone, history) trained on uint8 [N, size, size, 3] and int [N].

    The last tenth chooses the epoch.
    """
    keras.utils.set_random_seed(seed)
    backbone = build_backbone(name, images.shape[1])
    for layer in inner_network(backbone).layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = MOMENTUM
    cut = round(len(images) * (1 - VAL_SHARE))
    train = batches.batches_of_arrays(images[:cut], labels[:cut], 32, True, seed)
    val = batches.batches_of_arrays(images[cut:], labels[cut:], 128)
    classifier = models.join(
        backbone, models.build_head(backbone.output_shape[-1], num_classes)
    )
    steps = epochs * -(-cut // 32)
    models.compile_for(classifier, keras.optimizers.schedules.CosineDecay(rate, steps))
    done = classifier.fit(
        batches.augment(train, seed=seed),
        epochs=epochs,
        validation_data=val,
        verbose=0,
        callbacks=[
            training.StopOnNaN(),
            training.KeepBest(),
            training.Bar(epochs, "backbone"),
        ],
    )
    return backbone, training.history_of(done, "backbone")
