"""What a checkpoint of a training holds: network, optimizer, loss scaling, dropout's seeds."""

import re

import tensorflow as tf

from inspection.detection.model import checkpoint
from inspection.keras_shared import precision

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
        variables = checkpoint.variables_by_key(network)
        self.model = checkpoint.checkpoint_tree(variables)
        state, scaling = precision.optimizer_state(optimizer)
        self.parts = {OPTIMIZER: _values(state)}
        if scaling:
            self.parts[SCALING] = _values(scaling)
        seeds = [v for v in network.variables if SEED in v.path]
        if seeds:  # dropout goes on with the same numbers; the API has no such key
            self.parts[RANDOM] = {f"seed_{i}": v.value for i, v in enumerate(seeds)}

    def checkpoint(self):
        """Return the tf.train.Checkpoint to save."""
        return tf.train.Checkpoint(**self.model, **self.parts)

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
        return int(reader.get_tensor(COUNTER))


def _values(variables):
    return {key: variable.value for key, variable in variables.items()}


def _stored_names(stored, part):
    """Return {key: name in the checkpoint} of all that it holds of a part."""
    pattern = re.compile(f"{part}/(.+){re.escape(checkpoint.SUFFIX)}")
    found = [match[1] for name in stored if (match := pattern.fullmatch(name))]
    names = [name.replace(SLASH, "/").replace(DOT, ".") for name in found]
    return {name.rpartition("/")[2]: name for name in names}
