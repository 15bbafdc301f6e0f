"""Turn detections into a decision: something was there for so many seconds on end."""

from dataclasses import dataclass

GAP = 0.5  # seconds without a detection that do not end what goes on
MOST_EVENTS = 1_000  # that are kept in memory; all are in the CSV


@dataclass
class Event:
    """Something that was seen without a break, in seconds from the start of the video."""

    label: str
    start: float
    end: float

    @property
    def seconds(self):
        return self.end - self.start


class Alarm:
    """Ring while a class was detected for some seconds without a break.

    A single frame proves nothing: a reflection comes and goes, a leak stays.

    events: those that rang, the last MOST_EVENTS. count: of all that rang.
    """

    def __init__(self, label, seconds=2.0, gap=GAP):
        self.label, self.seconds, self.gap = label, seconds, gap
        self.events, self.count = [], 0
        self._current = None

    def update(self, time, labels):
        """Take the class names seen at a time in seconds; return the Event that rings."""
        if self.label in labels:
            self._current = self._current or Event(self.label, time, time)
            self._current.end = time
        elif self._current and time - self._current.end > self.gap:
            self._current = None
        if self._current is None or self._current.seconds < self.seconds:
            return None
        if self._current not in self.events[-1:]:
            self.events = [*self.events, self._current][-MOST_EVENTS:]
            self.count += 1
        return self._current

    def interrupt(self):
        """End what goes on: nobody looked for a while."""
        self._current = None
