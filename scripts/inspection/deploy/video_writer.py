"""Write a video that browsers, phones and notebooks play: H.264 in an .mp4."""

from contextlib import contextmanager, nullcontext
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from inspection.common.atomic_files import atomic_write
from inspection.common.errors import naming_disk_faults

TICKS = 90_000  # a second: what MPEG counts in, a whole number of most frame rates
# no frames that are coded before those they follow (bf): with uneven times the .mp4 would
# get another length, and pieces that cannot be put off would begin late
QUALITY = {"crf": "23", "preset": "veryfast", "bf": "0"}
WHOLE = {"movflags": "+faststart"}  # the index at the head, for browsers
# pieces that can be played if the machine loses its power, and no index that grows
GROWING = {
    "movflags": "+frag_keyframe+empty_moov+default_base_moof",
    "flush_packets": "1",
}
AT_ONCE = {"tune": "zerolatency"}  # no frames that wait within the encoder
PIECE = 4  # seconds between key frames, and so the most that is lost


class VideoWriter:
    """Takes RGB frames of one size, each with the time from which on it is shown.

    live: whether the file grows for days, and shall be readable if the process dies.
    end: seconds until which the last frame is shown; one that says nothing lasts as
    long as frames do at `fps`.
    """

    def __init__(self, path, fps, live=False):
        self._path, self._fps, self._live = str(path), fps, live
        self.end = 0.0
        self._container = self._stream = self._waiting = None
        self._lengths = {}  # of the frames that are within the encoder

    def write(self, frame, seconds):
        """Show a frame from `seconds` on until the next; the first one from 0 on."""
        self._stream = self._stream or self._start(frame)
        ticks = 0 if self._waiting is None else round(seconds * TICKS)
        if self._waiting:
            ticks = max(ticks, self._waiting[1] + 1)
            self._encode(*self._waiting, ticks)
        self._waiting = (np.ascontiguousarray(frame), ticks)

    def close(self):
        """Write what is left, and close the file."""
        if self._container is None:
            return
        with self._container:
            last = self._waiting[1]
            usual = last + round(TICKS / self._fps)
            until = round(self.end * TICKS)
            self._encode(*self._waiting, until if until > last else usual)
            self._mux(self._stream.encode())

    def _start(self, frame):
        settings = GROWING if self._live else WHOLE
        self._container = av.open(self._path, "w", format="mp4", options=settings)
        options = QUALITY | (AT_ONCE if self._live else {})
        stream = self._container.add_stream("libx264", options=options)
        height, width = frame.shape[:2]
        # browsers want even sides and 4:2:0 colors
        stream.width, stream.height = width + width % 2, height + height % 2
        stream.pix_fmt = "yuv420p"
        stream.codec_context.framerate = Fraction(self._fps).limit_denominator(1001)
        stream.time_base = stream.codec_context.time_base = Fraction(1, TICKS)
        stream.codec_context.gop_size = max(1, min(250, round(PIECE * self._fps)))
        return stream

    def _encode(self, image, ticks, until):
        even = image.shape[0] % 2, image.shape[1] % 2
        if any(even):
            image = np.pad(image, ((0, even[0]), (0, even[1]), (0, 0)))
        frame = av.VideoFrame.from_ndarray(image, format="rgb24")
        frame.pts, frame.time_base = ticks, Fraction(1, TICKS)
        self._lengths[ticks] = until - ticks
        self._mux(self._stream.encode(frame))

    def _mux(self, packets):
        for packet in packets:
            # the container learns from it how long the last frame is shown
            packet.duration = self._lengths.pop(packet.pts)
            self._container.mux(packet)


@contextmanager
def open_video(path, fps, live=False):
    """Yield a VideoWriter whose file appears when all frames are written, or never.

    live: it appears at once, and grows.
    """
    with nullcontext(path) if live else atomic_write(path) as place:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        with naming_disk_faults(path):
            writer = VideoWriter(place, fps, live)
            try:
                yield writer
            finally:
                writer.close()
