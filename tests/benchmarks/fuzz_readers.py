"""Feed every reader of foreign input with what nobody would write on purpose.

    python tests/benchmarks/fuzz_readers.py --inputs 1000000 --seed 0
    python tests/benchmarks/fuzz_readers.py --readers "VOC XML" CSV --inputs 10000

Valid inputs are spoilt by chance (bytes changed, cut off, doubled, spliced, words of the
language put in), some well-formed ones made by hypothesis. A reader may read an input
or refuse it with a UserError: any other exception, more than a second of CPU time and
more than 500 MB are failures. These are saved in build/fuzz_readers/ under the reader,
the seed and the number, and make the status 1. Each reader works in a process of its
own, which is ended when it hangs. Writes assets/results/fuzz_readers.json.

With atheris (pip install atheris; no requirement of the course) the same readers can be
guided by coverage, one after the other:

    python tests/benchmarks/fuzz_readers.py --coverage 60 --readers "VOC XML"
"""

import collections
import json
import multiprocessing
import os
import re
import resource
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import measure
from inspection.common import arguments as flags

RESULTS = measure.ROOT / "assets/results/fuzz_readers.json"
FAILURES = measure.ROOT / "build/fuzz_readers"
INPUTS = 1_000_000
BY_HYPOTHESIS = 2000  # inputs of a reader that has a strategy, or a tenth of all
MEMORY = 500_000_000  # bytes beyond what a process has when it begins
ARENAS = 300_000_000  # of address space that threads reserve and do not use
PATIENCE = 60  # seconds without an answer
KEPT = 20  # failures of one reader
FINE = ("read", "refused")


@dataclass
class Tally:
    """What became of the inputs of one reader."""

    counts: collections.Counter = field(default_factory=collections.Counter)
    failures: dict[str, str] = field(default_factory=dict)
    inputs: int = 0
    timed: int = 0  # of these, by chance; hypothesis takes longer than the readers
    cpu_s: float = 0.0


def parse_arguments():
    parser = flags.parser(__doc__)
    add = parser.add_argument
    add("--inputs", type=flags.positive_int, default=INPUTS, help="of all readers")
    add("--seed", type=flags.seed, default=0)
    add("--readers", nargs="+", metavar="NAME", help="only these (all)")
    add("--results", type=Path, default=RESULTS)
    add(
        "--coverage",
        type=flags.positive_int,
        metavar="SECONDS",
        help="let atheris look for new paths instead, so long in each reader",
    )
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    from helpers.fuzz.reader_fuzz import make_readers

    readers = {reader.name: reader for reader in make_readers()}
    chosen = [readers[name] for name in arguments.readers or readers]
    if arguments.coverage:
        sys.exit(sum(guide(reader, arguments) for reader in chosen))
    parts = sum(reader.weight for reader in chosen)
    tallies = {}
    for reader in chosen:
        count = arguments.inputs * reader.weight // parts
        tallies[reader.name] = tally = fuzz(reader.name, arguments.seed, count)
        print(f"{reader.name}: {summary(tally)}", flush=True)
        for place, text in tally.failures.items():
            print(f"    {place}: {text}", flush=True)
        write(tallies, arguments)
    sys.exit(int(any(tally.failures for tally in tallies.values())))


def guide(reader, arguments):
    """Let atheris feed a reader for some time; return 1 where it found a failure."""
    context = multiprocessing.get_context("spawn")
    work = (reader.name, arguments.seed, arguments.coverage)
    worker = context.Process(target=feed_by_coverage, args=work)
    worker.start()
    worker.join()
    print(f"{reader.name}: {'failed' if worker.exitcode else 'nothing found'}")
    return int(worker.exitcode != 0)


def feed_by_coverage(name, seed, seconds):
    """Give a reader what leads to new paths in the package, until the time is over."""
    import atheris

    with atheris.instrument_imports(include=["inspection"]):
        from helpers.fuzz import reader_fuzz
    (reader,) = (r for r in reader_fuzz.make_readers() if r.name == name)
    folder = reader_fuzz.prepare(Path(tempfile.mkdtemp()) / "set")
    corpus = Path(tempfile.mkdtemp())
    for number, data in enumerate(reader.seeds):
        (corpus / str(number)).write_bytes(data)
    FAILURES.mkdir(parents=True, exist_ok=True)

    def ask(data):
        outcome = reader.run(data, folder)
        if outcome not in FINE and not outcome.startswith("took"):
            raise AssertionError(outcome)

    prefix = f"{FAILURES}/{file_name(name)}_coverage_"
    limits = (f"-max_total_time={seconds}", f"-seed={seed + 1}", "-max_len=20000")
    atheris.Setup([name, *limits, f"-artifact_prefix={prefix}", str(corpus)], ask)
    atheris.Fuzz()


def fuzz(name, seed, count):
    """Return the Tally of so many inputs; go on after an input that ends the process."""
    tally, first = Tally(), 0
    while first < count and len(tally.failures) < KEPT:
        context = multiprocessing.get_context("spawn")
        # the number of the input, and a count that stands still where a reader hangs
        answers, place = context.Queue(), context.Array("q", [first, 0])
        work = (name, seed, first, count, answers, place)
        worker = context.Process(target=feed, args=work)
        worker.start()
        died = watch(worker, answers, place, tally)
        if not died:
            break
        at = place[0]
        save(name, seed, at, died, tally)
        tally.inputs += 1
        first = at + 1
    return tally


