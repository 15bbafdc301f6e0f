"""Detect in a video or at a camera: annotated video, CSV, and an alarm."""

import glob
import time
from dataclasses import dataclass, field
from pathlib import Path

from tqdm import tqdm

from inspection.common.detections import Detections, class_names_by_id
from inspection.datasets.voc import Annotation, write_annotation
from inspection.deploy.alarm import Event
from inspection.deploy.detect_images import (
    XML,
    corners,
    refuse_existing,
    to_boxes,
    write_csv,
    write_jpeg,
)
from inspection.deploy.overlay import draw_alarm, draw_detections
from inspection.deploy.tracking import Tracker
from inspection.deploy.video_writer import open_video

COLUMNS = (
    *("frame", "seconds", "object", "class"),
    *("xmin", "ymin", "xmax", "ymax", "score"),
)
EVENT_COLUMNS = ("class", "start", "end", "seconds")
FRAMES = "images"
CONFIRM, KEEP = 0.1, 0.4  # seconds until a box is shown, and until it is forgotten


@dataclass
class VideoSummary:
    """What came of a video: frames, seconds of work, boxes and alarms."""

    frames: int = 0
    seconds: float = 0.0
    boxes: int = 0
    events: list[Event] = field(default_factory=list)
    written: list[Path] = field(default_factory=list)
    note: str = ""

    @property
    def fps(self):
        return self.frames / self.seconds if self.seconds else 0.0


def detect_video(model, source, out_dir, name, threshold=0.5, alarm=None, save=None):
    """Detect in each (seconds, frame) of a source; return a VideoSummary.

    source: a `VideoFile` or `Camera`. name: stem of the files that out_dir gets.
    alarm: an `Alarm`, or None. save: a `FrameSaver`, or None.
    """
    video, table = Path(out_dir, f"{name}.mp4"), Path(out_dir, f"{name}.csv")
    tracker = make_tracker(threshold, source.fps)
    class_names = class_names_by_id(model.labels)
    rows, start = [], time.perf_counter()
    with open_video(video, source.fps) as writer:
        bar = tqdm(source, name, source.count, unit=" frames", disable=None)
        for number, (seconds, frame) in enumerate(bar):
            tracks = tracker.update(model.predict(frame))
            rows += make_rows(number, seconds, tracks, class_names, frame.shape)
            if save:
                save(number, seconds, frame, tracks, class_names)
            event = ring(alarm, seconds, tracks, class_names)
            draw_frame(frame, tracks, class_names, event)
            writer.write(frame, seconds)
    write_csv([COLUMNS, *rows], table)
    summary = VideoSummary(source.read, time.perf_counter() - start, len(rows))
    summary.written, summary.note = [video, table], source.shortfall
    if alarm:
        summary.events = alarm.events
        summary.written.append(write_events(alarm.events, out_dir, name))
    return summary


def make_tracker(threshold, fps):
    """Return a tracker whose patience is the same time at any frame rate."""
    return Tracker(threshold, max(1, round(CONFIRM * fps)), round(KEEP * fps))


def make_rows(number, seconds, tracks, class_names, shape):
    """Return the lines of the CSV for one frame."""
    boxes = to_boxes(to_detections(tracks), class_names, shape)
    return [
        (number, f"{seconds:.3f}", t.number, box.name, *corners(box), f"{t.score:.4f}")
        for t, box in zip(tracks, boxes)
    ]


def to_detections(tracks):
    """Return the boxes of tracks as `Detections`."""
    return Detections(
        boxes=[t.box for t in tracks],
        scores=[t.score for t in tracks],
        class_ids=[t.class_id for t in tracks],
    )


def ring(alarm, seconds, tracks, class_names):
    """Tell the alarm what this frame shows; return the event that rings, or None."""
    if alarm is None:
        return None
    seen = {class_names[t.class_id] for t in tracks if not t.missed}
    return alarm.update(seconds, seen)


def draw_frame(frame, tracks, class_names, event):
    """Draw the tracks on a frame, and the alarm where one rings."""
    draw_detections(frame, to_detections(tracks), class_names)
    if event:
        draw_alarm(frame, f"{event.label} for {event.seconds:.1f} s")


def write_events(events, out_dir, name):
    """Write the alarms as CSV; return its path."""
    path = Path(out_dir, f"{name}_alarms.csv")
    rows = [
        (e.label, f"{e.start:.2f}", f"{e.end:.2f}", f"{e.seconds:.2f}") for e in events
    ]
    write_csv([EVENT_COLUMNS, *rows], path)
    return path


class FrameSaver:
    """Keep a frame every few seconds with its boxes as XML, to be corrected by hand."""

    def __init__(self, out_dir, name, every, overwrite=False):
        self.out_dir, self.name, self.every = Path(out_dir), name, every
        self._due = 0.0
        present = sorted((self.out_dir / XML).glob(f"{glob.escape(name)}_*.xml"))
        refuse_existing(present, overwrite)

    def __call__(self, number, seconds, frame, tracks, class_names):
        if seconds < self._due:
            return
        self._due += self.every
        stem = f"{self.name}_{number:06d}"
        image = self.out_dir / FRAMES / f"{stem}.jpg"
        xml = self.out_dir / XML / f"{stem}.xml"
        write_jpeg(frame, image)
        boxes = to_boxes(to_detections(tracks), class_names, frame.shape)
        height, width = frame.shape[:2]
        write_annotation(Annotation(xml, image, width, height, boxes), xml)
