"""One training step of our network and of the same network in tf_keras, side by side.

    python tests/benchmarks/training_step.py --rounds 10
    python tests/benchmarks/training_step.py --base_model ssd_resnet50_v1_fpn_640x640

SSD MobileNetV2 FPNLite, or another model of the zoo without squeeze-excite, at alpha 1,
320 px, 8 pictures, 2 classes, one fixed batch. The two take turns in one process; first
it is asserted that with the same weights they give the same outputs and the same losses.
tf_keras is Keras 2, what the original API ran on.
"""

import numpy as np

import measure
from inspection.common import arguments as flags

SIZE = 320
BATCH = 8
CLASSES = 2
SEED = 0
LEARNING_RATE = 1e-3
BASE_MODEL = "ssd_mobilenet_v2_fpnlite_320x320"
MOST_BOXES = 6  # in one picture of the batch
PADDED_ROWS = 100  # max_number_of_boxes: the original pads every picture to it
TOLERANCE = 1e-4
WHAT = f"alpha 1, {SIZE} px, batch {BATCH}, {CLASSES} classes, one fixed batch"


def make_batch():
    """Return seeded (images, boxes, classes): noise with 1 to 6 boxes a picture."""
    rng = np.random.default_rng(SEED)
    images = rng.uniform(-1, 1, (BATCH, SIZE, SIZE, 3)).astype(np.float32)
    corners = rng.uniform(0, 0.6, (BATCH, MOST_BOXES, 2))
    sides = rng.uniform(0.05, 0.4, corners.shape)
    boxes = np.concatenate([corners, corners + sides], axis=-1).astype(np.float32)
    classes = rng.integers(1, CLASSES + 1, (BATCH, MOST_BOXES), np.int32)
    real = np.arange(MOST_BOXES) <= np.arange(BATCH)[:, None] % MOST_BOXES
    return images, boxes * real[..., None], classes * real


def make_ours(base_model=BASE_MODEL):
    """Return our trainer, compiled as `build_trainer` compiles it."""
    import keras

    from inspection.detection.config import base_configs, every_model
    from inspection.detection.model.network import build_network
    from inspection.detection.training.training_loop import DetectorModel

    keras.utils.set_random_seed(SEED)
    config = base_configs.read(base_model)
    config.set("model.ssd.num_classes", CLASSES)
    every_model.set_image_size(config, SIZE)
    trainer = DetectorModel(build_network(config.model), config.model)
    optimizer = keras.optimizers.SGD(LEARNING_RATE, momentum=0.9)
    trainer.compile(optimizer, jit_compile=False)
    trainer.optimizer.build(trainer.trainable_variables)
    return trainer


def endless(*batch):
    """Return an iterator over a dataset that is one batch again and again."""
    import tensorflow as tf

    return iter(tf.data.Dataset.from_tensors(batch).cache().repeat())


def our_step(trainer, batch):
    """Return a function that takes the step `fit` takes, and returns its losses."""
    images, boxes, classes = batch
    names = np.array([b"noise"] * BATCH)
    batches = endless(images, {"boxes": boxes, "classes": classes, "name": names})
    trainer.make_train_function()
    return lambda: trainer.train_function(batches)


def pad_ground_truth(boxes, classes):
    """Return (boxes, one-hot classes, weights) with 100 rows a picture."""
    rows = ((0, 0), (0, PADDED_ROWS - MOST_BOXES))
    classes = np.pad(classes, rows)
    weights = (classes > 0).astype(np.float32)
    one_hot = np.eye(CLASSES + 1, dtype=np.float32)[classes] * weights[..., None]
    return np.pad(boxes, (*rows, (0, 0))), one_hot, weights


def make_theirs(trainer):
    """Return the tf_keras network with the weights of ours."""
    from helpers import tf_keras_ssd

    network = tf_keras_ssd.build_network(trainer.network)
    tf_keras_ssd.copy_weights(trainer.network, network)
    return network


def their_step(network, trainer, batch):
    import tf_keras

    from helpers import tf_keras_ssd

    images, boxes, classes = batch
    optimizer = tf_keras.optimizers.legacy.SGD(LEARNING_RATE, 0.9)
    alpha = trainer.settings.losses.alpha
    step = tf_keras_ssd.make_step(network, optimizer, trainer.anchors, alpha)
    batches = endless(images, pad_ground_truth(boxes, classes))
    return lambda: step(*next(batches))


def assert_same(trainer, network, batch):
    """Assert that both networks compute the same outputs and the same losses."""
    from helpers import tf_keras_ssd
    from inspection.detection.training.losses import detection_losses
    from inspection.detection.training.targets import assign

    images, boxes, classes = batch
    ours = trainer.network(images, training=False)
    theirs = network(images, training=False)
    for value, wanted in zip(ours.values(), theirs, strict=True):
        np.testing.assert_allclose(value, wanted, rtol=0, atol=TOLERANCE)
    targets = assign(boxes, classes, trainer.anchors, trainer.settings)
    our_losses = detection_losses(ours, targets, trainer.settings)
    ground_truth = pad_ground_truth(boxes, classes)
    alpha = trainer.settings.losses.alpha
    their_losses = tf_keras_ssd.losses(theirs, ground_truth, trainer.anchors, alpha)
    np.testing.assert_allclose(our_losses, their_losses, rtol=TOLERANCE)
    penalties = sum(trainer.network.losses), sum(network.losses)
    np.testing.assert_allclose(*penalties, rtol=TOLERANCE)


def compare(rounds, base_model=BASE_MODEL, block=4):
    """Return the medians of a step of each side and their ratios."""
    batch = make_batch()
    trainer = make_ours(base_model)
    network = make_theirs(trainer)
    assert_same(trainer, network, batch)
    steps = {
        "ours": our_step(trainer, batch),
        "tf_keras": their_step(network, trainer, batch),
    }
    for step in steps.values():
        step()  # traces the graph
    medians = measure.alternate(steps, rounds, block)
    ours, theirs = medians["ours"], medians["tf_keras"]
    return {
        "ratio_to_tf_keras_wall": round(ours["wall_s"] / theirs["wall_s"], 3),
        "ratio_to_tf_keras_cpu": round(ours["cpu_s"] / theirs["cpu_s"], 3),
        **medians,
        "what": f"{base_model}, {WHAT}",
        "rounds": rounds,
        "steps_a_round": block,
    }


def main():
    parser = flags.parser(__doc__)
    parser.add_argument("--rounds", type=flags.positive_int, default=10)
    parser.add_argument("--base_model", default=BASE_MODEL, metavar="NAME")
    arguments = parser.parse_args()
    result = compare(arguments.rounds, arguments.base_model)
    measure.print_result("training_step", result)


if __name__ == "__main__":
    main()
