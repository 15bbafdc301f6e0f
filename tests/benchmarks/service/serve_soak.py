"""Load the service for half an hour with clients of which one in five is hostile.

    python tests/benchmarks/service/serve_soak.py
    python tests/benchmarks/service/serve_soak.py --minutes 2 --results build/soak.json

The hostile ones send a request byte by byte, damaged pictures, more bytes than are taken,
small files of very many pixels, or no HTTP, and come again at once. All others keep a
connection and send a picture when the last is answered. Once a second /health is asked.
Needs the model of serve_load.py, which is made if it is not there. Writes
assets/results/serve_soak.json.
"""

import asyncio
import collections
import io
import json
import random
import statistics
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from PIL import Image
from serve_load import (
    MEGABYTE,
    Load,
    client,
    default_model,
    make_images,
    read_answer,
    request_of,
    running,
)

import bootstrap  # noqa: F401
import measure
from helpers.fuzz.service_fuzz import SEEDS
from inspection.common import arguments as flags

RESULTS = measure.ROOT / "assets/results/serve_soak.json"
COMMAND = "tests/benchmarks/service/serve_soak.py"
CLIENTS, SHARE = 64, 0.2
PATIENCE = 60  # seconds that a hostile client waits for an answer
HEAD = b"POST /api/predict HTTP/1.1\r\nHost: a\r\nContent-Type: image/png\r\n"


@dataclass
class Seen:
    """What the hostile clients and the watcher saw."""

    statuses: collections.Counter = field(default_factory=collections.Counter)
    health_s: list = field(default_factory=list)
    memory_mb: list = field(default_factory=list)


def main():
    parser = flags.parser(__doc__)
    add = parser.add_argument
    add("--model", type=Path, metavar="TFLITE", help="(that of serve_load.py)")
    add("--minutes", type=flags.positive_float, default=30)
    add("--results", type=Path, default=RESULTS)
    arguments = parser.parse_args()
    machine = measure.describe_machine()
    load, seen = Load(), Seen()
    with running(arguments.model or default_model(), 32) as server:
        asyncio.run(soak(server, 60 * arguments.minutes, load, seen))
    result = {
        "what": "one client in five hostile; the others POST a 32x32 JPEG",
        "command": " ".join([f"python {COMMAND}", *sys.argv[1:]]),
        "data": "drawn pictures, seed 0",
        "clients": CLIENTS,
        "hostile": round(CLIENTS * SHARE),
        "minutes": arguments.minutes,
        "machine": machine,
        **summarise(load, seen),
    }
    arguments.results.parent.mkdir(parents=True, exist_ok=True)
    arguments.results.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    measure.print_result("the service among hostile clients", result)


async def soak(server, seconds, load, seen):
    process, host, port = server
    requests = [request_of(image) for image in make_images()]
    bomb = request_of(make_bomb())
    hostile = round(CLIENTS * SHARE)
    end = time.perf_counter() + seconds
    work = [client(host, port, requests, end, load) for _ in range(CLIENTS - hostile)]
    work += [
        stranger(host, port, random.Random(number), end, seen, bomb)
        for number in range(hostile)
    ]
    start = time.perf_counter()
    await asyncio.gather(
        watch(psutil.Process(process.pid), host, port, end, seen), *work
    )
    load.wall = time.perf_counter() - start


async def watch(process, host, port, end, seen):
    """Ask /health and the server's memory once a second."""
    while time.perf_counter() < end:
        start = time.perf_counter()
        try:
            status = await ask(host, port, b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n")
        except (OSError, asyncio.IncompleteReadError):
            status = "hung up"
        seen.health_s.append(time.perf_counter() - start)
        seen.statuses[f"health: {status}"] += 1
        seen.memory_mb.append(process.memory_info().rss / MEGABYTE)
        await asyncio.sleep(1)


async def ask(host, port, request):
    reader, writer = await asyncio.open_connection(host, port)
    try:
        writer.write(request)
        return await read_answer(reader)
    finally:
        writer.close()


async def stranger(host, port, chance, end, seen, bomb):
    """Send one hostile request after the other, each on a connection of its own."""
    while time.perf_counter() < end:
        kind = chance.choice(["slow", "damaged", "large", "bomb", "no HTTP"])
        try:
            reader, writer = await asyncio.open_connection(host, port)
            status = await asyncio.wait_for(
                attack(kind, reader, writer, chance, bomb), PATIENCE
            )
        except (OSError, asyncio.IncompleteReadError, ValueError):
            status = "hung up"
        except TimeoutError:
            status = "no answer"
        finally:
            writer.close()
        seen.statuses[f"{kind}: {status}"] += 1


async def attack(kind, reader, writer, chance, bomb):
    """Send a hostile request of a kind; return the status of the answer."""
    if kind == "slow":
        for byte in HEAD + b"Content-Length: 9\r\n\r\n123456789":
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0.2)
    elif kind == "damaged":
        image = bytearray(chance.choice(SEEDS))
        for _ in range(4):
            image[chance.randrange(len(image))] = chance.randrange(256)
        writer.write(request_of(bytes(image)))
    elif kind == "large":
        writer.write(HEAD + b"Content-Length: 200000000\r\n\r\n")
        for _ in range(200):
            writer.write(bytes(1_000_000))
            await writer.drain()
    elif kind == "bomb":
        writer.write(bomb)
    else:
        writer.write(chance.randbytes(400) + b"\r\n\r\n")
    return await read_answer(reader)


def make_bomb():
    """Return a PNG of a few kilobytes that would be 400 million pixels."""
    buffer = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(buffer, "PNG")
    return buffer.getvalue()


def summarise(load, seen):
    third = len(seen.memory_mb) // 3
    failed = [key for key in seen.statuses if key.split(": ")[1].startswith("5")]
    server_errors = sum(seen.statuses[key] for key in failed)
    return {
        "answers": len(load.seconds),
        "answers_per_s": round(len(load.seconds) / load.wall, 1),
        "errors_of_the_others": len(load.errors),
        "first_errors": load.errors[:5],
        "hostile_requests": sum(seen.statuses.values()) - len(seen.health_s),
        "server_errors": server_errors,
        "statuses": dict(sorted(seen.statuses.items())),
        "p99_ms": round(1000 * statistics.quantiles(load.seconds, n=100)[98]),
        "health_max_ms": round(1000 * max(seen.health_s)),
        "memory_mb_thirds": [
            round(statistics.mean(part), 1)
            for part in (
                seen.memory_mb[:third],
                seen.memory_mb[third:-third],
                seen.memory_mb[-third:],
            )
        ],
        "memory_mb_max": round(max(seen.memory_mb), 1),
    }


if __name__ == "__main__":
    main()
