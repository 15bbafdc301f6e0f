"""Has the camera changed? Frames beside a reference."""

import cv2
import numpy as np
import pytest

from helpers.commands import run_here
from inspection.common.errors import UserError
from inspection.deploy import drift
from inspection.synthetic.noise import fractal


def frame(rng, cell=6):
    """Return a grey, grainy floor under a lamp that is never quite the same."""
    grain = 0.5 + 0.08 * fractal(rng, (96, 96), cell) * rng.uniform(0.9, 1.1)
    tint = np.float32([1, 0.97, 0.93]) * rng.uniform(0.93, 1.07)
    return np.uint8(255 * np.clip(grain[..., None] * tint, 0, 1))


CHANGES = {
    "blur": (lambda image, _: cv2.GaussianBlur(image, (0, 0), 1.5), "sharpness"),
    "less light": (lambda image, _: np.uint8(image * 0.7), "light"),
    "another surface": (lambda _, rng: frame(rng, 25), None),
    "another color": (lambda image, _: np.uint8(image * [1, 0.8, 0.6]), "color"),
}


@pytest.fixture(scope="module")
def reference():
    rng = np.random.default_rng(0)
    return drift.make_reference(frame(rng) for _ in range(200))


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_found_within_50_frames(reference, name):
    change, cause = CHANGES[name]
    rng, watch = np.random.default_rng(1), drift.DriftWatch(reference)
    for _ in range(60):
        watch.look(frame(rng))
    for _ in range(50):
        watch.look(change(frame(rng), rng))
    (found,) = watch.changes
    assert 60 <= found.frame < 110 and watch.is_drifted
    assert cause in (None, found.cause)


def test_frames_like_the_reference_raise_no_alarm(reference):
    rng, watch = np.random.default_rng(2), drift.DriftWatch(reference)
    for _ in range(1000):
        watch.look(frame(rng))
    assert not watch.changes


def test_a_hand_before_the_lens_is_no_change(reference):
    rng, watch = np.random.default_rng(3), drift.DriftWatch(reference)
    for number in range(100):
        dark = 50 <= number < 60
        watch.look(frame(rng) // 4 if dark else frame(rng))
    assert not watch.changes


def test_it_rings_once_and_again_after_it_was_mended(reference):
    rng, told = np.random.default_rng(4), []
    watch = drift.DriftWatch(reference, told.append)
    for number in range(200):
        image = frame(rng)
        watch.look(image // 2 if number // 50 % 2 else image)
    assert [change.frame // 50 for change in told] == [1, 3]
    assert told == watch.changes


def test_a_reference_is_the_same_after_it_was_written(reference, tmp_path):
    drift.write_reference(tmp_path / "r.json", reference)
    assert drift.read_reference(tmp_path / "r.json") == reference


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "cannot be used"),
        ("[]", "holds no settings"),
        (
            '{"mean": [1], "spread": [1], "turn": [1], "limit": 1, "pictures": 9}',
            "9 figures",
        ),
    ],
)
def test_what_is_no_reference_is_refused(tmp_path, text, message):
    (tmp_path / "r.json").write_text(text)
    with pytest.raises(UserError, match=message):
        drift.read_reference(tmp_path / "r.json")


def test_too_few_pictures_are_refused():
    rng = np.random.default_rng(0)
    with pytest.raises(UserError, match="10 pictures are too few"):
        drift.make_reference(frame(rng) for _ in range(10))


def write_frames(folder, count, seed, change=lambda image: image):
    rng = np.random.default_rng(seed)
    folder.mkdir()
    for number in range(count):
        cv2.imwrite(str(folder / f"{number:03d}.png"), change(frame(rng))[..., ::-1])
    return folder


def test_the_command_learns_and_tells(tmp_path):
    before = write_frames(tmp_path / "before", 60, 0)
    same = write_frames(tmp_path / "same", 30, 1)
    dark = write_frames(tmp_path / "dark", 30, 2, lambda image: image // 2)
    file = tmp_path / "camera.json"
    status, out, err = run_here("check_camera", before, "-o", file)
    assert status == 0 and "60 pictures" in out, err
    status, out, err = run_here("check_camera", same, "--reference", file)
    assert status == 0 and "nothing has changed" in out, err
    status, out, _ = run_here("check_camera", dark, "--reference", file)
    assert status == 1 and "light" in out
    status, _, err = run_here("check_camera", dark)
    assert status == 2 and "name a file with -o" in err
