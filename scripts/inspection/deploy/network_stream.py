"""A camera or a film in the network: rtsp://, http:// and what else FFmpeg knows.

An address is passed on as it is. A camera that stops answering is asked again, each time
a little later; the seconds go on meanwhile. What ends by itself, such as a film on a web
server, ends.
"""

import re
import time
from urllib.parse import urlsplit

import av

from inspection.common.errors import UserError
from inspection.common.notices import say_once
from inspection.deploy.video_frames import (
    Clock,
    Decoder,
    NoFilm,
    has_times,
    open_container,
)
from inspection.deploy.video_source import rate_of, until_ctrl_c

SCHEMES = "rtsp rtsps http https rtmp rtmps udp rtp srt tcp".split()
ADDRESS = re.compile(rf"({'|'.join(SCHEMES)})://", re.IGNORECASE)
SETTINGS = {"rtsp_transport": "tcp"}  # over UDP pictures arrive torn
PATIENCE = 10.0  # seconds without an answer that are a lost connection
FIRST_WAIT, LONGEST_WAIT = 1.0, 60.0  # seconds until a lost camera is asked again
LOST = (NoFilm, OSError)  # what means that it does not answer
BEHIND = 1.0  # seconds: frames that are older are passed over ...
LONGEST_SKIP = 2.0  # ... unless nothing was looked at for so long


def is_address(source):
    """Tell whether a source is an address in the network and not a path."""
    return isinstance(source, str) and bool(ADDRESS.match(source))


def without_password(address):
    """Return an address as it may be shown."""
    return re.sub(r"://[^/@]*@", "://", address)


def file_name(address: str) -> str:
    """Return the name of the results of an address, of its host and its path.

    >>> file_name("rtsp://me:secret@10.0.0.7:554/hall/live")
    '10_0_0_7_hall_live'
    """
    parts = urlsplit(address)
    return "_".join(re.findall(r"[\w-]+", f"{parts.hostname} {parts.path}"))


class NetworkStream:
    """What an address sends; iterate over its (seconds, RGB frame).

    Ends after `seconds`, with Ctrl-C, or where the film on the other side ends.
    fps: frames a second that the address promises. read: frames that came.
    """

    count, shortfall = None, ""

    def __init__(self, address, seconds=None):
        self.address, self.limit = address, seconds
        self.shown = without_password(address)
        self.read, self.seconds = 0, 0.0
        try:
            self._connection = self._connect()
        except LOST as error:
            raise UserError(f"{self.shown} gives no frames: {_words(error)}") from None
        container, stream = self._connection
        self.fps, self.live = rate_of(stream), not container.duration

    def __iter__(self):
        start = looked = time.monotonic()
        with until_ctrl_c() as ended:
            for frame, seconds in self._frames(start, ended):
                if ended.is_set() or (self.limit and seconds > self.limit):
                    break
                now = time.monotonic()
                late = self.live and now - start - seconds > BEHIND
                if late and now - looked < LONGEST_SKIP:
                    continue  # the model is slower than the camera
                looked = now
                self.read, self.seconds = self.read + 1, seconds
                yield seconds, frame
        self._close()
        if not self.read:
            raise UserError(f"{self.shown} answers but gives no frames")

    def _frames(self, start, ended):
        """Yield (frame, seconds since the start) over all connections."""
        while self._connection:
            container, stream = self._connection
            clock = Clock(self.fps)
            offset = time.monotonic() - start if self.live else 0.0
            # a row of JPEGs has no times: they are of the moment in which they come
            arrives = self.live and not has_times(container)
            try:
                for frame, image in Decoder(container, stream):
                    shown = time.monotonic() - start
                    yield image, shown if arrives else offset + clock.time_of(frame)
            except LOST as error:
                say_once(f"{self.shown} is lost: {_words(error)}")
            self._close()
            if self.live:
                self._connection = self._reconnect(start, ended)

    def _reconnect(self, start, ended):
        """Return the next connection, None where the time is over before there is one."""
        wait = FIRST_WAIT
        while not ended.wait(wait):
            if self.limit and time.monotonic() - start > self.limit:
                return None
            try:
                return self._connect()
            except LOST:
                wait = min(2 * wait, LONGEST_WAIT)
        return None

    def _connect(self):
        scheme, rest = self.address.split(":", 1)
        address = f"{scheme.lower()}:{rest}"
        options = SETTINGS if address.startswith("rtsp") else {}
        return open_container(address, options=options, timeout=PATIENCE)

    def _close(self):
        if self._connection:
            self._connection[0].close()
        self._connection = None


def _words(error):
    """Return what an error says, without the address and its password."""
    if isinstance(error, av.error.FFmpegError):
        return error.strerror
    return str(error)
