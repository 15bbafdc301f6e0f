"""Put small faults into copies of the course, one at a time: do the tests notice them?

    python tools/mutate.py
    python tools/mutate.py alarm tracking -o build/mutation.json

The faults stand in tools/mutants.toml. Each is put into a copy, never into the files
here, and only the tests named beside it run. Ends with 1 where fewer than 45 of the 50
are noticed, or any of those that were asked for by name is not.
"""

import argparse
import json
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import tomllib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import bootstrap  # noqa: F401, finds the package
from inspection.common.atomic_files import write_text
from inspection.common.errors import UserError, exit_on_error

ROOT = Path(__file__).resolve().parents[1]
MUTANTS = Path(__file__).with_name("mutants.toml")
PACKAGE = Path("scripts/inspection")
LEAST = 45  # caught, of 50
JOBS = 2
LONGEST = 600  # seconds; a fault may make a loop endless
CAUGHT, SURVIVED = "caught", "survived"
OWN = ("scripts", "tools", "tests", "conftest.py", "pyproject.toml")  # copied
LENT = ("data", "notebooks", "assets", "docs", "README.md")  # linked
NO_CACHE = ("-p", "no:cacheprovider")


@dataclass(frozen=True)
class Mutant:
    """A fault: in a file below scripts/inspection, `old` text becomes `new`."""

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]

    def applied(self, text):
        """Return the text with the fault; raise UserError where it cannot be put in."""
        count = text.count(self.old)
        if count != 1 or self.old == self.new:
            raise UserError(
                f"{self.name}: {self.old!r} stands {count} times in {self.file}, not "
                "once; mend it in tools/mutants.toml"
            )
        return text.replace(self.old, self.new)


@exit_on_error()
def main():
    arguments = parse_arguments()
    mutants = choose(read_mutants(), arguments.names)
    outcomes = run_all(mutants)
    caught = sum(outcome == CAUGHT for outcome in outcomes.values())
    print(f"{caught} of {len(outcomes)} caught")
    if arguments.output:
        write_text(arguments.output, json.dumps(outcomes, indent=2) + "\n")
    return int(caught < (len(outcomes) if arguments.names else LEAST))


def parse_arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "names", nargs="*", help="words that a fault's name begins with"
    )
    parser.add_argument("-o", "--output", type=Path, help="write {name: outcome} here")
    return parser.parse_args()


def read_mutants(path=MUTANTS):
    """Return the `Mutant`s of a file."""
    with open(path, "rb") as file:
        rows = tomllib.load(file)["mutant"]
    return [Mutant(**{**row, "tests": tuple(row["tests"])}) for row in rows]


def choose(mutants, names):
    """Return the mutants whose name begins with one of `names`, or all of them."""
    if not names:
        return mutants
    lost = [n for n in names if not any(m.name.startswith(n) for m in mutants)]
    if lost:
        raise UserError(f"no fault's name begins with {', '.join(lost)}")
    return [m for m in mutants if m.name.startswith(tuple(names))]


def run_all(mutants, root=ROOT, jobs=JOBS):
    """Return {name: CAUGHT or SURVIVED}, printing each as it is known."""
    for mutant in mutants:  # all before the first, which takes a while
        mutant.applied((root / PACKAGE / mutant.file).read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        copies = queue.SimpleQueue()
        for number in range(jobs):
            copies.put(copy_tree(root, Path(folder) / str(number)))
        with ThreadPoolExecutor(jobs) as pool:
            suites = dict.fromkeys(mutant.tests for mutant in mutants)
            list(pool.map(lambda tests: check_sound(tests, copies), suites))
            outcomes = list(pool.map(lambda mutant: try_one(mutant, copies), mutants))
    return dict(zip((mutant.name for mutant in mutants), outcomes, strict=True))


def copy_tree(root, folder):
    """Make a copy in which the tests run; what they only read is linked."""
    folder.mkdir()
    for name in OWN:
        copy = shutil.copytree if (root / name).is_dir() else shutil.copy2
        copy(root / name, folder / name)
    for name in LENT:
        (folder / name).symlink_to(root / name)
    for cache in folder.rglob("__pycache__"):
        shutil.rmtree(cache)
    return folder


def check_sound(tests, copies):
    """Raise UserError where tests fail without any fault: they would prove nothing."""
    folder = copies.get()
    code = run_tests(folder, tests)
    copies.put(folder)
    if code != pytest_code("OK"):
        raise UserError(f"{' '.join(tests)}: ends with {code} without a fault")


def try_one(mutant, copies):
    """Put a fault into a copy that is free, run its tests, mend it again."""
    folder = copies.get()
    path = folder / PACKAGE / mutant.file
    text = path.read_text(encoding="utf-8")
    path.write_text(mutant.applied(text), encoding="utf-8")
    outcome = judge(run_tests(folder, mutant.tests), mutant)
    path.write_text(text, encoding="utf-8")
    copies.put(folder)
    print(f"{outcome:9}{mutant.name}", flush=True)
    return outcome


def judge(code, mutant):
    """Return what pytest's exit code says of a fault."""
    if code == pytest_code("OK"):
        return SURVIVED
    if code in (pytest_code("TESTS_FAILED"), None):
        return CAUGHT
    raise UserError(f"{mutant.name}: pytest could not run, it ended with {code}")


def pytest_code(name):
    import pytest

    return int(pytest.ExitCode[name])


def run_tests(folder, tests):
    """Run tests in a copy until the first that fails; None if they never end."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-n", "0", *NO_CACHE, *tests]
    # without compiled files, none of an earlier fault can be taken for the present
    quiet = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": ""}
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=os.environ | quiet,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=LONGEST,
        )
    except subprocess.TimeoutExpired:
        return None
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
