"""Send a running service what nobody would send on purpose, for some minutes.

    python tests/benchmarks/service/serve_fuzz.py --minutes 5

Serves a small classifier, detector and segmenter and sends them, in turns, damaged
pictures, broken forms and bytes that are no HTTP. Ends at once with the request that
was answered by anything but a result or a refusal with its reason, and checks at the
end that the servers are alive and give the right answer. Needs hypothesis. Writes
assets/results/serve_fuzz.json.

Its OpenAPI description is held against a running service by schemathesis, which wants an
environment of its own; no schema can tell which bytes are a picture:

    schemathesis run http://127.0.0.1:8000/openapi.json \\
        --exclude-checks positive_data_acceptance --max-time 120
"""

import collections
import contextlib
import http.client
import json
import socket
import sys
import tempfile
import time
from pathlib import Path

from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from serve_load import running

import bootstrap  # noqa: F401
import measure
from helpers import tiny_models
from helpers.fuzz import service_fuzz
from inspection.common import arguments as flags

KINDS = ("classifier", "detector", "segmenter")
RESULTS = measure.ROOT / "assets/results/serve_fuzz.json"
ROUND = 300  # requests between two looks at the clock


def parse_arguments():
    parser = flags.parser(__doc__)
    parser.add_argument("--minutes", type=flags.positive_float, default=5)
    parser.add_argument(
        "--seed", type=flags.seed, default=0, help="of the first round (0)"
    )
    parser.add_argument("--results", type=Path, default=RESULTS)
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    counts = {kind: collections.Counter() for kind in KINDS}
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        servers = {kind: stack.enter_context(serve(kind, folder)) for kind in KINDS}
        first = {kind: ask(server) for kind, server in servers.items()}
        end, number = time.monotonic() + 60 * arguments.minutes, arguments.seed
        while time.monotonic() < end:
            for kind, server in servers.items():
                fuzz(server, number, counts[kind])
                number += 1
        assert {kind: ask(server) for kind, server in servers.items()} == first
    result = {
        "what": "damaged pictures, broken forms and no HTTP, by hypothesis",
        "command": " ".join(
            ["python tests/benchmarks/service/serve_fuzz.py", *sys.argv[1:]]
        ),
        "minutes": arguments.minutes,
        "seeds": f"{arguments.seed} to {number - 1}",
        "machine": measure.describe_machine(),
        "failures": 0,
        "alive_and_right_at_the_end": True,
        **{kind: dict(sorted(counts[kind].items())) for kind in KINDS},
    }
    arguments.results.parent.mkdir(parents=True, exist_ok=True)
    arguments.results.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    measure.print_result("fuzzing the service", result)


def serve(kind, folder):
    path = folder / f"{kind}.tflite"
    path.write_bytes(getattr(tiny_models, f"make_{kind}")())
    return running(path, 16)


def ask(server):
    """Return the answer for a right picture."""
    status, body = post(server, "", "image/jpeg", service_fuzz.SEEDS[0])
    assert status == 200
    return json.loads(body)


def fuzz(server, number, count):
    """Send one round of requests, then one of bytes that are no HTTP."""
    quick = settings(
        max_examples=ROUND,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )

    @seed(number)
    @quick
    @given(request=service_fuzz.requests())
    def send(request):
        status, body = post(server, *request)
        assert service_fuzz.fault_of(status, body) == ""
        count[str(status)] += 1

    @seed(number)
    @settings(quick, max_examples=ROUND // 10)
    @given(data=st.binary(min_size=1, max_size=400))
    def send_raw(data):
        first_line = shout(server, data)
        assert b" 50" not in first_line[:13], first_line
        count["no HTTP"] += 1

    send()
    send_raw()


def post(server, query, kind, body):
    _, host, port = server
    connection = http.client.HTTPConnection(host, port, timeout=30)
    try:
        headers = {"Content-Type": kind} if kind else {}
        connection.request("POST", f"/api/predict{query}", body, headers)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def shout(server, data):
    """Send bytes as they are; return what comes back, if anything does."""
    _, host, port = server
    with socket.create_connection((host, port), timeout=30) as connection:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        # a server may hang up without a word
        with contextlib.suppress(ConnectionResetError):
            return connection.recv(100)
    return b""


if __name__ == "__main__":
    main()