def watch(worker, answers, place, tally):
    """Wait for a worker and take in what it found; return why it ended early, or ""."""
    seen, since = -1, time.monotonic()
    while worker.is_alive():
        take(answers, tally)
        if place[1] != seen:
            seen, since = place[1], time.monotonic()
        if time.monotonic() - since > PATIENCE:
            worker.kill()
            worker.join()
            return f"no answer for {PATIENCE} s"
        worker.join(0.2)
    take(answers, tally)
    return f"the process ended with {worker.exitcode}" if worker.exitcode else ""


def take(answers, tally):
    """Add what lies in the queue to a tally."""
    while not answers.empty():
        counts, failures, cpu_s, inputs = answers.get()
        tally.counts.update(counts)
        tally.failures |= failures
        tally.cpu_s += cpu_s
        tally.inputs += inputs
        tally.timed += inputs if cpu_s else 0


def feed(name, seed, first, count, answers, place):
    """Give a reader its inputs, in a process of its own."""
    os.environ["TQDM_DISABLE"] = "1"
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # libraries in C complain there
    from helpers.fuzz import reader_fuzz

    (reader,) = (r for r in reader_fuzz.make_readers() if r.name == name)
    with reader_fuzz.work_folder() as folder:
        reader.run(reader.seeds[0], folder)  # what it imports is loaded now
        limit_memory()
        by_chance(reader, seed, range(first, count), folder, answers, place)
        most = min(BY_HYPOTHESIS, count // 10)
        by_hypothesis(reader, seed, most, folder, answers, place)


def limit_memory():
    """Let an allocation of more than MEMORY fail."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * resource.getpagesize() + MEMORY + ARENAS
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def by_chance(reader, seed, numbers, folder, answers, place):
    """Give a reader spoilt inputs, and report after every thousand."""
    counts, failures, started, inputs = (
        collections.Counter(),
        {},
        time.process_time(),
        0,
    )
    for number in numbers:
        place[:] = number, place[1] + 1
        data = reader.case(seed, number)
        outcome = reader.run(data, folder)
        inputs += 1
        counts[outcome if outcome in FINE else "failed"] += 1
        if outcome not in FINE and len(failures) < KEPT:
            failures |= kept(reader.name, f"{seed}_{number}", data, outcome)
        if inputs == 1000:
            answers.put((counts, failures, time.process_time() - started, inputs))
            counts, failures, inputs = collections.Counter(), {}, 0
            started = time.process_time()
    answers.put((counts, failures, time.process_time() - started, inputs))


def by_hypothesis(reader, number, count, folder, answers, place):
    """Give a reader well-formed inputs, where there is a strategy for them."""
    from hypothesis import HealthCheck, Phase, given, seed, settings

    from helpers.fuzz.reader_strategies import STRATEGIES, encoded

    if reader.name not in STRATEGIES or not count:
        return
    counts, failures = collections.Counter(), {}

    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @seed(number)
    @given(data=encoded(reader.name))
    def ask(data):
        place[1] += 1
        outcome = reader.run(data, folder)
        counts[outcome if outcome in FINE else "failed"] += 1
        if outcome not in FINE and len(failures) < KEPT:
            case = f"hypothesis_{number}_{counts.total()}"
            failures.update(kept(reader.name, case, data, outcome))

    ask()
    answers.put((counts, failures, 0.0, counts.total()))


def save(name, seed, number, why, tally):
    """Keep an input that ended its process."""
    from helpers.fuzz.reader_fuzz import make_readers

    (reader,) = (r for r in make_readers() if r.name == name)
    data = reader.case(seed, number)
    tally.counts["failed"] += 1
    tally.failures |= kept(name, f"{seed}_{number}", data, why)


def kept(name, case, data, outcome):
    """Write an input into build/fuzz_readers; return {its path: what went wrong}."""
    FAILURES.mkdir(parents=True, exist_ok=True)
    path = FAILURES / f"{file_name(name)}_{case}.bin"
    path.write_bytes(data)
    return {path.relative_to(measure.ROOT).as_posix(): outcome}


def file_name(name):
    """Return the name of a reader as that of a file."""
    return re.sub(r"[^a-z]+", "_", name.lower()).strip("_")


def summary(tally):
    counts = " ".join(f"{number:,} {what}" for what, number in tally.counts.items())
    return f"{tally.inputs:,} inputs, {rate(tally):,} a CPU second; {counts}"


def rate(tally):
    return round(tally.timed / max(tally.cpu_s, 1e-3))


def write(tallies, arguments):
    """Write what became of the inputs of each reader."""
    result = {
        "what": "spoilt and senseless inputs: read, or refused with one clear error",
        "command": " ".join(["python tests/benchmarks/fuzz_readers.py", *sys.argv[1:]]),
        "seed": arguments.seed,
        "machine": measure.describe_machine(),
        "inputs": sum(tally.inputs for tally in tallies.values()),
        "failures": sum(tally.counts["failed"] for tally in tallies.values()),
        "readers": {
            name: {
                "inputs": tally.inputs,
                "read": tally.counts["read"],
                "refused": tally.counts["refused"],
                "failed": tally.counts["failed"],
                "inputs_per_cpu_s": rate(tally),
            }
            for name, tally in tallies.items()
        },
    }
    arguments.results.parent.mkdir(parents=True, exist_ok=True)
    arguments.results.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
