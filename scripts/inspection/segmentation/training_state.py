"""From what a stopped training goes on: its network and optimizer, in either precision."""

from pathlib import Path

import keras
import numpy as np

from inspection.common.array_files import read_npz
from inspection.common.atomic_files import atomic_write
from inspection.common.errors import DatasetError, UserError
from inspection.keras_shared import precision

# of network and optimizer, while training: not HDF5, which kills Python on a full disk
LAST = "last.npz"


def file_of(model_dir, policy):
    """Return where the state of a training lies; loss scaling gives it another layout."""
    name = LAST if policy == precision.EXACT else f"{policy}.{LAST}"
    return Path(model_dir) / name


def files_in(model_dir):
    """Return {policy: file} of the states in a folder; more than one after a kill."""
    files = {policy: file_of(model_dir, policy) for policy in precision.POLICIES}
    return {policy: file for policy, file in files.items() if file.exists()}


def forget(model_dir, but=None):
    """Remove the states in a folder, but one."""
    for file in files_in(model_dir).values():
        if file != but:
            file.unlink(missing_ok=True)


class StateKeeper(keras.callbacks.Callback):
    """Write weights and the optimizer's state after each epoch."""

    def __init__(self, model_dir, policy):
        super().__init__()
        self.model_dir, self.policy = model_dir, policy

    def on_epoch_end(self, epoch, logs=None):
        path = file_of(self.model_dir, self.policy)
        with atomic_write(path) as draft, draft.open("wb") as file:
            np.savez(file, *map(np.asarray, _variables(self.model)))
        forget(self.model_dir, but=path)


def resume(network, model_dir, build):
    """Put back the state after the last whole epoch; return the number of steps.

    What was begun on a machine with a GPU may go on without one, and the other way.
    build: a function from a policy to the same network of that policy, compiled.
    """
    states = files_in(model_dir)
    if not states:
        return 0
    begun = max(states, key=lambda policy: states[policy].stat().st_mtime_ns)
    network.optimizer.build(network.trainable_variables)
    if begun == precision.policy_of(network):
        _read(network, states[begun])
    else:
        other = build(begun)
        other.optimizer.build(other.trainable_variables)
        _read(other, states[begun])
        network.set_weights(other.get_weights())
        precision.copy_state(other.optimizer, network.optimizer)
    step = int(network.optimizer.iterations)
    # dropout draws once a step; its place in the row is not among the weights
    network.get_layer("dropout").seed_generator.state.assign_add([0, step])
    return step


def _variables(network):
    return [*network.weights, *network.optimizer.variables]


def _read(network, path):
    variables, arrays = _variables(network), _arrays(path)
    if [v.shape for v in variables] != [a.shape for a in arrays]:
        raise UserError(f"{path} is of another network: train into another folder")
    for variable, array in zip(variables, arrays, strict=True):
        variable.assign(array)


def _arrays(path):
    try:
        return list(read_npz(path).values())
    except DatasetError as error:
        raise UserError(
            f"{path} cannot be used: {error}; without it, the training begins anew"
        ) from error
