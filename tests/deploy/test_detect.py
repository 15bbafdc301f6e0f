"""detect.py on pictures, videos and cameras, sound and broken."""

import csv
import signal

import av
import cv2
import numpy as np
import pytest
from PIL import Image

from helpers import browser
from helpers import tiny_models as tiny
from helpers.commands import run_python
from helpers.images import painted
from inspection.common.errors import DatasetError, UserError
from inspection.course import paths
from inspection.datasets import voc
from inspection.datasets.images.image_file import read_rgb
from inspection.deploy import detect_images, detect_video, runtime, video_source
from inspection.deploy.alarm import Alarm

RED, DARK = painted(255, 0, 0, (48, 64)), painted(0, 0, 0, (48, 64))
LEAK = (round(0.2 * 64), round(0.1 * 48), round(0.6 * 64), round(0.5 * 48))


@pytest.fixture
def model_path(tmp_path):
    path = tmp_path / "tiny ü.tflite"
    path.write_bytes(tiny.make_detector())
    return path


@pytest.fixture
def model(model_path):
    return runtime.load_model(model_path)


def detect(*arguments, cwd):
    """Run the command from another folder than the repository's."""
    done = run_python(paths.ROOT / "scripts/detect.py", *arguments, cwd=cwd)
    assert "Traceback" not in done.stderr
    return done


def read_csv(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write_video(path, frames, fps=10, size=(64, 48), codec="MJPG"):
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*codec), fps, size)
    for frame in frames:
        writer.write(frame[..., ::-1])
    writer.release()
    return path


