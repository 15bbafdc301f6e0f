"""Load the service with many clients at once, with micro-batching and without.

    python tests/benchmarks/service/serve_load.py
    python tests/benchmarks/service/serve_load.py --model my.tflite --results build/load.json

The model is a ResNet-50 for 32x32, of random weights, if none is named. Two servers of
the same model, `--batch 32` and `--batch 1`, take turns, so that whatever else the
machine does meets both alike. Each client keeps one connection and sends its next
picture (32x32, JPEG) when the last is answered. The clients run on the same cores as the
server. Writes assets/results/serve_load.json.
"""

import asyncio
import contextlib
import io
import json
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import psutil
from PIL import Image

import bootstrap  # noqa: F401
import measure
from helpers import serve_model
from inspection.common import arguments as flags

RESULTS = measure.ROOT / "assets/results/serve_load.json"
SIDES = {"micro-batching, 32": 32, "one at a time": 1}
PICTURES = 50
MEGABYTE = 1e6


@dataclass
class Load:
    """What the clients of one side saw, and the server's memory, over all its turns."""

    seconds: list = field(default_factory=list)
    errors: list = field(default_factory=list)
    memory: list = field(default_factory=list)
    wall: float = 0.0
    cpu: float = 0.0


def parse_arguments():
    parser = flags.parser(__doc__)
    add = parser.add_argument
    add("--model", type=Path, metavar="TFLITE")
    add("--clients", type=flags.positive_int, default=64)
    add("--seconds", type=flags.positive_float, default=30, help="of one turn (30)")
    add("--turns", type=flags.positive_int, default=2, help="turns of each side (2)")
    add("--results", type=Path, default=RESULTS)
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    arguments.model = arguments.model or default_model()
    machine = measure.describe_machine()
    with contextlib.ExitStack() as stack:
        servers = {
            name: stack.enter_context(running(arguments.model, batch))
            for name, batch in SIDES.items()
        }
        loads = take_turns(servers, arguments)
    result = {
        "what": "POST /api/predict of a 32x32 JPEG; clients on the server's own cores",
        "command": " ".join(
            ["python tests/benchmarks/service/serve_load.py", *sys.argv[1:]]
        ),
        "data": f"{PICTURES} drawn pictures, seed 0",
        "model": arguments.model.name,
        "clients": arguments.clients,
        "seconds": arguments.seconds * arguments.turns,
        "machine": machine,
        **{name: summarise(load) for name, load in loads.items()},
    }
    batched, single = (result[name]["requests_per_s"] for name in SIDES)
    result["gain_of_micro_batching"] = round(batched / single, 2)
    arguments.results.parent.mkdir(parents=True, exist_ok=True)
    arguments.results.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    measure.print_result("service under load", result)


def default_model():
    """Return the path of a ResNet-50 of random weights, made if it is not there."""
    if not serve_model.PATH.is_file():
        # in a process of its own: Keras stays out of this one
        paths = f"import sys; sys.path[:0] = {sys.path!r}"
        code = "from helpers import serve_model; serve_model.write_model()"
        measure.run_process("-c", f"{paths}; {code}")
    return serve_model.PATH


@contextlib.contextmanager
def running(model, batch):
    """Run scripts/serve.py on a free port; yield (process, host, port)."""
    command = [sys.executable, measure.SCRIPTS / "serve.py", "--port", "0"]
    command += ["--model", model, "--batch", str(batch)]
    process = subprocess.Popen(
        list(map(str, command)),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        lines = iter(process.stdout.readline, "")
        address = next(line.split()[0] for line in lines if line.startswith("http"))
        host, port = address.removeprefix("http://").split(":")
        yield process, host, int(port)
    finally:
        process.terminate()
        process.wait()


def take_turns(servers, arguments):
    loads = {name: Load() for name in servers}
    requests = [request_of(image) for image in make_images()]
    for server in servers.values():
        # the first requests of a server set up what is kept later: not measured
        asyncio.run(drive(server, requests, arguments.clients, 3, Load()))
    for _ in range(arguments.turns):
        for name, server in servers.items():
            clients, seconds = arguments.clients, arguments.seconds
            asyncio.run(drive(server, requests, clients, seconds, loads[name]))
            print(f"{name}: {len(loads[name].seconds)} answers so far", flush=True)
    return loads


def make_images():
    """Return JPEG files of 32x32 pixels, seed 0."""
    rng = np.random.default_rng(0)
    for _ in range(PICTURES):
        coarse = rng.integers(0, 256, (6, 6, 3), "uint8")
        buffer = io.BytesIO()
        Image.fromarray(coarse).resize((32, 32), Image.BICUBIC).save(buffer, "JPEG")
        yield buffer.getvalue()


def request_of(image):
    head = (
        "POST /api/predict HTTP/1.1\r\nHost: localhost\r\n"
        f"Content-Type: image/jpeg\r\nContent-Length: {len(image)}\r\n\r\n"
    )
    return head.encode() + image


async def drive(server, requests, clients, seconds, load):
    """Let clients send requests for some seconds; add what they saw to a load."""
    process, host, port = server
    process = psutil.Process(process.pid)
    cpu, start = sum(process.cpu_times()[:2]), time.perf_counter()
    end = start + seconds
    work = [
        client(host, port, requests[i % PICTURES :], end, load) for i in range(clients)
    ]
    await asyncio.gather(watch(process, end, load), *work)
    load.wall += time.perf_counter() - start
    load.cpu += sum(process.cpu_times()[:2]) - cpu


async def watch(process, end, load):
    while time.perf_counter() < end:
        load.memory.append(process.memory_info().rss / MEGABYTE)
        await asyncio.sleep(1)


async def client(host, port, requests, end, load):
    try:
        reader, writer = await asyncio.open_connection(host, port)
        number = 0
        while (start := time.perf_counter()) < end:
            writer.write(requests[number % len(requests)])
            status = await read_answer(reader)
            load.seconds.append(time.perf_counter() - start)
            number += 1
            if status != 200:
                load.errors.append(f"status {status}")
        writer.close()
    except (OSError, asyncio.IncompleteReadError) as error:
        load.errors.append(repr(error))


async def read_answer(reader):
    """Read one HTTP answer to its end; return its status."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
    length = int(head.split("content-length: ")[1].split("\r\n")[0])
    await reader.readexactly(length)
    return int(head.split()[1])


def summarise(load):
    milliseconds = [1000 * seconds for seconds in load.seconds]
    cuts = statistics.quantiles(milliseconds, n=100)
    third = len(load.memory) // 3
    return {
        "requests": len(milliseconds),
        "errors": len(load.errors),
        "requests_per_s": round(len(milliseconds) / load.wall, 1),
        "median_ms": round(cuts[49]),
        "p99_ms": round(cuts[98]),
        "server_cpu_cores": round(load.cpu / load.wall, 2),
        "memory_mb_first_third": round(statistics.mean(load.memory[:third]), 1),
        "memory_mb_last_third": round(statistics.mean(load.memory[-third:]), 1),
    }


if __name__ == "__main__":
    main()
