"""Films of odd times, turned, squeezed and torn: what comes out, and when."""

import io
from fractions import Fraction

import av
import numpy as np
import pytest
from PIL import Image

from helpers.films import copy_film, shade, write_film
from inspection.common.errors import UserError
from inspection.deploy.source_kind import is_film
from inspection.deploy.video_frames import Clock, turn
from inspection.deploy.video_source import VideoFile
from inspection.deploy.video_writer import open_video

STEADY = [i / 10 for i in range(12)]
TIMES = {
    "varying": [0, 0.1, 0.2, 0.7, 1.2, 1.3, 3.0],
    "time lapse": [0, 2, 4, 6],
    "slow motion": [i / 480 for i in range(14)],
    "a gap": [0, 0.1, 0.2, 60, 60.1],
    "hours": [0, 3600, 7200],
}


def read(path):
    """Return the film, the times and the numbers of its frames."""
    film = VideoFile(path)
    frames = list(film)
    numbers = [round(frame[:, 4:24].mean() / 16) for _, frame in frames]
    return film, [seconds for seconds, _ in frames], numbers


@pytest.mark.parametrize("name", ["film.mp4", "film.mkv", "film.mov"])
@pytest.mark.parametrize("times", TIMES.values(), ids=TIMES)
def test_frames_come_at_the_times_of_the_container(tmp_path, times, name):
    film, found, numbers = read(write_film(tmp_path / name, times))
    assert found == pytest.approx(times, abs=0.002)
    assert numbers == list(range(len(times)))
    assert film.shortfall == ""


@pytest.mark.parametrize("live", [False, True])
@pytest.mark.parametrize("times", TIMES.values(), ids=TIMES)
def test_what_is_written_lasts_as_long(tmp_path, times, live):
    end = times[-1] + 0.25
    with open_video(tmp_path / "b.mp4", len(times) / end, live) as writer:
        for number, seconds in enumerate(times):
            writer.write(shade(number), seconds)
        writer.end = end
    film, found, numbers = read(tmp_path / "b.mp4")
    assert found == pytest.approx(times, abs=0.001)
    assert numbers == list(range(len(times)))
    assert film.seconds == pytest.approx(end, abs=0.001)
    with av.open(str(tmp_path / "b.mp4")) as container:
        stream = container.streams.video[0]
        assert float(stream.duration * stream.time_base) == pytest.approx(
            end, abs=0.001
        )


def test_a_film_that_grows_is_read_when_its_writer_has_died(tmp_path):
    with open_video(tmp_path / "b.mp4", 1, live=True) as writer:
        for number in range(14):
            writer.write(shade(number % 12), number)
        data = (tmp_path / "b.mp4").read_bytes()
    (tmp_path / "dead.mp4").write_bytes(data)
    _, times, _ = read(tmp_path / "dead.mp4")
    assert len(times) >= 8 and times == list(range(len(times)))


@pytest.mark.parametrize("name", ["film.flv", "film.ts", "film.m2ts", "film.3gp"])
def test_other_containers_begin_at_zero(tmp_path, name):
    times = [0, 0.1, 0.2, 0.7, 1.2]
    path = write_film(tmp_path / name, times)
    assert is_film(path)
    _, found, _ = read(path)
    assert found == pytest.approx(times, abs=0.03)


def raw(folder, name, codec, **settings):
    return write_film(folder / name, STEADY, codec=codec, **settings)


def test_a_raw_stream_says_that_its_times_are_taken_for_granted(tmp_path):
    path = raw(tmp_path, "cam.h264", "libx264", framerate=Fraction(10))
    film, times, _ = read(path)
    assert len(times) == 12 and film.shortfall.startswith("cam.h264 holds no times")


@pytest.mark.parametrize("name", ["cam.mjpeg", "cam.jpg", "cam"])
def test_jpegs_in_a_row_are_a_film_whatever_their_name(tmp_path, name):
    settings = {"pix_fmt": "yuvj420p", "format": "mjpeg"}
    path = raw(tmp_path, name, "mjpeg", **settings)
    assert is_film(path)
    film, times, numbers = read(path)
    assert len(times) == 12 and numbers == list(range(12))
    assert "holds no times: taken as 25 frames a second" in film.shortfall


