"""How the service's answers grow slower with the clients that ask at once.

    python tests/benchmarks/growth/service_growth.py --clients 1 4 16 64

The load is that of serve_load.py, the model too if none is named. The slope is that of
the median wait: near 0 while there is room, 1 where each client more waits for all.
Kept in assets/results/growth.json.
"""

import asyncio
from pathlib import Path

import bootstrap  # noqa: F401 - finds what follows

# isort: split
from serve_load import (
    Load,
    default_model,
    drive,
    make_images,
    request_of,
    running,
    summarise,
)
from slope import keep, slope_of

from inspection.common import arguments as flags


def compare(model, clients, seconds):
    requests, rows = [request_of(image) for image in make_images()], {}
    with running(model, 32) as server:
        asyncio.run(drive(server, requests, clients[-1], 3, Load()))  # not measured
        for count in clients:
            load = Load()
            asyncio.run(drive(server, requests, count, seconds, load))
            rows[count] = summarise(load)
    waits = [max(rows[count]["median_ms"], 1) for count in clients]
    return {
        "what": "POST /api/predict of a 32x32 JPEG, --batch 32",
        **{f"{count:,} clients": row for count, row in rows.items()},
        "slope_of_the_wait": slope_of(clients, waits),
        "slope_of_the_last_step": slope_of(clients[-2:], waits[-2:]),
    }


def main():
    parser = flags.parser(__doc__)
    add = parser.add_argument
    add("--model", type=Path, metavar="TFLITE")
    add("--clients", type=flags.positive_int, nargs="+", default=[1, 4, 16, 64])
    add("--seconds", type=flags.positive_float, default=10, help="of each (10)")
    given = parser.parse_args()
    model = given.model or default_model()
    keep("service", compare(model, given.clients, given.seconds))


if __name__ == "__main__":
    main()
