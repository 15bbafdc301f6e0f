"""Train a backbone from random weights, for others to start from."""

import keras

from inspection.classification import batches, training
from inspection.classification.backbones import (
    build_backbone,
    find_backbone,
    inner_network,
    prepare,
)
from inspection.keras_shared.callbacks import EpochBar, StopOnNaN
from inspection.keras_shared.fused_batch_norm import FusedBatchNormalization
from inspection.keras_shared.precision import EXACT, layers_of

MOMENTUM = 0.95  # of batch norm: Keras's .999 wants more steps than there are
VAL_SHARE = 0.1


@layers_of(EXACT)
def pretrain(images, labels, epochs, name="mobilenetv2_035", rate=0.002, seed=0):
    """Return (backbone, history) trained on uint8 [N, size, size, 3] and 0 or 1 [N, K].

    Each picture may show several of the K kinds. The last tenth chooses the epoch.
    """
    keras.utils.set_random_seed(seed)
    backbone = build_backbone(name, images.shape[1])
    network = keras.models.clone_model(
        inner_network(backbone), clone_function=_with_fused_norm
    )
    classifier = _named_kinds(network, find_backbone(name).input, labels.shape[1])
    cut = round(len(images) * (1 - VAL_SHARE))
    train = batches.batches_of_arrays(images[:cut], labels[:cut], 32, True, seed)
    val = batches.batches_of_arrays(images[cut:], labels[cut:], 128)
    steps = epochs * -(-cut // 32)
    schedule = keras.optimizers.schedules.CosineDecay(
        rate / 10, steps, warmup_target=rate, warmup_steps=steps // 10
    )
    classifier.compile(
        keras.optimizers.Adam(schedule),
        "binary_crossentropy",
        metrics=["binary_accuracy"],
        jit_compile=False,
    )
    bar = EpochBar(epochs, title="backbone", shown=training.LOSSES)
    show = [StopOnNaN(), training.KeepBest(), bar]
    done = classifier.fit(
        batches.augment(train, seed=seed),
        epochs=epochs,
        validation_data=val,
        verbose=0,
        callbacks=show,
    )
    inner_network(backbone).set_weights(network.get_weights())
    return backbone, training.history_of(done, "backbone")


def _named_kinds(network, kind, count):
    inputs = keras.Input(network.input_shape[1:])
    features = keras.layers.GlobalAveragePooling2D()(network(prepare(inputs, kind)))
    return keras.Model(inputs, keras.layers.Dense(count, "sigmoid")(features))


def _with_fused_norm(layer):
    """Return a copy of a layer; batch norm as one operation, which trains faster."""
    config = layer.get_config()
    if isinstance(layer, keras.layers.BatchNormalization):
        return FusedBatchNormalization.from_config(config | {"momentum": MOMENTUM})
    return type(layer).from_config(config)
