"""Films drawn with odd times: one number a frame, as the brightness of its left half."""

from fractions import Fraction

import av
import numpy as np

TICKS = 90_000


def shade(number):
    """Return an RGB frame 64x48 whose left half is as bright as its number says."""
    frame = np.zeros((48, 64, 3), "uint8")
    frame[:, :32] = 16 * number % 256
    return frame


def write_film(path, times, frames=None, codec="libx264", end=None, **settings):
    """Write frames at times in seconds; return the path.

    end: when the last one ends. settings: of the stream (width, pix_fmt, ...); `format`
    and `options` those of the file.
    """
    frames = frames or [shade(number) for number in range(len(times))]
    format, options = settings.pop("format", None), settings.pop("options", {})
    with av.open(str(path), "w", format=format, options=options) as container:
        stream = container.add_stream(codec)
        stream.codec_context.max_b_frames = 0
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        stream.time_base = stream.codec_context.time_base = Fraction(1, TICKS)
        for name, value in settings.items():
            setattr(stream.codec_context, name, value)
        ends = [*times[1:], end or 2 * times[-1] - times[-2]]
        lengths = {}
        for image, time, until in zip(frames, times, ends):
            frame = av.VideoFrame.from_ndarray(image, format="rgb24")
            frame.pts, frame.time_base = round(time * TICKS), Fraction(1, TICKS)
            lengths[frame.pts] = round(until * TICKS) - frame.pts
            mux(container, stream.encode(frame), lengths)
        mux(container, stream.encode(), lengths)
    return path


def mux(container, packets, lengths):
    for packet in packets:
        packet.duration = lengths.get(packet.pts, packet.duration)
        container.mux(packet)


def copy_film(source, path, format=None, options=None, change=None):
    """Write the packets of a film into another container; return the path.

    change: is called with the new stream before the first packet.
    """
    with (
        av.open(str(source)) as old,
        av.open(str(path), "w", format=format, options=options or {}) as new,
    ):
        stream = new.add_stream_from_template(old.streams.video[0])
        if change:
            change(stream)
        for packet in old.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                new.mux(packet)
    return path
