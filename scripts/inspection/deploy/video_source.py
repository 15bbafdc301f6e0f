"""Frames of a film, of a picture that moves, or of a camera, with clear words.

All are iterated over as (seconds, RGB frame): the seconds are those at which a player
shows the frame, whatever the rate; it stays until the next one comes.
"""

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
from inspection.common.text import plural
from inspection.datasets.images.moving import (
    count_frames,
    picture_format,
    read_frames,
)
from inspection.deploy.video_frames import (
    Clock,
    Decoder,
    NoFilm,
    has_times,
    open_container,
)

USUAL_FPS = 25.0  # of a file that does not say
HIGHEST_FPS = 10_000.0  # rates above are time bases that were taken for rates
START_IS_ZERO = "mov"  # where the times of the container begin at 0, by its edit list


class VideoFile:
    """A film, or a picture that moves; iterate over its (seconds, RGB frame).

    fps: frames a second on average. count: frames that the file promises, None where it
    does not. Once iterated, read: frames that came; seconds: how long the film lasts;
    shortfall: in words what is wrong with it, or an empty string. stands: whether
    frames that are alike are one, as in pictures that move.
    """

    live = False

    def __init__(self, path):
        self.path = Path(path)
        if not self.path.is_file():
            raise UserError(f"{path} is no file; looked from {Path.cwd()}")
        self.read, self.seconds, self.shortfall = 0, 0.0, ""
        self._film = Animation(self.path) if moves(self.path) else Film(self.path)
        self.fps, self.count = self._film.fps, self._film.count
        self.stands = self._film.stands

    def __iter__(self):
        for seconds, frame in self._film.frames():
            self.read += 1
            yield seconds, frame
        if not self.read:
            raise UserError(
                f"{self.path.name} holds 0 frames that can be read"
                + (f", of {self.count} that it promises" if self.count else "")
            )
        self.seconds = self._film.end
        self.shortfall = "; ".join(self._remarks())

    def _remarks(self):
        """Yield in words what a viewer should know of the times and the frames."""
        if self._film.is_short and self.count:
            yield f"{self.path.name} ends early: {self.read} of {self.count} frames"
        elif self._film.is_short:
            ends = f"{self._film.end:.1f} of {self._film.promised:.1f} s"
            yield f"{self.path.name} ends early: {ends}"
        elif self._film.damaged:
            yield f"{plural(self._film.damaged, 'damaged frame')} left out"
        if self._film.guessed:
            yield (
                f"{self.path.name} holds no times: taken as {self.fps:g} frames a second"
            )


def moves(path):
    """Tell whether a file is a picture of several frames, other than JPEGs in a row."""
    return picture_format(path) not in (None, "JPEG") and count_frames(path) > 1


class Film:
    """What FFmpeg makes of a file: its frames, and what it promises of them.

    promised: length in seconds that the file promises, None where it does not.
    """

    stands = False

    def __init__(self, path):
        # of JPEGs in a row FFmpeg would read the first one
        format = "mjpeg" if picture_format(path) else None
        try:
            # the prefix keeps a colon in a name from being read as a protocol
            self._container, stream = open_container(
                f"file:{path.absolute()}", format=format
            )
        except NoFilm as error:
            raise UserError(f"{path.name} {error}") from None
        stream.thread_type = "AUTO"
        self.fps, self.count = rate_of(stream), stream.frames or None
        self.promised = length_of(self._container, stream)
        self._decoder = Decoder(self._container, stream)
        guessed = not has_times(self._container)
        self._clock = Clock(self.fps, origin_of(self._container), guessed)
        self._came = 0

    def frames(self):
        """Yield (seconds, RGB frame) to the end, and close the file."""
        with self._container:
            for frame, image in self._decoder:
                self._came += 1
                yield self._clock.time_of(frame), image

    end = property(lambda self: self._clock.end)
    damaged = property(lambda self: self._decoder.damaged)
    guessed = property(lambda self: self._clock.guessed)

    @property
    def is_short(self):
        """Tell whether the pictures end well before the length that was promised."""
        # containers are often wrong by a frame or two
        few = not self.count or self._came < self.count - max(2, self.count // 50)
        if self.promised is None:
            return few and self.count is not None
        return few and self.end < self.promised - max(2 / self.fps, self.promised / 50)


class Animation:
    """A GIF, APNG or WebP of several frames, as a film."""

    damaged, guessed, promised, stands = 0, False, None, True

    def __init__(self, path):
        self._path, self.count = path, count_frames(path)
        self.end, self._came = 0.0, 0
        _, length, _ = next(read_frames(path), (0, 0.1, None))
        self.fps = 1 / length

    def frames(self):
        """Yield (seconds, RGB frame) to the end."""
        for seconds, length, image in read_frames(self._path):
            self._came, self.end = self._came + 1, seconds + length
            yield seconds, image

    @property
    def is_short(self):
        """Tell whether the file is torn before its last frame."""
        return self._came < self.count


def rate_of(stream):
    """Return the frames a second of a stream, on average where they vary."""
    # of a raw stream its reader assumes a rate; the codec may know
    raw = not has_times(stream.container)
    rates = [stream.codec_context.framerate] if raw else []
    rates += [stream.average_rate, stream.guessed_rate]
    known = [float(rate) for rate in rates if rate and 0 < rate <= HIGHEST_FPS]
    return known[0] if known else USUAL_FPS


def length_of(container, stream):
    """Return how many seconds a file promises to last, or None."""
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    return container.duration / 1e6 if container.duration else None


def origin_of(container):
    """Return the time in a container at which a player shows 0 s, None for the first."""
    if START_IS_ZERO in container.format.name.split(","):
        return 0.0
    return None if container.start_time is None else container.start_time / 1e6


class Camera:
    """A camera of this machine by its number; iterate over its (seconds, RGB frame).

    Ends after `seconds`, or with Ctrl-C.
    """

    count, shortfall, live = None, "", True

    def __init__(self, number, seconds=None):
        self.number, self.limit, self.read, self.seconds = number, seconds, 0, 0.0
        self._capture = _open(number)
        if not self._capture.isOpened():
            raise UserError(
                f"camera {number} is not there, or another program uses it; "
                "the first one has number 0"
            )
        fps = self._capture.get(cv2.CAP_PROP_FPS)
        self.fps = fps if 1 <= fps <= 240 else USUAL_FPS

    def __iter__(self):
        start = time.monotonic()
        with until_ctrl_c() as ended:
            for frame in _frames(self._capture):
                now = time.monotonic() - start
                if ended.is_set() or (self.limit and now > self.limit):
                    break
                self.read, self.seconds = self.read + 1, now
                yield now, frame
        self._capture.release()
        if not self.read:
            raise UserError(f"camera {self.number} is there but gives no frames")


@contextmanager
def until_ctrl_c():
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


def _frames(capture):
    while True:
        there, frame = capture.read()
        if not there:
            capture.release()
            return
        yield cv2.cvtColor(frame, cv2.COLOR_BGR2RGB)
