"""Which processes, on which hosts, the environment names for one training.

    JAX_COORDINATOR_ADDRESS  host:port of the first process
    JAX_NUM_PROCESSES        of all hosts together
    JAX_PROCESS_ID           from 0; in an Indexed Job of Kubernetes JOB_COMPLETION_INDEX

Inside a step of Slurm (srun) nothing needs to be set.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass

from inspection.common.errors import UserError

ADDRESS, COUNT = "JAX_COORDINATOR_ADDRESS", "JAX_NUM_PROCESSES"
INDEX, OF_KUBERNETES = "JAX_PROCESS_ID", "JOB_COMPLETION_INDEX"
SLURM = ("SLURM_JOB_ID", "SLURM_STEP_NODELIST", "SLURM_PROCID", "SLURM_LOCALID")
SLURM_COUNT = "SLURM_STEP_NUM_TASKS"
OF_TENSORFLOW = "TF_CONFIG"


@dataclass(frozen=True)
class Hosts:
    """The processes of a training.

    address: host:port of the first, None where JAX finds it out of Slurm's variables.
    index: of this process, from 0.
    """

    count: int
    index: int
    address: str | None


def named_hosts(environment: Mapping[str, str] = os.environ) -> Hosts | None:
    """Return the `Hosts` that the environment names, None where it names one process.

    Raises UserError where it names them in part, or in numbers that do not fit.

    >>> named_hosts({ADDRESS: "node1:1234", COUNT: "2", INDEX: "1"})
    Hosts(count=2, index=1, address='node1:1234')
    >>> named_hosts({})
    """
    if any(name in environment for name in (ADDRESS, COUNT, INDEX)):
        return _of_jax(environment)
    if all(name in environment for name in (*SLURM, SLURM_COUNT)):
        count = _number(environment, SLURM_COUNT)
        index = _number(environment, "SLURM_PROCID")
        return Hosts(count, index, None) if count > 1 else None
    return _of_tensorflow(environment)


def _of_jax(environment):
    index = INDEX if INDEX in environment else OF_KUBERNETES
    missing = [name for name in (ADDRESS, COUNT) if not environment.get(name)]
    missing += [INDEX] if index not in environment else []
    if missing:
        raise UserError(
            f"of the variables {ADDRESS}, {COUNT} and {INDEX} the environment lacks "
            f"{', '.join(missing)}: set all three, or none"
        )
    hosts = Hosts(
        _number(environment, COUNT), _number(environment, index), environment[ADDRESS]
    )
    if not 0 <= hosts.index < hosts.count:
        raise UserError(
            f"{index} is {hosts.index}, but {COUNT} {hosts.count}: processes are "
            "numbered from 0 to one less than their number"
        )
    host, _, port = hosts.address.rpartition(":")
    if not (host and port.isdecimal()):
        raise UserError(f"{ADDRESS} is {hosts.address}: write host:port, as node1:1234")
    return hosts if hosts.count > 1 else None


def _of_tensorflow(environment):
    """Return the processes of a TF_CONFIG, which only TensorFlow's strategies read."""
    try:
        found = json.loads(environment.get(OF_TENSORFLOW) or "{}")
        jobs = found.get("cluster", {}).values()
        count = sum(map(len, jobs))
        index = int(found.get("task", {}).get("index", 0))
    except (ValueError, AttributeError, TypeError):
        raise UserError(f"{OF_TENSORFLOW} is no JSON of a cluster: unset it") from None
    return Hosts(count, index, None) if count > 1 else None


def _number(environment, name):
    text = environment[name]
    if not text.isdecimal():
        raise UserError(f"{name} is {text}: it must be a whole number")
    return int(text)
