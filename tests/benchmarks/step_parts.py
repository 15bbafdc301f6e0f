"""Where the time of a training step goes: each part of it, run alone.

    python tests/benchmarks/step_parts.py --rounds 5

The parts take turns. "backward" is forward and backward less forward. The sum differs
a little from the whole step, in which parts overlap.
"""

import measure
import training_step
from inspection.common import arguments as flags


def gradients(loss, trainer):
    """Return the gradients of what `loss` computes, by the weights of the network."""
    import tensorflow as tf

    with tf.GradientTape() as tape:
        value = loss()
    return tape.gradient(value, [v.value for v in trainer.trainable_variables])


def make_parts(trainer, batch):
    """Return {name: compiled function} of the parts of a step."""
    import tensorflow as tf

    from inspection.detection.training.losses import detection_losses
    from inspection.detection.training.targets import assign

    settings, network = trainer.settings, trainer.network
    images, *ground_truth = map(tf.constant, batch)
    outputs = {k: tf.constant(v) for k, v in network(images, training=False).items()}
    targets = assign(*ground_truth, trainer.anchors, settings)
    some = [tf.zeros(v.shape) for v in trainer.trainable_variables]

    def forward():
        return network(images, training=True)

    def forward_backward():
        return gradients(
            lambda: [tf.reduce_sum(v) for v in forward().values()], trainer
        )

    def find_targets():
        return assign(*ground_truth, trainer.anchors, settings)

    def losses():
        with tf.GradientTape() as tape:
            tape.watch(outputs)
            total = sum(detection_losses(outputs, targets, settings))
        return tape.gradient(total, outputs)

    def regularization():
        return gradients(lambda: tf.add_n(network.losses), trainer)

    def optimizer():
        trainer.optimizer.apply(some, trainer.trainable_variables)

    parts = forward, forward_backward, find_targets, losses, regularization, optimizer
    return {part.__name__: tf.function(part, autograph=False) for part in parts}


def compare(rounds):
    """Return the medians of the whole step and of its parts."""
    batch = training_step.make_batch()
    trainer = training_step.make_ours()
    whole = {"whole_step": training_step.our_step(trainer, batch)}
    calls = {**whole, **make_parts(trainer, batch)}
    for call in calls.values():
        call()  # traces the graph
    parts = measure.alternate(calls, rounds)
    both, forward = parts.pop("forward_backward"), parts["forward"]
    parts["backward"] = {k: round(both[k] - forward[k], 4) for k in both}
    return {**parts, "what": training_step.WHAT, "rounds": rounds}


def main():
    parser = flags.parser(__doc__)
    parser.add_argument("--rounds", type=flags.positive_int, default=5)
    measure.print_result("step_parts", compare(parser.parse_args().rounds))


if __name__ == "__main__":
    main()
