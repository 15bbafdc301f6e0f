"""The files of checkpoints: which ones lie in a folder, and whether they are whole."""

import re
import shutil
from contextlib import contextmanager
from pathlib import Path

import tensorflow as tf

from inspection.common.atomic_files import write_text
from inspection.common.errors import UserError

STATE = "checkpoint"  # the file that names the checkpoints of a training
OF_TRAINING = re.compile(r"ckpt-([1-9]\d*)\.index")
UNREADABLE = (tf.errors.OpError, OSError, RuntimeError, TypeError, ValueError)
UNREADABLE += (LookupError,)  # a tensor that ends behind the end of its file
SHOWN = 120  # signs of a reason


class CheckpointError(UserError):
    """A checkpoint that is missing, or damaged, or does not fit the network."""


def number_of(prefix):
    """Return what to sort checkpoints by: ckpt-10 comes after ckpt-9."""
    return [int(digits) for digits in re.findall(r"\d+", Path(prefix).name)]


def latest_named(folder):
    """Return the prefix that the state of a folder names; None without a usable one."""
    try:
        return tf.train.latest_checkpoint(str(folder))
    except UNREADABLE:  # the checkpoints themselves may be whole
        return None


def damage_of(prefix):
    """Return what is wrong with the files of a checkpoint, "" where nothing is.

    All of it is read: each tensor has a checksum.
    """
    try:
        reader = tf.train.load_checkpoint(str(prefix))
        for name in reader.get_variable_to_shape_map():
            reader.get_tensor(name)
    except UNREADABLE as error:
        return _reason(error)
    return ""


def trained_step(prefix):
    """Return the step at which a training wrote a checkpoint, None where none did."""
    for name, _ in tf.train.list_variables(str(prefix)):
        if name.startswith("optimizer/") and "iteration" in name:
            return int(tf.train.load_variable(str(prefix), name))
    return None


@contextmanager
def refuse_damaged(prefix):
    """Raise CheckpointError where a checkpoint that is read in the block is damaged."""
    try:
        yield
    except UserError:
        raise
    except UNREADABLE as error:
        raise CheckpointError(
            f"{prefix} is damaged ({_reason(error)}): name another checkpoint, or fetch "
            "or train this one again"
        ) from error


def _reason(error):
    text = " ".join(str(getattr(error, "message", "") or error).split())
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."


def begin_folder(folder):
    """Make a folder of training fit to go on in; return (newest whole prefix, faults).

    Removes what a stopped program has left half-written, and lets the state name what is
    whole. The prefix is None where there is no checkpoint; the faults are lines such as
    "ckpt-10 is damaged (...)". Raises CheckpointError where all are damaged.
    """
    folder = Path(folder)
    clear_folder(folder)
    prefixes = _of_training(folder)
    faults = []
    for place, prefix in enumerate(prefixes):
        reason = damage_of(prefix)
        if not reason:
            _name_in_state(folder, prefixes[place:])
            return prefix, faults
        faults.append(f"{prefix.name} is damaged ({reason})")
    if faults:
        raise CheckpointError(
            f"{folder}: {'; '.join(faults)}. No checkpoint is whole: delete this folder "
            "to begin anew, or train into another one"
        )
    return None, []


def clear_folder(folder):
    """Remove what a writer that was stopped, or had no room, has left half-written."""
    for left in Path(folder).glob("ckpt-*_temp*"):
        shutil.rmtree(left)


def _of_training(folder):
    """Return the prefixes of a training, the newest first."""
    named = latest_named(folder)
    found = {path.with_suffix("") for path in folder.glob("ckpt-*.index")}
    found = {path for path in found if OF_TRAINING.fullmatch(f"{path.name}.index")}
    found |= {Path(named)} if named else set()
    return sorted(found, key=number_of, reverse=True)


def _name_in_state(folder, prefixes):
    newest = prefixes[0]
    if latest_named(folder) == str(newest):
        return
    lines = [f'model_checkpoint_path: "{newest.name}"']
    lines += [f'all_model_checkpoint_paths: "{p.name}"' for p in reversed(prefixes)]
    write_text(folder / STATE, "\n".join([*lines, ""]))
