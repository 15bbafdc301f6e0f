"""detect.py on films: its times, what it may write over, and what a crash leaves."""

import csv
import functools
import http.server
import os
import signal
import subprocess
import sys
import threading
import time

import pytest
from PIL import Image

from helpers import tiny_models as tiny
from helpers.commands import run_python
from helpers.films import write_film
from helpers.images import painted
from inspection.common.errors import UserError
from inspection.course import paths
from inspection.deploy import network_stream, runtime
from inspection.deploy.alarm import Alarm
from inspection.deploy.detect_video import detect_video
from inspection.deploy.network_stream import NetworkStream
from inspection.deploy.video_source import VideoFile

RED, DARK = painted(255, 0, 0, (48, 64)), painted(0, 0, 0, (48, 64))
DETECT = paths.ROOT / "scripts/detect.py"


@pytest.fixture
def model_path(tmp_path):
    path = tmp_path / "tiny.tflite"
    path.write_bytes(tiny.make_detector())
    return path


@pytest.fixture
def model(model_path):
    return runtime.load_model(model_path)


def detect(*arguments, cwd):
    done = run_python(DETECT, *arguments, cwd=cwd)
    assert "Traceback" not in done.stderr
    return done


def read_csv(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def leaking(path, times, start, end=1e9, **settings):
    """Write a film that shows a leak from `start` on until `end`, in seconds."""
    frames = [RED if start <= t < end else DARK for t in times]
    return write_film(path, times, frames, **settings)


FAST_THEN_SLOW = [*(i / 25 for i in range(100)), *(4 + i / 2 for i in range(12))]
SLOW_THEN_FAST = [*(i / 2 for i in range(8)), *(4 + i / 25 for i in range(100))]


@pytest.mark.parametrize(
    "times, start, end",
    [
        (FAST_THEN_SLOW, 3.0, 8.0),
        (SLOW_THEN_FAST, 5.0, 7.5),
        ([2.0 * i for i in range(20)], 12.0, 24.0),
        ([0.1 * i for i in range(20)] + [62 + 0.1 * i for i in range(30)], 62.4, 65),
    ],
    ids=["fast then slow", "slow then fast", "time lapse", "a gap"],
)
def test_an_alarm_has_the_times_of_the_film(tmp_path, model, times, start, end):
    film = VideoFile(leaking(tmp_path / "a.mp4", times, start, end))
    alarm = Alarm("leak", 2.0)
    detect_video(model, film, tmp_path / "out", "a", alarm=alarm)
    (event,) = alarm.events
    last = max(t for t in times if start <= t < end)
    assert event.start == pytest.approx(start, abs=0.2)
    assert event.end == pytest.approx(last, abs=0.2)
    (row,) = read_csv(tmp_path / "out/a_alarms.csv")
    assert float(row["start"]) == pytest.approx(event.start, abs=0.01)
    assert float(row["end"]) == pytest.approx(event.end, abs=0.01)
    written = VideoFile(tmp_path / "out/a.mp4")
    assert [t for t, _ in written] == pytest.approx(times, abs=0.002)
    assert written.seconds == pytest.approx(film.seconds, abs=0.002)


def test_slow_motion_rings_no_alarm_that_is_not_there(tmp_path, model):
    film = VideoFile(leaking(tmp_path / "a.mp4", [i / 480 for i in range(240)], 0.1))
    alarm = Alarm("leak", 0.5)
    detect_video(model, film, tmp_path / "out", "a", alarm=alarm)
    assert alarm.events == []


def test_a_picture_that_moves_raises_the_alarm(tmp_path, model_path):
    frames = [Image.fromarray(RED if i > 2 else DARK) for i in range(10)]
    frames[0].save(
        *(tmp_path / "a.webp",),
        **{"append_images": frames[1:], "duration": 500, "save_all": True},
    )
    done = detect(model_path, "a.webp", "-o", "out", "--alarm", "leak", cwd=tmp_path)
    assert "alarm: leak from 1.5 s to 5.0 s" in done.stdout, done.stderr
    done = detect(model_path, "a.webp", "-o", "o", "--alarm", "leek", cwd=tmp_path)
    assert done.stderr == "error: --alarm leek: the model knows leak, puddle\n"


def test_pictures_of_several_pages_are_refused(tmp_path, model_path):
    pages = [Image.fromarray(RED), Image.fromarray(DARK)]
    pages[0].save(tmp_path / "a.tif", append_images=pages[1:], save_all=True)
    done = detect(model_path, "a.tif", "-o", "out", cwd=tmp_path)
    assert done.returncode == 2 and "a.tif: 2 pages" in done.stderr
    (tmp_path / "in").mkdir()
    pages[0].save(tmp_path / "in/b.gif", append_images=pages[1:], save_all=True)
    done = detect(model_path, "in", "-o", "out", cwd=tmp_path)
    assert done.returncode == 2 and "b.gif: 2 frames" in done.stderr


def test_films_in_a_folder_of_pictures_are_named(tmp_path, model_path):
    (tmp_path / "in").mkdir()
    leaking(tmp_path / "in/film.mp4", [0, 0.1, 0.2], 0)
    Image.fromarray(RED).save(tmp_path / "in/p.png")
    done = detect(model_path, "in", "-o", "out", cwd=tmp_path)
    assert done.returncode == 0
    assert "warning: 1 film in in not looked at, such as film.mp4" in done.stderr


STEADY = [i / 10 for i in range(10)]


def test_a_film_is_not_written_over_by_its_result(tmp_path, model_path):
    film = leaking(tmp_path / "film.mp4", STEADY, 0.3)
    (tmp_path / "film.csv").write_text("my notes")
    before = {p: p.read_bytes() for p in tmp_path.iterdir()}
    for place in (".", tmp_path, "../" + tmp_path.name):
        done = detect(model_path, "film.mp4", "-o", place, cwd=tmp_path)
        assert done.returncode == 2 and "film.mp4, which is read" in done.stderr
    film.rename(tmp_path / "in.mov")
    (tmp_path / "in.mov").rename(tmp_path / "film.mov")
    done = detect(model_path, "film.mov", "-o", ".", cwd=tmp_path)
    assert done.returncode == 2 and "film.csv is there already" in done.stderr
    after = {p.name: p.read_bytes() for p in tmp_path.iterdir()}
    assert sorted(after.values()) == sorted(before.values())


def test_results_of_a_film_are_replaced_by_that_film_alone(tmp_path, model_path):
    for name in ("a.mp4", "a.mov"):
        leaking(tmp_path / name, STEADY, 0.3)
    for _ in range(2):
        done = detect(model_path, "a.mp4", "-o", "out", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    written = (tmp_path / "out/a.mp4").read_bytes()
    done = detect(model_path, "a.mov", "-o", "out", cwd=tmp_path)
    assert done.returncode == 2 and "a.mp4, not of " in done.stderr
    assert (tmp_path / "out/a.mp4").read_bytes() == written
    done = detect(model_path, "a.mov", "a.mp4", "-o", "two", cwd=tmp_path)
    assert done.returncode == 2 and "2 videos are named a" in done.stderr


def test_names_of_results_do_not_meet(tmp_path, model_path):
    leaking(tmp_path / "detections.mp4", STEADY, 0.3)
    Image.fromarray(RED).save(tmp_path / "p.png")
    done = detect(model_path, "detections.mp4", "p.png", "-o", "out", cwd=tmp_path)
    assert done.returncode == 2 and "is the name of other results" in done.stderr


class Endless:
    """A camera that never ends: half a second of a leak in each 1.2."""

    fps, count, shortfall, read, live = 10, None, "", 0, True

    def __iter__(self):
        while True:
            self.read += 1
            time.sleep(0.001)
            yield self.read / 10, (RED if self.read % 12 < 5 else DARK).copy()


def test_what_a_camera_saw_is_there_when_the_process_is_killed(tmp_path, model_path):
    code = (
        "import sys; sys.path[:0] = sys.argv[1:3]\n"
        "from deploy import test_film_outputs as t\n"
        "model = t.runtime.load_model(sys.argv[3])\n"
        "t.detect_video(model, t.Endless(), sys.argv[4], 'c', alarm=t.Alarm('leak', .3))"
    )
    folders = [paths.ROOT / "tests", paths.ROOT / "scripts"]
    out = tmp_path / "out"
    process = subprocess.Popen([sys.executable, "-c", code, *folders, model_path, out])
    deadline = time.monotonic() + 60
    table = out / "c.csv"
    while not (table.exists() and table.read_bytes().count(b"\n") > 80):
        assert time.monotonic() < deadline and process.poll() is None
        time.sleep(0.1)
    process.kill()
    process.wait()
    rows = read_csv(table)
    assert len(rows) >= 80 and rows[0]["class"] == "leak"
    events = read_csv(out / "c_alarms.csv")
    assert len(events) > 3
    assert all(0.3 <= float(event["seconds"]) < 0.6 for event in events)
    assert len(list(VideoFile(out / "c.mp4"))) > 60


def test_memory_of_alarms_is_bounded(monkeypatch):
    monkeypatch.setattr("inspection.deploy.alarm.MOST_EVENTS", 10)
    alarm = Alarm("leak", seconds=1, gap=0.5)
    for second in range(0, 500, 5):
        alarm.update(second, {"leak"})
        alarm.update(second + 1, {"leak"})
        alarm.update(second + 2, set())
    assert (len(alarm.events), alarm.count) == (10, 100)
    assert alarm.events[-1].start == 495


def test_a_pause_of_a_camera_ends_what_went_on(tmp_path, model):
    class Interrupted(Endless):
        def __iter__(self):
            for seconds in (0, 0.5, 1, 60, 60.5, 61):
                self.read += 1
                yield seconds, RED.copy()

    alarm = Alarm("leak", seconds=5)
    summary = detect_video(model, Interrupted(), tmp_path, "c", alarm=alarm)
    assert alarm.events == []
    assert summary.note == "1 pause without frames, the longest of 59.0 s"


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves a folder, and at /camera the JPEGs of a camera that is lost once."""

    asked = 0

    def do_GET(self):
        if self.path != "/camera":
            super().do_GET()
            return
        Handler.asked += 1
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
        self.end_headers()
        jpeg = Image.fromarray(RED)
        for _ in range(30):
            self.wfile.write(b"--frame\r\nContent-Type: image/jpeg\r\n\r\n")
            jpeg.save(self.wfile, "JPEG")
            self.wfile.write(b"\r\n")
            time.sleep(0.01)

    def log_message(self, *_):
        pass


@pytest.fixture
def served(tmp_path):
    """Yield the address at which a folder is served."""
    handler = functools.partial(Handler, directory=tmp_path)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_film_on_a_server_ends_where_it_ends(tmp_path, model_path, served):
    leaking(tmp_path / "a.mp4", STEADY, 0.3)
    done = detect(model_path, f"{served}/a.mp4", "-o", "out", cwd=tmp_path)
    assert done.returncode == 0 and done.stdout.startswith("10 frames in"), done.stderr
    (table,) = (tmp_path / "out").glob("127_0_0_1_a_mp4_*.csv")
    assert len(read_csv(table)) > 5


def test_a_lost_camera_is_asked_again(served, monkeypatch):
    monkeypatch.setattr(network_stream, "FIRST_WAIT", 0.05)
    Handler.asked = 0
    address = served.replace("://", "://me:secret@") + "/camera"
    stream = NetworkStream(address, seconds=3)
    times = [seconds for seconds, _ in stream]
    assert stream.live and Handler.asked >= 2 and len(times) > 30
    assert times == sorted(times) and times[-1] <= 3
    assert "secret" not in stream.shown


@pytest.mark.parametrize("scheme", ["http", "rtsp", "RTSP"])
def test_an_address_that_does_not_answer_is_one_clear_error(scheme):
    address = f"{scheme}://me:secret@127.0.0.1:9/live"
    with pytest.raises(UserError) as error:
        NetworkStream(address)
    assert str(error.value).startswith(f"{scheme}://127.0.0.1:9/live gives no frames: ")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_full_disk_names_the_table_of_a_camera(tmp_path, model):
    (tmp_path / "out").mkdir()
    (tmp_path / "out/a.csv").symlink_to("/dev/full")
    with pytest.raises(UserError, match=r"a\.csv cannot be written: No space left"):
        detect_video(model, Endless(), tmp_path / "out", "a")


def test_ctrl_c_ends_a_network_camera(served):
    stream = NetworkStream(f"{served}/camera")
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    for _ in stream:
        signal.raise_signal(signal.SIGINT)
    signal.signal(signal.SIGINT, before)
    assert stream.read == 1