@pytest.mark.parametrize("name", ["a:b.mp4", "rtsp:x.mp4", "50%d.mp4", "ü ß.mp4", "a"])
def test_any_name_is_read(tmp_path, name):
    path = write_film(tmp_path / "film.mp4", STEADY).rename(tmp_path / name)
    assert is_film(path)
    assert len(read(path)[1]) == 12


@pytest.mark.parametrize("kind", ["gif", "png", "webp"])
def test_pictures_that_move_are_films(tmp_path, kind):
    path = tmp_path / f"a.{kind}"
    frames = [Image.fromarray(shade(3 * number)) for number in range(4)]
    lengths = [200, 300, 1000, 500]
    frames[0].save(path, append_images=frames[1:], duration=lengths, save_all=True)
    assert is_film(path)
    film, times, numbers = read(path)
    assert times == pytest.approx([0, 0.2, 0.5, 1.5])
    assert numbers == [0, 3, 6, 9] and film.seconds == pytest.approx(2)


def test_a_picture_that_moves_may_be_torn(tmp_path):
    frames = [Image.fromarray(shade(number)) for number in range(8)]
    path = tmp_path / "a.png"
    frames[0].save(path, append_images=frames[1:], duration=100, save_all=True)
    path.write_bytes(path.read_bytes()[:-200])
    film, times, _ = read(path)
    assert 0 < len(times) < 8
    assert film.shortfall == f"a.png ends early: {len(times)} of 8 frames"


def test_still_pictures_are_no_films(tmp_path):
    for kind in ("jpg", "png", "gif", "webp", "bmp", "tif"):
        Image.fromarray(shade(3)).save(tmp_path / f"a.{kind}")
        (tmp_path / f"a.{kind}").rename(tmp_path / f"{kind}.mp4")
        assert not is_film(tmp_path / f"{kind}.mp4")
    assert not is_film(tmp_path)


def photograph(folder, marker=b"", size=(64, 48)):
    """Write a JPEG followed by another one; with a marker they belong together."""
    data = io.BytesIO()
    image = Image.fromarray(shade(3))
    image.save(data, "JPEG", comment=marker)
    image.resize(size).save(data, "JPEG")
    path = folder / "a.jpg"
    path.write_bytes(data.getvalue())
    return path


def test_a_photograph_with_its_preview_is_one_picture(tmp_path):
    assert is_film(photograph(tmp_path))
    assert not is_film(photograph(tmp_path, b"MPF\0"))
    assert not is_film(photograph(tmp_path, size=(16, 12)))


# x' = a x + c y, y' = b x + d y
MATRICES = {
    "as it is": ((1, 0, 0, 1), lambda image: image),
    "a quarter to the right": ((0, 1, -1, 0), lambda image: np.rot90(image, -1)),
    "half": ((-1, 0, 0, -1), lambda image: np.rot90(image, 2)),
    "a quarter to the left": ((0, -1, 1, 0), lambda image: np.rot90(image)),
    "mirrored": ((-1, 0, 0, 1), np.fliplr),
    "upside down": ((1, 0, 0, -1), np.flipud),
}


@pytest.mark.parametrize("matrix, expected", MATRICES.values(), ids=MATRICES)
def test_frames_are_turned_upright(matrix, expected):
    image = np.arange(24, dtype="uint8").reshape(2, 4, 3)
    assert (turn(image, matrix) == expected(image)).all()


def set_matrix(path, matrix):
    """Write how a film is to be turned into its track header (ISO 14496-12, 8.3.2)."""
    data = bytearray(path.read_bytes())
    at = data.index(b"tkhd") + 44
    a, b, c, d = (int(65536 * value) for value in matrix)
    for place, value in zip((0, 4, 12, 16), (a, b, c, d)):
        data[at + place : at + place + 4] = value.to_bytes(4, "big", signed=True)
    path.write_bytes(data)