def test_a_folder_of_pictures(tmp_path, model_path):
    folder = tmp_path / "my pictures (ü)"
    folder.mkdir()
    Image.fromarray(RED).save(folder / "wet.png")
    Image.fromarray(DARK).save(folder / "dry.v2.jpg")
    (folder / "notes.txt").write_text("not looked at")
    done = detect(model_path, folder, "-o", "out ü", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("2 pictures: 1 leak\n")
    out = tmp_path / "out ü"
    names = {p.relative_to(out).as_posix() for p in out.rglob("*") if p.is_file()}
    assert names == {
        *("annotated/wet.jpg", "annotated/dry.v2.jpg", "detections.csv"),
        *("annotations/wet.xml", "annotations/dry.v2.xml"),
    }
    wet, dry = voc.read_folder(out / "annotations", folder)[::-1]
    assert (wet.image.name, wet.width, wet.height) == ("wet.png", 64, 48)
    (box,) = wet.boxes
    assert (box.name, box.xmin, box.ymin, box.xmax, box.ymax) == ("leak", *LEAK)
    assert dry.boxes == () and dry.image.name == "dry.v2.jpg"
    (row,) = read_csv(out / "detections.csv")
    assert (row["filename"], row["class"], row["xmax"]) == ("wet.png", "leak", "38")
    assert float(row["score"]) == pytest.approx(0.9, abs=0.001)
    assert np.abs(read_rgb(out / "annotated/wet.jpg").astype(int) - RED).max() > 60


def test_several_sources_in_one_call(tmp_path, model_path):
    inside = tmp_path / "in"
    inside.mkdir()
    Image.fromarray(RED).save(inside / "wet.png")
    Image.fromarray(RED).save(tmp_path / "b.png")
    write_video(tmp_path / "film.avi", leaking(seconds=1))
    done = detect(model_path, inside, "b.png", "film.avi", "-o", "out", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    rows = read_csv(tmp_path / "out/detections.csv")
    assert [row["filename"] for row in rows] == ["wet.png", "b.png"]
    assert (tmp_path / "out/film.mp4").is_file()


@pytest.mark.parametrize(
    "sources, words",
    [
        (("a/x.mp4", "b/x.mp4"), "2 videos are named x"),
        (("²",), "² is neither file nor folder"),
        (("100",), "argument SOURCE: 100 is no camera"),
    ],
)
def test_sources_that_cannot_be(tmp_path, model_path, sources, words):
    done = detect(model_path, *sources, "-o", "out", cwd=tmp_path)
    assert done.returncode == 2 and words in done.stderr
    assert not (tmp_path / "out").exists()


def test_boxes_of_a_turned_photograph_are_upright(tmp_path, model):
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(RED).save(tmp_path / "turned.jpg", exif=exif)
    found = detect_images.find_images([tmp_path / "turned.jpg"])
    detect_images.detect_images(model, found, tmp_path / "out")
    annotation = voc.read_annotation(tmp_path / "out/annotations/turned.xml", tmp_path)
    assert (annotation.width, annotation.height) == (48, 64)
    assert annotation.boxes[0].xmax == round(0.6 * 48)
    assert read_rgb(tmp_path / "out/annotated/turned.jpg").shape == (64, 48, 3)


def test_corrected_annotations_are_not_overwritten(tmp_path, model):
    Image.fromarray(RED).save(tmp_path / "a.png")
    found = detect_images.find_images([tmp_path / "a.png"])
    detect_images.detect_images(model, found, tmp_path / "out")
    xml = tmp_path / "out/annotations/a.xml"
    xml.write_text("corrected")
    with pytest.raises(UserError, match="1 annotation would be overwritten"):
        detect_images.detect_images(model, found, tmp_path / "out")
    assert xml.read_text() == "corrected"
    detect_images.detect_images(model, found, tmp_path / "out", overwrite=True)
    assert xml.read_text() != "corrected"


def test_broken_pictures_are_named_together_before_anything_is_written(tmp_path):
    Image.fromarray(RED).save(tmp_path / "good.png")
    Image.fromarray(RED).save(tmp_path / "GOOD.jpg")
    whole = (tmp_path / "good.png").read_bytes()
    (tmp_path / "cut.png").write_bytes(whole[:-30])
    (tmp_path / "text.jpg").write_text("hello")
    with pytest.raises(DatasetError) as error:
        detect_images.find_images([tmp_path])
    files = sorted(fault.file for fault in error.value.faults)
    assert files == ["GOOD.jpg", "cut.png", "good.png", "text.jpg"]
    with pytest.raises(UserError, match="0 pictures found in"):
        empty = tmp_path / "empty"
        empty.mkdir()
        detect_images.find_images([empty])


def test_pictures_of_one_name_in_two_folders_keep_apart(tmp_path, model):
    for name, pixels in {"wet": RED, "dry": DARK}.items():
        (tmp_path / "set" / name).mkdir(parents=True)
        Image.fromarray(pixels).save(tmp_path / "set" / name / "1.png")
    out = tmp_path / "set"
    for _ in range(2):  # the second time the folder holds the results of the first
        names = detect_images.find_images([out], out)
        detect_images.detect_images(model, names, out, overwrite=True)
    written = {p.relative_to(out).as_posix() for p in out.rglob("*.*")}
    assert written - {"dry/1.png", "wet/1.png"} == {
        *("annotated/dry/1.jpg", "annotated/wet/1.jpg", "detections.csv"),
        *("annotations/dry/1.xml", "annotations/wet/1.xml"),
    }
    (row,) = read_csv(out / "detections.csv")
    assert row["filename"] == "wet/1.png"
    with pytest.raises(DatasetError, match="1.png: shares its name") as error:
        detect_images.find_images([out / "wet/1.png", out / "dry/1.png"])
    assert len(error.value.faults) == 2


def leaking(seconds=4, fps=10, start=1):
    return [RED if i >= start * fps else DARK for i in range(seconds * fps)]


def test_a_video_with_an_alarm(tmp_path, model_path):
    write_video(tmp_path / "hall 3.avi", leaking())
    done = detect(
        *(model_path, "hall 3.avi", "-o", "out", "--alarm", "leak"),
        *("--save_every", "2"),
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    assert "40 frames in " in done.stdout
    assert "alarm: leak from 1.0 s to 3.9 s" in done.stdout
    rows = read_csv(tmp_path / "out/hall 3.csv")
    assert {(row["object"], row["class"]) for row in rows} == {("1", "leak")}
    assert [int(row["frame"]) for row in rows] == list(range(10, 40))
    assert rows[0]["seconds"] == "1.000" and rows[0]["xmin"] == str(LEAK[0])
    assert read_csv(tmp_path / "out/hall 3_alarms.csv") == [
        {"class": "leak", "start": "1.00", "end": "3.90", "seconds": "2.90"}
    ]
    kept = voc.read_folder(tmp_path / "out/annotations", tmp_path / "out/images")
    assert [(a.image.name, len(a.boxes)) for a in kept] == [
        ("hall 3_000000.jpg", 0),
        ("hall 3_000020.jpg", 1),
    ]
    frames = [frame for _, frame in video_source.VideoFile(tmp_path / "out/hall 3.mp4")]
    assert len(frames) == 40
    assert frames[39][1, 1, 0] > 150 > 60 > frames[39][1, 1, 1]  # the alarm's frame
    assert frames[5].max() < 40


class Stream:
    """A source of ten frames a second, of which only `every` n-th one comes."""

    fps, count, shortfall = 10, None, ""

    def __init__(self, frames, every=1):
        self.frames, self.every = list(frames), every
        self.read = len(self.frames)

    def __iter__(self):
        return ((i * self.every / 10, frame) for i, frame in enumerate(self.frames))


@pytest.mark.parametrize("size", [(64, 48), (63, 47)])
def test_videos_are_h264_with_even_sides_and_all_frames(tmp_path, model, size):
    width, height = size
    source = Stream(painted(255, 0, 0, (height, width)) for _ in range(12))
    summary = detect_video.detect_video(model, source, tmp_path, "b")
    with av.open(tmp_path / "b.mp4") as written:
        (stream,) = written.streams.video
        context = stream.codec_context
        assert (context.codec.canonical_name, stream.average_rate) == ("h264", 10)
        assert (context.pix_fmt, stream.frames) == ("yuv420p", 12)
        assert (context.width, context.height) == (64, 48)
        assert written.duration == 1_200_000
    assert (summary.frames, summary.boxes, summary.note) == (12, 12, "")


@pytest.mark.skipif(bool(browser.missing()), reason=f"needs {browser.missing()}")
def test_the_video_plays_in_a_browser(tmp_path, model):
    source = video_source.VideoFile(write_video(tmp_path / "a.avi", leaking(3)))
    detect_video.detect_video(model, source, tmp_path, "b")
    width, height, played, seconds = browser.play(tmp_path / "b.mp4")
    assert (width, height) == (64, 48)
    assert played > 0.5 and seconds == pytest.approx(3, abs=0.2)


def test_a_real_video(shared_data, tmp_path, model):
    source = video_source.VideoFile(shared_data / "leaking_pipe.mp4")
    assert (source.count, round(source.fps, 2)) == (300, 29.97)
    seconds, frame = next(iter(source))
    assert seconds == 0 and frame.shape == (342, 608, 3)


def test_a_slow_camera_gives_a_video_of_true_length(tmp_path, model):
    source = Stream([RED.copy() for _ in range(10)], every=2)
    detect_video.detect_video(model, source, tmp_path, "slow")
    film = video_source.VideoFile(tmp_path / "slow.mp4")
    times = [seconds for seconds, _ in film]
    assert times == pytest.approx([0.2 * i for i in range(10)])
    assert film.seconds == pytest.approx(1.9, abs=0.1)


def broken_videos(folder):
    whole = write_video(folder / "whole.mp4", leaking(2), codec="mp4v").read_bytes()
    yield "text.mp4", b"hello" * 100, "text.mp4 is no video, or is damaged"
    yield "empty.mp4", b"", "empty.mp4 is no video, or is damaged"
    yield "cut.mp4", whole[: len(whole) // 2], "cut.mp4 is no video, or is damaged"
    (folder / "none.avi").write_bytes(b"")
    zero = write_video(folder / "zero.avi", []).read_bytes()
    yield "zero.avi", zero, "zero.avi"


def test_a_broken_video_is_one_clear_error_and_leaves_nothing(tmp_path, model_path):
    for name, data, says in broken_videos(tmp_path):
        (tmp_path / name).write_bytes(data)
        done = detect(model_path, name, "-o", "out", cwd=tmp_path)
        assert done.returncode == 2 and done.stdout == ""
        assert done.stderr.startswith(f"error: {says}"), done.stderr
        assert len(done.stderr.splitlines()) == 1
        assert not [p for p in (tmp_path / "out").rglob("*") if p.is_file()]


def test_a_video_of_damaged_frames_holds_none(tmp_path, model, shared_data):
    data = (shared_data / "leaking_pipe.mp4").read_bytes()
    (tmp_path / "torn.mp4").write_bytes(data[:60_000])
    source = video_source.VideoFile(tmp_path / "torn.mp4")
    with pytest.raises(UserError, match="holds 0 frames that can be read, of 300"):
        detect_video.detect_video(model, source, tmp_path / "out", "torn")
    assert list((tmp_path / "out").iterdir()) == []


def test_a_video_that_ends_early_is_noted(tmp_path, model):
    path = write_video(tmp_path / "a.avi", leaking(4))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    source = video_source.VideoFile(path)
    source.count = source.count or 40
    summary = detect_video.detect_video(model, source, tmp_path, "b")
    assert 0 < summary.frames < 38
    assert summary.note == f"a.avi ends early: {summary.frames} of 40 frames"


def test_an_absent_camera_is_one_clear_error(tmp_path, model_path):
    done = detect(model_path, "97", "-o", "out", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("error: camera 97 is not there")
    assert len(done.stderr.splitlines()) == 1


class FakeCapture:
    isOpened = staticmethod(lambda: True)
    get = staticmethod(lambda _: 30.0)
    release = staticmethod(lambda: None)

    def __init__(self, frames=1000):
        self.left = frames

    def read(self):
        self.left -= 1
        return self.left >= 0, RED


def test_ctrl_c_ends_a_camera_and_keeps_what_it_saw(tmp_path, model, monkeypatch):
    monkeypatch.setattr(video_source, "_open", lambda _: FakeCapture())
    asked = []

    def interrupt(number, *_):
        asked.append(number)
        if number == 4:
            signal.raise_signal(signal.SIGINT)

    # a shell starts what runs behind it deaf to Ctrl-C
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    camera = video_source.Camera(0)
    summary = detect_video.detect_video(model, camera, tmp_path, "c", save=interrupt)
    assert summary.frames == len(asked) == 5
    assert (tmp_path / "c.mp4").is_file() and (tmp_path / "c.csv").is_file()
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)
    signal.signal(signal.SIGINT, before)


def test_a_camera_ends_in_time_and_may_give_nothing(monkeypatch):
    monkeypatch.setattr(video_source, "_open", lambda _: FakeCapture())
    camera = video_source.Camera(0, seconds=0.2)
    assert 0 < len(list(camera)) < 1001
    monkeypatch.setattr(video_source, "_open", lambda _: FakeCapture(0))
    with pytest.raises(UserError, match="camera 0 is there but gives no frames"):
        list(video_source.Camera(0))


def test_other_kinds_and_unknown_classes_are_refused(tmp_path, model_path):
    (tmp_path / "c.tflite").write_bytes(tiny.make_classifier())
    Image.fromarray(RED).save(tmp_path / "a.png")
    write_video(tmp_path / "a.avi", [RED])
    done = detect("c.tflite", "a.png", "-o", "out", cwd=tmp_path)
    assert done.stderr == "error: c.tflite is a classifier; this needs a detector\n"
    done = detect(model_path, "a.avi", "-o", "o", "--alarm", "leek", cwd=tmp_path)
    assert done.stderr == "error: --alarm leek: the model knows leak, puddle\n"


def test_a_failure_on_the_way_leaves_no_video(tmp_path, model):
    def fail(*_):
        raise RuntimeError("on the way")

    source = video_source.VideoFile(write_video(tmp_path / "a.avi", leaking(2)))
    with pytest.raises(RuntimeError, match="on the way"):
        detect_video.detect_video(
            model, source, tmp_path / "out", "b", alarm=Alarm("leak"), save=fail
        )
    assert list((tmp_path / "out").iterdir()) == []


def test_boxes_are_drawn_where_they_are(model):
    from inspection.common.detections import NO_DETECTIONS, Detections
    from inspection.deploy.overlay import draw_detections

    box = {"boxes": [(0.5, 0.1, 0.9, 0.9)], "scores": [0.87], "class_ids": [2]}
    frame = painted(128, 128, 128, (200, 300))
    draw_detections(frame, Detections(**box), {1: "leak", 2: "Pfütze ş"})
    assert frame[180, 150].tolist() == [222, 143, 5]  # the lower line
    assert (frame[110:170, 40:260] == 128).all()
    assert (frame[85:99, 31:60] == [222, 143, 5]).all(axis=2).sum() > 50
    outside = Detections(boxes=[(-1, -1, 2, 2)], scores=[1.0], class_ids=[1])
    draw_detections(frame, outside, {1: "leak"})
    draw_detections(frame, NO_DETECTIONS, {})
