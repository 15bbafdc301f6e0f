"""Run what takes too long for every change, and keep what came of it: `make soak`.

    python tests/benchmarks/endurance/soak.py
    python tests/benchmarks/endurance/soak.py --only fuzz service

The tests marked `soak` (kills of whole trainings, public tutorials, notebooks on other
sets, all families of the zoo), readers under a million spoilt inputs, the service among
hostile clients for half an hour, a film of 36,000 frames, records of 100,000 pictures.
Writes assets/results/soak.json, a part as soon as it ends: with --only the others stay as
they were. The status is 1 where a part has failed.
"""

import datetime
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from xml.etree import ElementTree

import bootstrap  # noqa: F401
import measure
from inspection.common import arguments as flags

RESULTS = measure.ROOT / "assets/results/soak.json"
BENCHMARKS = "tests/benchmarks"
PARTS = {  # name: (what it is, the program and its arguments)
    "tests": ("tests that take long", ["-m", "pytest", "-n", "2", "--dist", "load",
                                       "--soak", "-q", "tests"]),
    "fuzz": ("a million spoilt inputs",
             [f"{BENCHMARKS}/fuzz_readers.py", "--inputs", "1000000"]),
    "service": ("hostile clients, half an hour", [f"{BENCHMARKS}/service/serve_soak.py"]),
    "film": ("a film of 36,000 frames", [f"{BENCHMARKS}/endurance/long_film.py"]),
    "records": ("records of 100,000 pictures",
                [f"{BENCHMARKS}/growth/records_growth.py", "--counts", "1000", "10000",
                 "100000"]),
}  # fmt: skip


def run(name):
    """Run a part, its output shown; return what is kept of it."""
    what, words = PARTS[name]
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        asked = [*words, f"--junitxml={report}"] if name == "tests" else words
        begun = time.perf_counter()
        status = subprocess.run([sys.executable, *asked], cwd=measure.ROOT).returncode
        minutes = (time.perf_counter() - begun) / 60
        counts = count_tests(report) if report.exists() else {}
    return {
        "what": what,
        "command": " ".join(["python", *words]),
        "day": datetime.date.today().isoformat(),
        "minutes": round(minutes, 1),
        "status": status,
        **counts,
    }


def count_tests(report):
    """Return how many tests a JUnit report tells of: run, failed, skipped."""
    suite = ElementTree.parse(report).getroot().find("testsuite")
    number = {
        key: int(suite.get(key)) for key in ("tests", "failures", "errors", "skipped")
    }
    failed = number["failures"] + number["errors"]
    return {"tests": number["tests"], "failed": failed, "skipped": number["skipped"]}


def main():
    parser = flags.parser(__doc__)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS))
    names = parser.parse_args().only
    kept = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    for name in names:
        kept["machine"] = measure.describe_machine()
        kept.setdefault("parts", {})[name] = run(name)
        text = json.dumps(kept, indent=2) + "\n"
        RESULTS.write_text(text, encoding="utf-8")
    measure.print_result("what takes long", kept["parts"])
    return int(any(kept["parts"][name]["status"] for name in names))


if __name__ == "__main__":
    sys.exit(main())