@pytest.mark.parametrize("matrix, expected", MATRICES.values(), ids=MATRICES)
def test_films_are_turned_as_a_player_turns_them(tmp_path, matrix, expected):
    path = write_film(tmp_path / "a.mp4", [0, 0.1], [shade(12), shade(12)])
    set_matrix(path, matrix)
    (_, frame), *_ = VideoFile(path)
    wanted = expected(shade(12))
    assert frame.shape == wanted.shape
    assert np.abs(frame.astype(int) - wanted).mean() < 5


@pytest.mark.parametrize("shape, size", [((4, 3), (85, 48)), ((1, 2), (64, 96))])
def test_pixels_become_square(tmp_path, shape, size):
    path = write_film(tmp_path / "a.mp4", STEADY, sample_aspect_ratio=Fraction(*shape))
    (_, frame), *_ = VideoFile(path)
    assert frame.shape == (size[1], size[0], 3)


def test_ten_bits_look_like_eight(tmp_path):
    deep = write_film(
        tmp_path / "a.mkv", STEADY, codec="libx265", pix_fmt="yuv420p10le"
    )
    _, times, numbers = read(deep)
    assert len(times) == 12 and numbers == list(range(12))


def test_a_film_cut_by_its_edit_list_is_whole(tmp_path):
    whole = write_film(tmp_path / "a.mp4", [i / 10 for i in range(30)])
    # a copy from the second key frame on keeps what leads to it, and hides it
    cut = copy_film(
        whole, tmp_path / "b.mp4", options={"avoid_negative_ts": "disabled"}
    )
    data = bytearray(cut.read_bytes())
    at = data.index(b"elst") + 12
    scale = 1000
    data[at : at + 4] = (2 * scale).to_bytes(4, "big")  # 2 of the 3 seconds are shown
    cut.write_bytes(data)
    film, times, _ = read(cut)
    assert film.count == 30 and len(times) == 20
    assert film.shortfall == ""


def test_a_torn_film_says_so(tmp_path):
    path = write_film(
        tmp_path / "a.mkv",
        [i / 10 for i in range(100)],
        [
            np.random.default_rng(i).integers(0, 255, (48, 64, 3), "uint8")
            for i in range(100)
        ],
    )
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    film, times, _ = read(path)
    assert 20 < len(times) < 80
    assert "a.mkv ends early: " in film.shortfall and " of 10.0 s" in film.shortfall


@pytest.mark.parametrize(
    "data, says",
    [
        (b"hello" * 100, "a.mp4 is no video"),
        (b"", "a.mp4 is no video"),
        (b"\x1b[2Jhello" * 100, "a.mp4 is no video"),
    ],
)
def test_what_is_no_film_is_refused(tmp_path, data, says):
    (tmp_path / "a.mp4").write_bytes(data)
    with pytest.raises(UserError, match=says):
        VideoFile(tmp_path / "a.mp4")


def test_sound_alone_is_named(tmp_path):
    path = tmp_path / "a.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=8000)
        sound = av.AudioFrame.from_ndarray(
            np.zeros((1, 1024), "float32"), "fltp", layout="mono"
        )
        sound.sample_rate = 8000
        container.mux([*stream.encode(sound), *stream.encode()])
    with pytest.raises(UserError, match="a.mp4 holds sound and no pictures"):
        VideoFile(path)


class Frame:
    """A frame of a stream, for its clock alone."""

    time_base, dts = Fraction(1, 10), None

    def __init__(self, pts, duration=1):
        self.pts, self.duration = pts, duration


def test_a_clock_never_runs_backwards():
    clock = Clock(10)
    stamps = [100, 101, 101, 103, 3, 4, None]  # a repeated one, and a new beginning
    found = [clock.time_of(Frame(stamp)) for stamp in stamps]
    assert found == pytest.approx([0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6])


def test_films_as_they_come(shared_data):
    folder = shared_data / "cases/deploy/video"
    facts = {
        "cam.flv": (6.2, 62),
        "lapse3.mp4": (38.0, 20),
        "raw.h264": (6.2, 63),
        "slow480.mp4": (0.127, 62),
        "vfr2.mp4": (9.5, 44),
    }
    for name, (last, count) in facts.items():
        assert is_film(folder / name)
        _, times, _ = read(folder / name)
        assert len(times) == count and times[-1] == pytest.approx(last, abs=0.01)
