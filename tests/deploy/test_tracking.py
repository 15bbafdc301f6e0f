import numpy as np
import pytest

from inspection.common.detections import Detections
from inspection.deploy.alarm import Alarm
from inspection.deploy.tracking import Tracker, overlap

BOX = np.array([0.2, 0.2, 0.6, 0.6])


def seen(*objects):
    """Return `Detections` of (box, score) or (box, score, class id)."""
    rows = [(*entry, 1)[:3] for entry in objects]
    boxes, scores, class_ids = zip(*rows) if rows else ((), (), ())
    return Detections(boxes=boxes, scores=scores, class_ids=class_ids)


def follow(tracker, frames):
    """Return [{number of the object}] for each frame."""
    return [{track.number for track in tracker.update(frame)} for frame in frames]


def test_a_box_shows_after_a_few_frames_and_outlives_gaps():
    tracker = Tracker(0.5, confirm=2, keep=3)
    frames = [seen((BOX, 0.8)), seen((BOX, 0.8)), seen(), seen(), seen((BOX, 0.8))]
    assert follow(tracker, frames) == [set(), {1}, {1}, {1}, {1}]
    assert follow(tracker, [seen()] * 5) == [{1}, {1}, {1}, set(), set()]


def test_a_flash_of_one_frame_never_shows():
    tracker = Tracker(0.5, confirm=2, keep=3)
    assert follow(tracker, [seen((BOX, 0.9)), seen(), seen()]) == [set()] * 3


def test_a_known_object_may_grow_faint_but_none_enters_faint():
    tracker = Tracker(0.5, confirm=1, keep=0)
    scores = [0.35, 0.6, 0.35, 0.2]
    assert follow(tracker, [seen((BOX, s)) for s in scores]) == [set(), {1}, {1}, set()]


def test_trembling_boxes_are_smoothed_and_moving_ones_followed():
    rng = np.random.default_rng(0)
    tracker = Tracker(0.5, confirm=1)
    shown = [
        tracker.update(seen((BOX + rng.normal(0, 0.02, 4), 0.8)))[0].box
        for _ in range(80)
    ]
    assert np.std(shown[10:], axis=0).max() < 0.015
    tracker = Tracker(0.5, confirm=1)
    moves = [BOX + [0, 0.01 * i, 0, 0.01 * i] for i in range(30)]
    (last,) = [tracker.update(seen((box, 0.8))) for box in moves][-1]
    assert last.number == 1
    assert last.box == pytest.approx(moves[-1], abs=0.02)


def test_crossing_objects_of_two_classes_keep_their_numbers():
    tracker = Tracker(0.5, confirm=1)
    other = BOX + 0.05
    frames = [
        seen((BOX, 0.9, 1), (other, 0.8, 2)),
        seen((other, 0.8, 2), (BOX, 0.9, 1)),
    ]
    for frame in frames:
        found = {track.number: track.class_id for track in tracker.update(frame)}
    assert found == {1: 1, 2: 2}


def test_the_best_overlap_wins():
    tracker = Tracker(0.5, confirm=1)
    near = BOX + [0, 0.15, 0, 0.15]
    tracker.update(seen((BOX, 0.9), (near, 0.8)))
    tracks = tracker.update(seen((near, 0.9), (BOX, 0.8)))
    found = {track.number: track.box for track in tracks}
    assert found[1] == pytest.approx(BOX, abs=1e-6)
    assert found[2] == pytest.approx(near, abs=1e-6)


def test_of_boxes_within_each_other_the_best_is_the_object():
    tracker = Tracker(0.5, confirm=1, keep=0)
    inner = np.array([0.3, 0.3, 0.45, 0.45])
    assert overlap(BOX, inner) < 0.3
    tracker.update(seen((BOX, 0.7), (inner, 0.9)))
    for _ in range(9):  # the larger one becomes the better: same object, new box
        tracks = tracker.update(seen((BOX, 0.9), (inner, 0.7)))
    (track,) = tracks
    assert track.number == 1 and track.score == pytest.approx(0.9, abs=0.01)
    assert track.box == pytest.approx(BOX, abs=0.01)
    assert follow(tracker, [seen((BOX, 0.9), (inner, 0.8, 2))]) == [{1, 2}]


def test_overlap():
    assert overlap(BOX, BOX) == pytest.approx(1)
    assert overlap(BOX, BOX + [0, 0.2, 0, 0.2]) == pytest.approx(1 / 3)
    assert overlap(BOX, BOX + 0.5) == overlap(BOX * 0, BOX * 0) == 0


def ring(alarm, frames, fps=10):
    """Return the times at which the alarm rings."""
    times = [i / fps for i in range(len(frames))]
    return [t for t, frame in zip(times, frames) if alarm.update(t, set(frame.split()))]


def test_the_alarm_rings_when_something_stays_long_enough():
    alarm = Alarm("leak", seconds=2)
    frames = ["puddle"] * 10 + ["leak puddle"] * 30 + [""] * 20
    times = ring(alarm, frames)
    assert times[0] == pytest.approx(3.0)
    assert times[-1] == pytest.approx(4.4, abs=0.11)  # until the gap is too long
    (event,) = alarm.events
    assert (event.label, event.start, event.end) == ("leak", 1.0, 3.9)


def test_a_short_gap_does_not_end_an_event_and_a_long_one_does():
    once, twice = ["leak"] * 25, Alarm("leak", seconds=2)
    ring(twice, [*once, *[""] * 4, *once, *[""] * 9, *once])
    assert [(e.start, e.end) for e in twice.events] == [(0.0, 5.3), (6.3, 8.7)]


def test_what_comes_and_goes_does_not_ring():
    alarm = Alarm("leak", seconds=2)
    assert ring(alarm, (["leak"] * 9 + [""] * 9) * 6) == []
    assert alarm.events == []


def test_slow_cameras_ring_too():
    assert ring(Alarm("leak", seconds=2), ["leak"] * 4, fps=0.5) == [2.0, 4.0, 6.0]


def test_a_gap_of_just_the_limit_does_not_end_an_event():
    alarm = Alarm("leak", seconds=1, gap=0.5)
    rings = [
        alarm.update(t, seen) for t, seen in ((0, {"leak"}), (0.5, {}), (1, {"leak"}))
    ]
    assert rings[:2] == [None, None]
    assert (rings[2].start, rings[2].end) == (0, 1)


def test_a_gap_above_the_limit_ends_an_event():
    alarm = Alarm("leak", seconds=1, gap=0.5)
    for time, labels in ((0, {"leak"}), (0.75, {}), (1, {"leak"})):
        assert alarm.update(time, labels) is None
