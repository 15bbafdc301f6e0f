"""Counts of what the service does, in the text format that Prometheus reads.

https://prometheus.io/docs/instrumenting/exposition_formats/
"""

import threading
from bisect import bisect_left
from collections import Counter
from itertools import accumulate

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
BOUNDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)  # seconds


class Metrics:
    """Requests by route and status, and how long answers about pictures took."""

    def __init__(self):
        self._lock = threading.Lock()
        self._requests = Counter()
        self._buckets = [0] * (len(BOUNDS) + 1)
        self._seconds = 0.0

    def count(self, route, status):
        """Count a request."""
        with self._lock:
            self._requests[route, status] += 1

    def time(self, seconds):
        """Count an answer about a picture that took so long."""
        with self._lock:
            self._buckets[bisect_left(BOUNDS, seconds)] += 1
            self._seconds += seconds

    def render(self, facts, waiting, alive, drift=None):
        """Return the page: all counts, how many pictures wait, whether the model lives.

        facts: what /version answers. drift: whether the last pictures are unlike the
        reference of their camera, None where there is none.
        """
        with self._lock:
            requests = sorted(self._requests.items())
            buckets, seconds = list(accumulate(self._buckets)), self._seconds
        model = facts["model"]
        about = _labels(
            version=facts["version"], name=model["name"], kind=model["kind"]
        )
        counted = [
            (_labels(route=route, status=status), count)
            for (route, status), count in requests
        ]
        lines = [
            *_family("info", "gauge", "What is served", [(about, 1)]),
            *_family("requests_total", "counter", "Requests answered", counted),
            *_family("waiting", "gauge", "Pictures that wait", [("", waiting)]),
            *_family("alive", "gauge", "The model answers", [("", int(alive))]),
            *_drift(drift),
            *_histogram(buckets, seconds),
        ]
        return "\n".join(lines) + "\n"


def _family(name, kind, help, values):
    yield f"# HELP inspection_{name} {help}."
    yield f"# TYPE inspection_{name} {kind}"
    for labels, value in values:
        yield f"inspection_{name}{labels} {value}"


def _drift(drift):
    if drift is None:
        return []
    about = "The last pictures are unlike those of the reference"
    return _family("camera_changed", "gauge", about, [("", int(drift))])


def _histogram(buckets, seconds):
    """Yield the lines of the times; a bucket counts all that took no longer."""
    ends = [*map(str, BOUNDS), "+Inf"]
    rows = [(_labels(le=end), count) for end, count in zip(ends, buckets, strict=True)]
    name = "predict_seconds"
    head, kind, *lines = _family(f"{name}_bucket", "histogram", "Time to answer", rows)
    yield from (head.replace("_bucket", ""), kind.replace("_bucket", ""), *lines)
    yield f"inspection_{name}_sum {seconds:.6f}"
    yield f"inspection_{name}_count {buckets[-1]}"


def _labels(**values):
    shown = (f'{name}="{_escaped(value)}"' for name, value in values.items())
    return "{" + ",".join(shown) + "}"


def _escaped(value):
    return str(value).replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
