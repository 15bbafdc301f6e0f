"""Frames of a film or a stream as they are to be looked at: in time, upright, RGB.

PyAV (BSD licence) reads and writes our films. It gives each frame the time of the
container, the turn and the shape of its pixels, and passes errors on as exceptions;
OpenCV knows a film by its number of frames and one rate, and the ffmpeg program takes
pictures through a pipe, without times. The wheels of PyAV hold FFmpeg, which names itself
LGPL-3, with libx264 and libx265, which are GPL-2: that binds who passes the wheel on, not
the code of this course.
"""

import av
import numpy as np
from av.sidedata.sidedata import Type

# what ffmpeg takes for a film by its name alone: text, and single pictures
NO_FILMS = frozenset("tty bin xbin idf adf image2".split())
NARROWEST, WIDEST = 0.2, 5.0  # shape of a pixel that is believed
JUMP = 1.0  # seconds backwards that are a new beginning, not an uneven beat


class NoFilm(Exception):
    """There are no moving pictures in what was opened."""


def open_container(address, **settings):
    """Return (container, stream of pictures) of a film or an address; see `av.open`.

    Raises NoFilm where there are none, OSError where nobody answers.
    """
    try:
        container = av.open(address, **settings)
    except (av.error.InvalidDataError, av.error.EOFError, ValueError) as error:
        raise NoFilm("is no video, or is damaged") from error
    except av.error.FFmpegError as error:
        if isinstance(error, OSError):
            raise
        raise NoFilm(f"cannot be opened: {error.strerror}") from error
    streams = [s for s in container.streams.video if not is_cover(s)]
    name = container.format.name
    if streams and name not in NO_FILMS and not name.endswith("_pipe"):
        return container, streams[0]
    sounds = bool(container.streams.audio)
    container.close()
    raise NoFilm(
        "holds sound and no pictures" if sounds else "is no video, or is damaged"
    )


def is_cover(stream):
    """Tell whether a stream is the picture on the cover of a piece of music."""
    return bool(stream.disposition & av.stream.Disposition.attached_pic)


class Decoder:
    """Decodes the frames of a stream; damaged ones are counted and left out.

    damaged: how many, so far.
    """

    def __init__(self, container, stream):
        self._container, self._stream = container, stream
        self.damaged = 0
        self._size = None

    def __iter__(self):
        """Yield (frame, RGB uint8 [height, width, 3]), all of one size."""
        for frame in self._decoded():
            if frame.is_corrupt:
                self.damaged += 1
            else:
                yield frame, self._to_rgb(frame)

    def _decoded(self):
        for packet in self._packets():
            try:
                yield from packet.decode()
            except av.error.FFmpegError as error:
                if isinstance(error, OSError):
                    raise
                self.damaged += 1

    def _packets(self):
        try:
            yield from self._container.demux(self._stream)
        except (av.error.InvalidDataError, av.error.EOFError):
            self.damaged += 1  # torn in the middle of a packet

    def _to_rgb(self, frame):
        # a stream may change its size; boxes and the output keep that of the beginning
        self._size = self._size or square_size(frame, pixel_shape(self._stream))
        width, height = self._size
        return turn(
            frame.to_ndarray(format="rgb24", width=width, height=height),
            display_matrix(frame),
        )


def has_times(container):
    """Tell whether a container says when its frames are shown; a raw stream does not."""
    return not container.format.flags & av.format.Flags.no_timestamps.value


def pixel_shape(stream):
    """Return how many times wider than high a pixel is to be shown."""
    shape = stream.sample_aspect_ratio or stream.codec_context.sample_aspect_ratio
    shape = float(shape or 1)
    return shape if NARROWEST <= shape <= WIDEST else 1.0


def square_size(frame, shape):
    """Return (width, height) with which pixels of a shape become square; none is lost."""
    if shape >= 1:
        return round(frame.width * shape), frame.height
    return frame.width, round(frame.height / shape)


def display_matrix(frame):
    """Return (a, b, c, d): x' = a x + c y, y' = b x + d y, with y downwards."""
    data = frame.side_data.get(Type.DISPLAYMATRIX)
    if data is None:
        return 1, 0, 0, 1
    a, b, _, c, d = np.frombuffer(data, "int32")[:5]
    return int(a), int(b), int(c), int(d)


def turn(image, matrix):
    """Return a frame turned and mirrored by quarters, as players show it.

    matrix: of `display_matrix`.
    """
    a, b, c, d = matrix
    if abs(a) < abs(b):
        image = image.transpose(1, 0, 2)
        across, down = c, b
    else:
        across, down = a, d
    if across < 0:
        image = image[:, ::-1]
    if down < 0:
        image = image[::-1]
    return np.ascontiguousarray(image)


class Clock:
    """Gives each frame its time in seconds; times of a container are not always there.

    rate: frames a second where it does not say. origin: what a player calls 0 s, that
    of the first frame where None. guessed: whether the container has no times, as a raw
    stream; becomes True where frames come without.
    """

    def __init__(self, rate, origin=None, guessed=False):
        self.rate, self.origin, self.guessed = rate, origin, guessed
        self.last = None
        self.end = 0.0  # when the last frame ends

    def time_of(self, frame):
        """Return the seconds from the beginning; they never run backwards."""
        step = self._step(frame)
        time = self._of_container(frame)
        if time is None:
            self.guessed = True
            time = 0.0 if self.last is None else self.last + step
        elif self.last is not None and time <= self.last:
            if self.last - time > JUMP:
                self.origin -= self.last + step - time
            time = self.last + step
        self.last, self.end = time, time + step
        return time

    def _of_container(self, frame):
        stamp = frame.pts if frame.pts is not None else frame.dts
        if self.guessed or stamp is None or frame.time_base is None:
            return None
        time = float(stamp * frame.time_base)
        self.origin = time if self.origin is None else self.origin
        return max(0.0, time - self.origin)

    def _step(self, frame):
        if self.guessed or not frame.duration or frame.time_base is None:
            return 1 / self.rate
        return float(frame.duration * frame.time_base)
