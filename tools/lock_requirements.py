"""Write the hashes of all packages that `make course` and `make test` install.

    pip install uv
    python tools/lock_requirements.py

requirements.lock has those of constraints.txt, requirements-mediapipe.lock those of
requirements-mediapipe.txt; pip installs from them and refuses a file with another hash.
Run it when either has changed; the index asked is the one that uv is set up for.
"""

import shutil
import subprocess
from pathlib import Path

import bootstrap  # noqa: F401
from inspection.common import arguments as flags
from inspection.common.atomic_files import atomic_write
from inspection.common.errors import UserError, exit_on_error

ROOT = Path(__file__).resolve().parent.parent
LOCKS = {
    "requirements.lock": "constraints.txt",
    "requirements-mediapipe.lock": "requirements-mediapipe.txt",
}
COMMAND = (
    *("uv", "pip", "compile", "--quiet", "--universal", "--python-version", "3.11"),
    *("--no-deps", "--no-annotate", "--no-emit-index-url", "--generate-hashes"),
    *("--custom-compile-command", "python tools/lock_requirements.py"),
)


@exit_on_error()
def main():
    flags.parser(__doc__).parse_args()
    if shutil.which("uv") is None:
        raise UserError("uv is not there: pip install uv")
    for lock, pins in LOCKS.items():
        with atomic_write(ROOT / lock) as draft:
            done = subprocess.run([*COMMAND, ROOT / pins, "-o", draft], cwd=ROOT)
            if done.returncode:
                raise UserError(f"{lock} was not written: uv could not lock {pins}")
        print(f"wrote {lock}")


if __name__ == "__main__":
    main()
