"""What the benchmarks share: paths, the clock, memory, the machine, tables.

Each imports this first: it lets them import the package and the helpers of the tests.
"""

import os
import platform
import statistics
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build/benchmarks"
SCRIPTS = ROOT / "scripts"
sys.path[:0] = [str(ROOT / "tests"), str(SCRIPTS)]
LIBRARIES = ("tensorflow", "keras", "tf_keras", "numpy", "pillow")


def describe_machine():
    """Return the class of this machine, and how busy it is."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    return {
        "cores": os.cpu_count(),
        "architecture": platform.machine(),
        "memory_gb": round(psutil.virtual_memory().total / 1e9),
        "system": platform.system(),
        "load_average_at_start": load and round(load, 2),
    }


def describe_software():
    versions = {name: version(name) for name in LIBRARIES}
    return {"python": platform.python_version(), **versions}


def alternate(sides, rounds, block=1):
    """Return the median seconds of one call of each side, {name: {wall_s, cpu_s}}.

    `sides` maps names to functions. They take turns, `block` calls at a time, so that
    whatever else the machine does meets all of them alike.
    """
    spent = {name: [] for name in sides}
    for _ in range(rounds):
        for name, call in sides.items():
            wall, cpu = time.perf_counter(), time.process_time()
            for _ in range(block):
                call()
            took = time.perf_counter() - wall, time.process_time() - cpu
            spent[name].append([seconds / block for seconds in took])
    return {name: medians(rows) for name, rows in spent.items()}


def medians(rows):
    """Return the median of each column of (wall, CPU) seconds."""
    wall, cpu = map(statistics.median, zip(*rows, strict=True))
    return {"wall_s": round(wall, 4), "cpu_s": round(cpu, 4)}


def run_process(*arguments):
    """Run Python to its end; return (wall seconds, CPU seconds, output).

    The CPU seconds count the processes that it started and waited for, too.
    """
    wall, cpu = time.perf_counter(), cpu_of_children()
    command = [sys.executable, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
    if done.returncode:
        sys.exit(f"{' '.join(command)}\n{done.stderr[-2000:]}")
    return time.perf_counter() - wall, cpu_of_children() - cpu, done.stdout


def cpu_of_children():
    times = psutil.Process().cpu_times()
    return times.children_user + times.children_system


def print_result(title, result):
    """Print the figures of a benchmark, one a line."""
    print(f"\n{title}: {result.get('what', '')}")
    for name, value in result.items():
        if isinstance(value, dict):
            value = "   ".join(f"{key} {one}" for key, one in value.items())
        if name != "what":
            print(f"  {name:<32} {value}")
