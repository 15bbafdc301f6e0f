"""Write a video that browsers, phones and notebooks play: H.264 in an .mp4."""

from contextlib import contextmanager

import imageio_ffmpeg
import numpy as np

from inspection.common.atomic_files import atomic_write

# browsers want even sides, 4:2:0 colours, and the index at the head of the file
PLAYABLE = ["-vf", "pad=ceil(iw/2)*2:ceil(ih/2)*2", "-movflags", "+faststart"]
QUALITY = ["-crf", "23", "-preset", "veryfast"]


class VideoWriter:
    """Takes RGB frames of one size; the first one decides it."""

    def __init__(self, path, fps):
        self._path, self._fps = str(path), fps
        self._send, self._written = None, 0

    def write(self, frame, seconds):
        """Show a frame from `seconds` on; frames that a camera left out are filled."""
        self._send = self._send or self._start(frame)
        while self._written <= round(seconds * self._fps):
            self._send.send(np.ascontiguousarray(frame))
            self._written += 1

    def close(self):
        if self._send is not None:
            self._send.close()

    def _start(self, frame):
        height, width = frame.shape[:2]
        send = imageio_ffmpeg.write_frames(
            self._path,
            (width, height),
            fps=self._fps,
            codec="libx264",
            quality=None,
            macro_block_size=1,
            output_params=[*PLAYABLE, *QUALITY, "-f", "mp4"],
        )
        send.send(None)
        return send


@contextmanager
def open_video(path, fps):
    """Yield a VideoWriter whose file appears when all frames are written, or never."""
    with atomic_write(path) as temporary:
        writer = VideoWriter(temporary, fps)
        try:
            yield writer
        finally:
            writer.close()
