"""Over what a training is spread: one device, those of a host, those of several hosts.

On JAX every step computes what one device would compute of the whole batch (data
parallelism, batch norm included), on the devices of all processes that the environment
names. On TensorFlow the devices of one host each compute their part of the batch: losses
and statistics of batch norm are those of a part, and then averaged.
"""

from collections.abc import Callable
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from inspection.common.errors import UserError
from inspection.detection.model import checkpoint_files
from inspection.keras_shared.backends import on_jax
from inspection.keras_shared.hosts import named_hosts

PATIENCE = 30  # seconds that a process which ends waits for the others
# what JAX and gloo say where another process is gone
GONE = ("coordination", "gloo", "connection", "heartbeat", "socket", "peer", "task")


@dataclass(frozen=True)
class Spread:
    """One process of those that train together, each with its share of every batch.

    index: of this process, from 0. count: of the processes. parts: into which the batch of
    a process falls, each with a loss of its own. scope: the context in which the network
    is made and trained.
    """

    index: int = 0
    count: int = 1
    parts: int = 1
    scope: Callable = nullcontext

    @property
    def is_first(self):
        """Tell whether this process writes the files of the training."""
        return self.index == 0

    def of_first(self, number):
        """Return the whole number that the first process gives, to all of them."""
        if self.count == 1:
            return number
        from jax.experimental import multihost_utils

        return int(multihost_utils.broadcast_one_to_all(np.int32(number)))


ALONE = Spread()


def refuse_unspread():
    """Raise UserError where the environment names processes that would train apart."""
    hosts = named_hosts()
    if hosts:
        raise UserError(
            f"the environment names {hosts.count} processes, which would all train the "
            "same: add --distribute, or unset its variables (docs/distributed.md)"
        )


def over_devices(batch_size):
    """Return the `Spread` over all devices there are, for batches of this size.

    Raises UserError where the devices cannot share a batch evenly, or are not of this
    host and Keras does not compute with JAX.
    """
    return _data_parallel(batch_size) if on_jax() else _mirrored(batch_size)


def refuse_uneven(batch_size, devices):
    """Raise UserError where devices cannot share a batch evenly."""
    if batch_size % devices:
        raise UserError(
            f"batch_size {batch_size} of pipeline.config cannot be shared evenly by "
            f"{devices} devices: take a multiple of {devices}"
        )


def _data_parallel(batch_size):
    import jax

    hosts = named_hosts()
    if hosts:
        _join(hosts)
    refuse_uneven(batch_size, jax.device_count())
    # each process reads its own share, see `input_pipeline.training_batches`
    parallel = keras.distribution.DataParallel(auto_shard_dataset=False)
    return Spread(jax.process_index(), jax.process_count(), scope=parallel.scope)


def _join(hosts):
    """Meet the other processes."""
    import jax

    jax.config.update("jax_cpu_collectives_implementation", "gloo")
    named = {"num_processes": hosts.count, "process_id": hosts.index}
    named["coordinator_address"] = hosts.address
    try:
        jax.distributed.initialize(
            # what Slurm's variables say, JAX reads itself
            **(named if hosts.address else {}),
            shutdown_timeout_seconds=PATIENCE,
        )
    except RuntimeError as error:
        reason = str(error).splitlines()[0]
        raise UserError(
            f"process {hosts.index} of {hosts.count} does not meet the others "
            f"({reason}): are all started, and can each reach the first one's "
            "address and port?"
        ) from error


def _mirrored(batch_size):
    """Return the `Spread` of TensorFlow over the devices of this host."""
    hosts = named_hosts()
    if hosts:
        raise UserError(
            f"the environment names {hosts.count} processes, and TensorFlow trains on one "
            "host here: start all of them with KERAS_BACKEND=jax (docs/distributed.md)"
        )
    kind = "GPU" if tf.config.list_logical_devices("GPU") else "CPU"
    devices = [device.name for device in tf.config.list_logical_devices(kind)]
    if len(devices) == 1:
        print("one device: --distribute changes nothing")
        return ALONE
    refuse_uneven(batch_size, len(devices))
    print(
        f"note: {len(devices)} devices, each with {batch_size // len(devices)} pictures of "
        "a batch: losses and batch norm are of these, then averaged; on JAX they are of "
        "the whole batch (docs/distributed.md)"
    )
    mirrored = tf.distribute.MirroredStrategy(devices)
    return Spread(parts=len(devices), scope=mirrored.scope)


def begin_together(model_dir, spread):
    """Return `checkpoint_files.begin_folder` of the first process, in all of them.

    Raises CheckpointError in a process that does not see the first one's files.
    """
    if spread.is_first:
        newest, faults = checkpoint_files.begin_folder(model_dir)
        numbers = newest and checkpoint_files.number_of(newest)
        spread.of_first(numbers[-1] if newest else 0)
        return newest, faults
    number = spread.of_first(0)
    newest = Path(model_dir) / f"ckpt-{number}"
    if number and not newest.with_suffix(".index").is_file():
        raise checkpoint_files.CheckpointError(
            f"{newest} is not here, but on the first host: --model_dir must be a folder "
            "that all hosts share"
        )
    return newest if number else None, []


@contextmanager
def explained_departure(spread):
    """Raise UserError where another process of the training is gone."""
    try:
        yield
    except RuntimeError as error:
        text = str(error).lower()
        if spread.count == 1 or not any(word in text for word in GONE):
            raise
        raise UserError(
            f"another of the {spread.count} processes has ended "
            f"({str(error).splitlines()[0]}): look at what it said, then start all of "
            "them again; they go on from the last checkpoint"
        ) from error
