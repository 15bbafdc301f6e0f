"""Frames of a video file or a camera, with clear words where there are none."""

import os
import signal
import threading
import time
from contextlib import contextmanager
from pathlib import Path

# read when OpenCV opens its first video; its decoders would talk between our lines
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")

import cv2

from inspection.common.errors import UserError

EXTENSIONS = frozenset(".mp4 .m4v .mov .avi .mkv .webm .mpg .mpeg .wmv .ts".split())
USUAL_FPS = 25.0  # of a file that does not say


def is_video_name(path):
    """Tell whether a name ends like a video's."""
    return Path(path).suffix.lower() in EXTENSIONS


class VideoFile:
    """A video file; iterate over its (seconds, RGB frame).

    fps: frames a second. count: frames that the file promises, None where it does not.
    read: frames that came, once iterated.
    """

    def __init__(self, path):
        self.path = Path(path)
        if not self.path.is_file():
            raise UserError(f"{path} is no file; looked from {Path.cwd()}")
        self._capture = _open(str(self.path))
        if not self._capture.isOpened():
            raise UserError(f"{self.path.name} is no video, or is damaged")
        self.fps = _rate(self._capture)
        promised = int(self._capture.get(cv2.CAP_PROP_FRAME_COUNT))
        self.count = promised if promised > 0 else None
        self.read = 0

    def __iter__(self):
        for frame in _frames(self._capture):
            yield self.read / self.fps, frame
            self.read += 1
        if not self.read:
            raise UserError(
                f"{self.path.name} holds 0 frames that can be read"
                + (f", of {self.count} that it promises" if self.count else "")
            )

    @property
    def shortfall(self):
        """Say in words that frames are missing at the end, or return an empty string."""
        # containers are often wrong by a frame or two
        if not self.count or self.read >= self.count - max(2, self.count // 50):
            return ""
        return f"{self.path.name} ends early: {self.read} of {self.count} frames"


class Camera:
    """A camera of this machine by its number; iterate over its (seconds, RGB frame).

    Ends after `seconds`, or with Ctrl-C.
    """

    count, shortfall = None, ""

    def __init__(self, number, seconds=None):
        self.number, self.seconds, self.read = number, seconds, 0
        self._capture = _open(number)
        if not self._capture.isOpened():
            raise UserError(
                f"camera {number} is not there, or another program uses it; "
                "the first one has number 0"
            )
        self.fps = _rate(self._capture)

    def __iter__(self):
        start = time.monotonic()
        with _until_ctrl_c() as ended:
            for frame in _frames(self._capture):
                now = time.monotonic() - start
                if ended.is_set() or (self.seconds and now > self.seconds):
                    break
                self.read += 1
                yield now, frame
        self._capture.release()
        if not self.read:
            raise UserError(f"camera {self.number} is there but gives no frames")


@contextmanager
def _until_ctrl_c():
    """Yield an event that Ctrl-C sets: what was seen until then shall be kept."""
    ended = threading.Event()
    before = signal.signal(signal.SIGINT, lambda *_: ended.set())
    try:
        yield ended
    finally:
        signal.signal(signal.SIGINT, before)


def _open(source):
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    return cv2.VideoCapture(source)


def _rate(capture):
    fps = capture.get(cv2.CAP_PROP_FPS)
    return fps if 1 <= fps <= 240 else USUAL_FPS


def _frames(capture):
    while True:
        there, frame = capture.read()
        if not there:
            capture.release()
            return
        yield cv2.cvtColor(frame, cv2.COLOR_BGR2RGB)
