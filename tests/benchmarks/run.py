"""Measure how commands start, speed and memory of the detection engine: `make bench`.

    python tests/benchmarks/run.py
    python tests/benchmarks/run.py records training_step

Prints the figures and writes them, with machine and versions, to
build/benchmarks/speed.json. Compare ratios of one run; seconds depend on the machine.
"""

import json

import measure
from inspection.common import arguments as flags

NAMES = (
    "startup",
    "records",
    "first_step",
    "training_step",
    "step_parts",
    "extraction",
    "check_costs",
    "growth/records_growth",
)


def main():
    parser = flags.parser(__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(NAMES))
    names = parser.parse_args().names or NAMES
    unknown = [name for name in names if name not in NAMES]
    if unknown:
        parser.error(f"no benchmark {unknown[0]}; there are: {', '.join(NAMES)}")
    machine = measure.describe_machine()
    # a process each, so that none inherits the memory or the graphs of another
    outputs = {name: run(name) for name in names}
    measure.BUILD.mkdir(parents=True, exist_ok=True)
    result = {"machine": machine, "versions": measure.describe_software(), **outputs}
    path = measure.BUILD / "speed.json"
    path.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print(f"\n{path.relative_to(measure.ROOT)}")


def run(name):
    """Run one benchmark, print and return the lines of its figures."""
    *_, output = measure.run_process(measure.ROOT / f"tests/benchmarks/{name}.py")
    print(output, end="", flush=True)
    return [line.strip() for line in output.splitlines() if line.strip()]


if __name__ == "__main__":
    main()
