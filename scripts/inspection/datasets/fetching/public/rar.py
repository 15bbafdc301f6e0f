"""Unpack a .rar with a program of this machine: its format is not free to implement."""

import shutil
import subprocess

from inspection.common.errors import UserError

# {program: its words, before the archive and the folder}; the first that is there
PROGRAMS = {
    "unrar": ("x", "-idq", "-o+", "-p-", "{archive}", "{folder}/"),
    "bsdtar": ("-x", "-f", "{archive}", "-C", "{folder}"),
    "7z": ("x", "-y", "-bd", "-o{folder}", "{archive}"),
    "7zz": ("x", "-y", "-bd", "-o{folder}", "{archive}"),
    "unar": ("-quiet", "-no-directory", "-output-directory", "{folder}", "{archive}"),
}
INSTALL = (
    "install one: apt-get install unrar (Colab has it), brew install 7zip on macOS, "
    "7-Zip on Windows with its folder in PATH"
)


def unpack_rar(archive, folder):
    """Unpack a .rar into a folder; return the name of the program that did.

    Raises UserError where no program is there, or where all of them fail.
    """
    there = [name for name in PROGRAMS if shutil.which(name)]
    if not there:
        raise UserError(
            f"{archive} is a .rar, and none of {', '.join(PROGRAMS)} is there to unpack "
            f"it: {INSTALL}; then run this again"
        )
    failed = []
    for name in there:
        reason = _run(name, archive, folder)
        if reason is None:
            return name
        failed.append(f"{name}: {reason}")
    raise UserError(f"{archive} cannot be unpacked: {'; '.join(failed)}")


def _run(name, archive, folder):
    """Let a program unpack; return None, or the last line that it said."""
    words = [word.format(archive=archive, folder=folder) for word in PROGRAMS[name]]
    done = subprocess.run(
        [shutil.which(name), *words],
        stdin=subprocess.DEVNULL,  # a question about a password has no answer
        capture_output=True,
        encoding="utf-8",
        errors="replace",
    )
    if done.returncode == 0:
        return None
    said = (done.stderr or done.stdout).strip().splitlines()
    return said[-1] if said else f"exit status {done.returncode}"
