"""CPU seconds until each command has said its --help: what every call pays first.

    python tests/benchmarks/startup.py
    python tests/benchmarks/startup.py --rounds 5

Whole processes, user and system time together, the median of the rounds. The aim is half
a second at most.
"""

import statistics

import measure
from inspection.common import arguments as flags


def compare(rounds):
    """Return {command: CPU seconds}, the slowest first."""
    commands = [
        path.relative_to(measure.ROOT)
        for folder in ("scripts", "tools")
        for path in (measure.ROOT / folder).glob("*.py")
        if path.stem != "bootstrap"
    ]
    spent = {path.as_posix(): help_seconds(path, rounds) for path in commands}
    return dict(sorted(spent.items(), key=lambda item: -item[1]))


def help_seconds(path, rounds):
    call = (measure.ROOT / path, "--help")
    seconds = [measure.run_process(*call)[1] for _ in range(rounds)]
    return round(statistics.median(seconds), 2)


def main():
    parser = flags.parser(__doc__)
    parser.add_argument("--rounds", type=flags.positive_int, default=3)
    result = compare(parser.parse_args().rounds)
    what = "CPU seconds of --help, user and system"
    measure.print_result("startup", {"what": what, **result})


if __name__ == "__main__":
    main()
