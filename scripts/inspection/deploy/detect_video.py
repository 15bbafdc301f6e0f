"""Detect in a video or at a camera: annotated video, CSV, and an alarm."""

import glob
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from tqdm import tqdm

from inspection.common.detections import Detections, class_names_by_id
from inspection.common.text import plural
from inspection.datasets.voc import Annotation, write_annotation
from inspection.deploy.alarm import Event
from inspection.deploy.detect_images import (
    XML,
    corners,
    refuse_existing,
    to_boxes,
    write_jpeg,
)
from inspection.deploy.growing_table import growing_table
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


# seconds without a frame that end what goes on, and times the usual interval
LONGEST_PAUSE = 5.0


@dataclass
class VideoSummary:
    """What came of a video: frames, seconds of work, boxes and alarms.

    events: the last alarms; earlier: how many more are in the table alone.
    """

    frames: int = 0
    seconds: float = 0.0
    boxes: int = 0
    events: list[Event] = field(default_factory=list)
    written: list[Path] = field(default_factory=list)
    note: str = ""
    earlier: int = 0

    @property
    def fps(self):
        return self.frames / self.seconds if self.seconds else 0.0


def result_files(out_dir, name, alarm=None):
    """Return the files that a video of a name gets: film, boxes, and alarms if any."""
    endings = [".mp4", ".csv", *(["_alarms.csv"] if alarm else [])]
    return [Path(out_dir, f"{name}{ending}") for ending in endings]


def detect_video(
    model, source, out_dir, name, threshold=0.5, alarm=None, save=None, watch=None
):
    """Detect in each (seconds, frame) of a source; return a VideoSummary.

    source: a `VideoFile`, `Camera` or `NetworkStream`. name: stem of the files that
    out_dir gets. alarm: an `Alarm`, or None. save: a `FrameSaver`, or None. watch: a
    `DriftWatch` that looks at all frames, or None.

    The tables are written as it happens. Those of a live source, and its film, are
    there whatever ends the process; else all three appear at the end.
    """
    files = result_files(out_dir, name, alarm)
    live, start = getattr(source, "live", False), time.perf_counter()
    class_names = class_names_by_id(model.labels)
    beat = Beat(Tracker(threshold), source.fps)
    alarms = None
    boxes = 0
    with ExitStack() as stack:
        table = stack.enter_context(growing_table(files[1], COLUMNS, live))
        if alarm:
            events = stack.enter_context(growing_table(files[2], EVENT_COLUMNS, live))
            alarms = AlarmWatch(alarm, events, getattr(source, "stands", False))
        # the last to be opened is closed first: a film that fails takes the tables along
        writer = stack.enter_context(open_video(files[0], source.fps, live))
        bar = tqdm(source, name, source.count, unit=" frames", disable=None)
        for number, (seconds, frame) in enumerate(bar):
            tracker = beat.tracker_at(seconds)
            tracks = tracker.update(model.predict(frame))
            if watch:
                watch.look(frame)  # before anything is drawn on it
            rows = make_rows(number, seconds, tracks, class_names, frame.shape)
            table.add(*rows)
            boxes += len(rows)
            if save:
                save(number, seconds, frame, tracks, class_names)
            event = alarms and alarms.look(seconds, tracks, class_names, beat.paused)
            draw_frame(frame, tracks, class_names, event)
            writer.write(frame, seconds)
        writer.end = 0.0 if live else getattr(source, "seconds", 0.0)
        if alarms:
            alarms.finish(writer.end)
    return VideoSummary(
        *(source.read, time.perf_counter() - start, boxes),
        *(alarm.events if alarm else [], files),
        "; ".join(filter(None, (source.shortfall, beat.remark))),
        alarm.count - len(alarm.events) if alarm else 0,
    )


class Beat:
    """Keeps the patience of a tracker the same time, however frames follow each other.

    paused: whether nobody looked for long before the frame of now.
    """

    def __init__(self, tracker, fps):
        self._tracker, self._last, self._interval = tracker, None, 1 / fps
        self.paused, self._pauses, self._longest = False, 0, 0.0

    @property
    def remark(self):
        """Say in words that nobody looked for a while, or return an empty string."""
        if not self._pauses:
            return ""
        count = plural(self._pauses, "pause")
        return f"{count} without frames, the longest of {self._longest:.1f} s"

    def tracker_at(self, seconds):
        """Return the tracker for the frame of a time."""
        usual = self._interval
        if self._last is not None:
            self._interval = max(seconds - self._last, 1e-6)
        self.paused = self._interval > LONGEST_PAUSE * max(1, usual)
        if self.paused:
            self._pauses += 1
            self._longest = max(self._longest, self._interval)
        self._last = seconds
        self._tracker.confirm = max(1, round(CONFIRM / self._interval))
        self._tracker.keep = round(KEEP / self._interval)
        return self._tracker


class AlarmWatch:
    """Tells an alarm what frames show, and writes each that rings into a table.

    It has a line from when it rings on, with the end as far as it is known.
    stands: whether a frame counts until the next one, as in pictures that move, where
    frames that are alike are one.
    """

    def __init__(self, alarm, table, stands=False):
        self._alarm, self._table, self._stands = alarm, table, stands
        self._seen, self._event = set(), None

    def look(self, seconds, tracks, class_names, paused):
        """Tell the alarm what the frame of a time shows; return the Event that rings."""
        if self._stands:
            self._tell(seconds, self._seen)
        elif paused:
            self._alarm.interrupt()
        self._seen = {class_names[t.class_id] for t in tracks if not t.missed}
        return self._tell(seconds, self._seen)

    def finish(self, seconds):
        """Tell the alarm how long the last frame stood."""
        if self._stands:
            self._tell(seconds, self._seen)

    def _tell(self, seconds, seen):
        event = self._alarm.update(seconds, seen)
        if event:
            start, end = f"{event.start:.2f}", f"{event.end:.2f}"
            row = (event.label, start, end, f"{event.seconds:.2f}")
            if event is self._event:
                self._table.replace_last(row)
            else:
                self._table.add(row)
            self._event = event
        return event


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


def draw_frame(frame, tracks, class_names, event):
    """Draw the tracks on a frame, and the alarm where one rings."""
    draw_detections(frame, to_detections(tracks), class_names)
    if event:
        draw_alarm(frame, f"{event.label} for {event.seconds:.1f} s")


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
        self._due = seconds - seconds % self.every + self.every
        stem = f"{self.name}_{number:06d}"
        image = self.out_dir / FRAMES / f"{stem}.jpg"
        xml = self.out_dir / XML / f"{stem}.xml"
        write_jpeg(frame, image)
        boxes = to_boxes(to_detections(tracks), class_names, frame.shape)
        height, width = frame.shape[:2]
        write_annotation(Annotation(xml, image, width, height, boxes), xml)
