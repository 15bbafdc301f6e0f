"""In how many bits a network computes: 16 where a GPU gains by it, 32 for all other uses.

In mixed precision layers compute in 16 bits and keep their weights in 32 (Micikevicius et
al. 2018, arXiv:1710.03740). What a training hands out, measures and exports is always of
32 bits, whatever policy Keras has been set to.
"""

from contextlib import contextmanager

import keras
import tensorflow as tf

from inspection.common.errors import UserError
from inspection.common.notices import say_once
from inspection.keras_shared.backends import on_tensorflow

EXACT = "float32"
MIXED = "mixed_float16"
POLICIES = (EXACT, MIXED)  # with mixed_bfloat16 the loss of a detector was NaN on a CPU
TENSOR_CORES = (7, 0)  # older GPUs compute in 16 bits no faster, or slower


@keras.saving.register_keras_serializable(package="inspection")
class LossScaling(keras.optimizers.LossScaleOptimizer):
    """Scale the loss so that small gradients survive 16 bits, and count every step.

    A step whose gradients overflow changes no weights. Keras does not count it either,
    so that epochs, checkpoints and learning rates would fall behind the pictures seen.
    """

    def apply(self, grads, trainable_variables=None):
        done = tf.identity(self.iterations)
        super().apply(grads, trainable_variables)
        self.iterations.assign(done + 1)


def chosen():
    """Return the policy to train with: the one that Keras was set to, else by the GPU.

    Raises UserError for any other policy.
    """
    wanted = keras.config.dtype_policy().name
    if wanted not in POLICIES:
        raise UserError(
            f"the dtype policy of Keras is {wanted}: set {' or '.join(POLICIES)}"
        )
    if wanted == MIXED and not on_tensorflow():
        raise UserError(
            f"the dtype policy of Keras is {wanted}, which trains on TensorFlow alone: "
            f"set {EXACT}, or start with KERAS_BACKEND=tensorflow"
        )
    if wanted == EXACT and gains_by_16_bits():
        return MIXED
    return wanted


def gains_by_16_bits():
    """Tell whether TensorFlow has a GPU that computes faster in 16 bits.

    Those of NVIDIA from 7.0 on do.
    """
    if not on_tensorflow():
        return False
    details = tf.config.experimental.get_device_details
    return any(
        details(gpu).get("compute_capability", (0, 0)) >= TENSOR_CORES
        for gpu in tf.config.list_physical_devices("GPU")
    )


def announced():
    """Return the policy to train with, and say so where it is not 32 bits."""
    policy = chosen()
    if policy != EXACT:
        say_once(f"training computes in 16 bits ({policy}), weights stay in 32")
    return policy


@contextmanager
def layers_of(policy):
    """Give the layers that are made in the block a policy, and those after it their own."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def policy_of(network):
    """Return the policy of a network: that of its first layer not of 32 bits, if any."""
    names = (layer.dtype_policy.name for layer in _all_layers(network))
    return next((name for name in names if name != EXACT), EXACT)


def _all_layers(network):
    for layer in network.layers:
        if isinstance(layer, keras.Model):
            yield from _all_layers(layer)
        elif not isinstance(layer, keras.layers.InputLayer):  # it computes nothing
            yield layer


def scaled(optimizer, network):
    """Return the optimizer for a network: with `LossScaling` where that has float16."""
    return LossScaling(optimizer) if policy_of(network) == MIXED else optimizer


def fits(network, policy):
    """Tell whether a compiled network computes and scales its loss as a policy wants."""
    is_scaled = isinstance(network.optimizer, LossScaling)
    return policy_of(network) == policy and is_scaled == (policy == MIXED)


def in_float32(network):
    """Return a network that computes in 32 bits: the same, or a copy that was rebuilt."""
    return rebuilt(network, EXACT)


def rebuilt(network, policy, exact=()):
    """Return a network under another policy, with copies of the weights; not compiled.

    exact: names of layers, or of networks inside, that stay in 32 bits.
    """
    if policy_of(network) == policy:
        return network
    described = keras.saving.serialize_keras_object(network)
    described.pop("compile_config", None)
    with layers_of(EXACT):
        copy = keras.saving.deserialize_keras_object(_changed(described, policy, exact))
    copy.set_weights(network.get_weights())
    return copy


def _changed(part, policy, exact):
    """Return a part of a serialized network, its dtype policies replaced."""
    if isinstance(part, (list, tuple)):
        return type(part)(_changed(one, policy, exact) for one in part)
    if not isinstance(part, dict):
        return part
    if part.get("class_name") == "DTypePolicy":
        return {**part, "config": {**part["config"], "name": policy}}
    settings = part.get("config")
    if isinstance(settings, dict) and settings.get("name") in exact:
        return part
    return {key: _changed(value, policy, exact) for key, value in part.items()}


def copy_state(source, target):
    """Put the state of an optimizer into another, also where one of them scales the loss.

    Both must have been built for the same variables, whose names may differ.
    """
    if type(source) is not type(target):
        source, target = _inner(source), _inner(target)
    for theirs, mine in zip(source.variables, target.variables, strict=True):
        mine.assign(theirs)


def _inner(optimizer):
    return getattr(optimizer, "inner_optimizer", optimizer)


def state_key(variable):
    """Return the name of an optimizer's variable without the optimizer's own.

    Keras numbers that anew with each optimizer of a process: SGD, sgd, sgd_1.
    """
    return variable.path.rpartition("/")[2]


def optimizer_state(optimizer):
    """Return ({key: variable} of an optimizer, that of its loss scaling, if it has one)."""
    inner = _inner(optimizer)
    state = {state_key(v): v for v in inner.variables}
    own = [] if inner is optimizer else optimizer.variables
    held = {id(v) for v in inner.variables}
    scaling = {state_key(v): v for v in own if id(v) not in held}
    # of the wrapper itself, which has no use for them
    unused = ("iteration", "learning_rate")
    return state, {key: v for key, v in scaling.items() if key not in unused}
