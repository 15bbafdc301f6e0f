import json

import pytest

from inspection.common.errors import UserError
from inspection.keras_shared.hosts import Hosts, named_hosts

JAX = {
    "JAX_COORDINATOR_ADDRESS": "node1:1234",
    "JAX_NUM_PROCESSES": "4",
    "JAX_PROCESS_ID": "3",
}
SLURM = {
    "SLURM_JOB_ID": "7",
    "SLURM_STEP_NODELIST": "node[1-4]",
    "SLURM_STEP_NUM_TASKS": "4",
    "SLURM_NTASKS": "4",
    "SLURM_PROCID": "2",
    "SLURM_LOCALID": "0",
}
CLUSTER = {"cluster": {"worker": ["a:1", "b:1"]}, "task": {"index": 1}}


def without(variables, *names):
    return {name: value for name, value in variables.items() if name not in names}


@pytest.mark.parametrize(
    "environment, hosts",
    [
        ({}, None),
        (JAX, Hosts(4, 3, "node1:1234")),
        ({**JAX, "JAX_NUM_PROCESSES": "1", "JAX_PROCESS_ID": "0"}, None),
        (
            {**without(JAX, "JAX_PROCESS_ID"), "JOB_COMPLETION_INDEX": "2"},
            Hosts(4, 2, "node1:1234"),
        ),
        ({"JOB_COMPLETION_INDEX": "2"}, None),  # of a Job that is no training
        (SLURM, Hosts(4, 2, None)),
        ({**SLURM, **JAX}, Hosts(4, 3, "node1:1234")),
        (without(SLURM, "SLURM_STEP_NODELIST"), None),  # a shell of sbatch or salloc
        ({**SLURM, "SLURM_STEP_NUM_TASKS": "1"}, None),
        ({"TF_CONFIG": json.dumps(CLUSTER)}, Hosts(2, 1, None)),
        ({"TF_CONFIG": "{}"}, None),
    ],
)
def test_the_environment_names_the_hosts(environment, hosts):
    assert named_hosts(environment) == hosts


@pytest.mark.parametrize(
    "environment, message",
    [
        (without(JAX, "JAX_NUM_PROCESSES"), "lacks JAX_NUM_PROCESSES: set all three"),
        (without(JAX, "JAX_PROCESS_ID"), "lacks JAX_PROCESS_ID"),
        ({"JAX_PROCESS_ID": "0"}, "lacks JAX_COORDINATOR_ADDRESS, JAX_NUM_PROCESSES"),
        (
            {**JAX, "JAX_PROCESS_ID": "4"},
            "JAX_PROCESS_ID is 4, but JAX_NUM_PROCESSES 4",
        ),
        ({**JAX, "JAX_PROCESS_ID": "-1"}, "JAX_PROCESS_ID is -1: it must be a whole"),
        ({**JAX, "JAX_NUM_PROCESSES": "two"}, "JAX_NUM_PROCESSES is two: it must be"),
        ({**JAX, "JAX_COORDINATOR_ADDRESS": "node1"}, "write host:port"),
        ({**JAX, "JAX_COORDINATOR_ADDRESS": ":1234"}, "write host:port"),
        ({"TF_CONFIG": "two hosts"}, "TF_CONFIG is no JSON"),
        ({"TF_CONFIG": "[1]"}, "TF_CONFIG is no JSON"),
    ],
)
def test_what_is_named_in_part_is_refused(environment, message):
    with pytest.raises(UserError, match=message):
        named_hosts(environment)
