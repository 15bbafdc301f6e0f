"""Fetch MediaPipe Tasks Vision, which runs models in a browser, once for all times."""

import hashlib
import shutil
import subprocess

from inspection.common.atomic_files import atomic_write, scratch_folder
from inspection.common.cache import cache_folder
from inspection.common.errors import UserError
from inspection.datasets.fetching.archives import unpack

NAME, VERSION = "@mediapipe/tasks-vision", "1.1.0"  # its tag "latest" is years old
ARCHIVE = f"mediapipe-tasks-vision-{VERSION}.tgz"
SHA256 = "46fc3d3d13fa5de631915929d045be2f74bb32e909d7a5b3a322b28976f54165"
MAIN = "vision_bundle.mjs"


def package_folder():
    """Return where the package lies, or would lie."""
    return cache_folder() / f"tasks-vision-{VERSION}"


def is_there():
    """Tell whether the package was fetched before."""
    return (package_folder() / MAIN).is_file()


def fetch_package():
    """Return the folder of the package; the first time npm fetches it (12 MB).

    An archive that was put into the cache by hand is taken instead. Raises UserError
    where there is neither npm nor archive, and for an archive of another content.
    """
    folder = package_folder()
    if is_there():
        return folder
    with scratch_folder(folder.with_name(ARCHIVE)) as temporary:
        by_hand = folder.parent / ARCHIVE
        archive = by_hand if by_hand.is_file() else _ask_npm(temporary)
        _check(archive)
        unpack(archive, temporary / "unpacked")
        with atomic_write(folder) as draft:
            (temporary / "unpacked/package").rename(draft)
    return folder


def _ask_npm(into):
    npm = shutil.which("npm")
    by_hand = f"or put {ARCHIVE} into {package_folder().parent} by hand"
    if npm is None:
        raise UserError(f"npm is not there to fetch {NAME}: install Node.js, {by_hand}")
    command = [npm, "pack", f"{NAME}@{VERSION}", "--silent"]
    done = subprocess.run(command, cwd=into, capture_output=True, text=True)
    if done.returncode or not (into / ARCHIVE).is_file():
        reason = (done.stderr.strip() or "no answer").splitlines()[-1]
        raise UserError(
            f"npm could not fetch {NAME} {VERSION} ({reason}); try again, {by_hand}"
        )
    return into / ARCHIVE


def _check(archive):
    actual = hashlib.sha256(archive.read_bytes()).hexdigest()
    if actual != SHA256:
        raise UserError(
            f"{archive.name} is not the package that this page was made for: "
            f"its SHA-256 is {actual}, not {SHA256}"
        )
