"""A stand-in for Google Drive: a folder, which may refuse or be full.

cloud: the folder that holds what is on Drive; tests set it.
failures: so many calls of mount fail before one succeeds.
full: nothing more can be written to Drive.
"""

import errno
import os
from pathlib import Path

FOLDER = "My Drive"

cloud = None
failures = 0
full = False
mountpoints = []


def mount(mountpoint, force_remount=False, timeout_ms=120000, readonly=False):
    """Show the cloud's folder below a mount point, with the words of Colab."""
    global failures
    mountpoint = Path(mountpoint)
    if mountpoint in mountpoints:
        print(f"Drive already mounted at {mountpoint}; to attempt to forcibly remount, "
              f'call drive.mount("{mountpoint}", force_remount=True).')  # fmt: skip
        return
    if mountpoint.is_dir() and any(mountpoint.iterdir()):
        raise ValueError("Mountpoint must not already contain files")
    if failures:
        failures -= 1
        raise ValueError("mount failed")
    mountpoint.mkdir(parents=True, exist_ok=True)
    (mountpoint / FOLDER).symlink_to(cloud, target_is_directory=True)
    mountpoints.append(mountpoint)
    print(f"Mounted at {mountpoint}")


os_open, os_mkdir = os.open, os.mkdir


def open_unless_full(path, flags, *rest, **named):
    """Open as os.open does, but make no file on a full Drive."""
    if flags & os.O_CREAT:
        refuse_if_full(path)
    return os_open(path, flags, *rest, **named)


def mkdir_unless_full(path, *rest, **named):
    """Make a folder as os.mkdir does, but none on a full Drive."""
    if not os.path.isdir(path):
        refuse_if_full(path)
    return os_mkdir(path, *rest, **named)


def refuse_if_full(path):
    if full and str(cloud) in os.path.realpath(path):
        raise OSError(errno.EDQUOT, os.strerror(errno.EDQUOT), str(path))
