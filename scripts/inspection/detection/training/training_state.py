"""What a checkpoint of a training holds: network, optimizer, loss scaling, dropout's seeds."""

import re

import numpy as np
import tensorflow as tf

from inspection.detection.model import checkpoint
from inspection.keras_shared import precision
from inspection.keras_shared.backends import on_tensorflow

OPTIMIZER = "optimizer"
SCALING = "loss_scaling"
RANDOM, SEED = "random", "seed_generator_state"
COUNTER = f"save_counter{checkpoint.SUFFIX}"
# how TensorFlow writes a slash and a dot inside a name
SLASH, DOT = ".S", ".."


class TrainingState:
    """The variables of a training under keys that do not depend on the optimizer's name.

    Keras numbers optimizers, SGD, sgd, sgd_1, so that a second training in a process
    would not know the names of the first.
    """

    def __init__(self, network, optimizer):
        self.pairs = []  # (variable of Keras, its copy for the file)
        variables = self._in_file(checkpoint.variables_by_key(network))
        self.model = checkpoint.checkpoint_tree(variables)
        state, scaling = precision.optimizer_state(optimizer)
        self.parts = {OPTIMIZER: self._in_file(state)}
        if scaling:
            self.parts[SCALING] = self._in_file(scaling)
        seeds = [v for v in network.variables if SEED in v.path]
        if seeds:  # dropout goes on with the same numbers; the API has no such key
            seeds = {f"seed_{i}": v for i, v in enumerate(seeds)}
            self.parts[RANDOM] = self._in_file(seeds)

    def _in_file(self, variables):
        found = {key: checkpoint.in_file(v) for key, v in variables.items()}
        if not on_tensorflow():  # whose variables are those of the file
            self.pairs += zip(variables.values(), found.values(), strict=True)
        return found

    def checkpoint(self):
        """Return the tf.train.Checkpoint to save, after `refresh`."""
        return tf.train.Checkpoint(**self.model, **self.parts)

    def refresh(self):
        """Bring what is saved to where the training is."""
        for variable, copy in self.pairs:
            copy.assign(np.asarray(variable.value).astype(copy.dtype.as_numpy_dtype))

    def read(self, prefix):
        """Read a checkpoint of a training; return the number it was saved under.

        Also one of version 1, whose keys begin with the optimizer's name, and one of a
        training in other precision: where no scaling was saved, it begins anew.
        Raises AssertionError or ValueError where it is of other variables.
        """
        reader = tf.train.load_checkpoint(prefix)
        stored = reader.get_variable_to_shape_map()
        parts = {}
        for part, variables in self.parts.items():
            names = _stored_names(stored, part)
            if names or part == OPTIMIZER:
                parts[part] = {names.get(k, k): v for k, v in variables.items()}
        found = tf.train.Checkpoint(**self.model, **parts).restore(prefix)
        # a scaling of the loss that is stored may have no reader
        found.assert_existing_objects_matched().expect_partial()
        for variable, copy in self.pairs:
            variable.assign(copy.numpy())
        return int(reader.get_tensor(COUNTER))


def _stored_names(stored, part):
    """Return {key: name in the checkpoint} of all that it holds of a part."""
    pattern = re.compile(f"{part}/(.+){re.escape(checkpoint.SUFFIX)}")
    found = [match[1] for name in stored if (match := pattern.fullmatch(name))]
    names = [name.replace(SLASH, "/").replace(DOT, ".") for name in found]
    return {name.rpartition("/")[2]: name for name in names}
