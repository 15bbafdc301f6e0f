"""Weights by name, {layer/variable: array}: in a file .npz, and in the layers of Keras."""

import zipfile
from pathlib import Path

from inspection.common import array_files
from inspection.common.errors import UserError


def read_npz(path):
    """Return {layer/variable: array}; raise UserError where there is no such file."""
    if not Path(path).is_file():
        raise UserError(f"{path} is no file of weights; looked from {Path.cwd()}")
    if not zipfile.is_zipfile(path):
        raise UserError(f"{path} is not an .npz file")
    # Keras 2 named the kernel of a depthwise convolution otherwise
    arrays = array_files.read_npz(path)
    return {n.replace("depthwise_kernel", "kernel"): a for n, a in arrays.items()}


def variables_of(layers):
    """Return {layer/variable: variable}."""
    return {f"{k.name}/{v.name}": v for k in layers for v in k.variables}


def arrays_of(layers):
    """Return {layer/variable: array}, a copy of the weights."""
    return {name: v.numpy() for name, v in variables_of(layers).items()}


def assign(stored, layers, source, whose):
    """Put {layer/variable: array} into layers; return how many arrays they took.

    Raises UserError, and changes nothing, unless each variable finds an array of its
    shape. `source` and `whose` tell in the message where they came from, and what for.
    """
    wanted = variables_of(layers)
    wrong = [
        name
        for name, variable in wanted.items()
        if name not in stored or stored[name].shape != tuple(variable.shape)
    ]
    if wrong:
        raise UserError(
            f"{source}: {len(wrong)} of {len(wanted)} arrays are missing or of another "
            f"shape, the first is {wrong[0]}; are these weights of {whose}?"
        )
    for name, variable in wanted.items():
        variable.assign(stored[name].astype("float32"))
    return len(wanted)
