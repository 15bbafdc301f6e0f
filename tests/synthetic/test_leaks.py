"""The generator of leak scenes, from noise to the bundled set."""

import zipfile
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from helpers import ROOT
from helpers.commands import run_python
from inspection.common.errors import DatasetError
from inspection.datasets import voc
from inspection.datasets.splitting import split_lists
from inspection.detection.config.label_map import read_label_map
from inspection.synthetic import noise
from inspection.synthetic.leaks import dataset
from inspection.synthetic.leaks.camera import look_at
from inspection.synthetic.leaks.fittings import frame
from inspection.synthetic.leaks.image import Stage
from inspection.synthetic.leaks.materials import STEEL
from inspection.synthetic.leaks.scene import compose
from inspection.synthetic.leaks.shapes import FAR, ScenePart, raster, skin_places
from inspection.synthetic.leaks.video import leak_frames
from inspection.synthetic.leaks.water import make_jet

BUNDLE = ROOT / "data" / "leaks"
BUNDLE_SEED = 10


@pytest.fixture
def camera():
    return look_at([0.3, 0.9, 2.0], [0.0, 0.5, 0.0], 160, 120, 1.0, 0.05)


@pytest.fixture(scope="module")
def bundle():
    return voc.read_folder(BUNDLE / "annotations", BUNDLE / "images")


def test_fractal_noise_is_centred_and_as_large_as_asked():
    rng = np.random.default_rng(0)
    grain = noise.fractal(rng, (300, 400), 20)
    assert abs(grain.mean()) < 0.15
    assert 0.6 < grain.std() < 1.1
    apart = [np.corrcoef(grain[:, :-k].ravel(), grain[:, k:].ravel()) for k in (2, 40)]
    assert apart[0][0, 1] > 0.7
    assert abs(apart[1][0, 1]) < 0.2


def test_noise_tile_repeats_without_a_seam():
    coarse, _ = noise.tile()
    across_seam = np.abs(coarse[:, 0] - coarse[:, -1]).mean()
    inside = np.abs(np.diff(coarse, axis=1)).mean()
    assert across_seam < 1.5 * inside


def test_rays_and_projection_agree(camera):
    depth = 1.7
    points = camera.origin + depth * np.stack(camera.rays(), -1)
    x, y, away = camera.project(points[30, 50])
    assert (x, y, away) == pytest.approx((50.5, 30.5, depth), abs=1e-3)


def test_cropped_and_scaled_cameras_see_the_same_places(camera):
    x, y, _ = camera.project(np.array([0.1, 0.4, 0.2]))
    part = camera.cropped((20, 10, 90, 80)).scaled(2)
    assert (part.width, part.height) == (140, 140)
    in_part = part.project(np.array([0.1, 0.4, 0.2]))[:2]
    assert in_part == pytest.approx((2 * (x - 20), 2 * (y - 10)))


def test_mirrored_camera_sees_the_room_upside_down(camera):
    above, below = np.array([0.2, 0.3, 0.1]), np.array([0.2, -0.3, 0.1])
    assert camera.mirrored().project(above) == pytest.approx(camera.project(below))


SURFACES = {
    "cylinder": ((0.1, 0.3), lambda p: np.hypot(p[:, 0], p[:, 1]) - 0.1),
    "ball": ((0.1, 0.2, 0.15), lambda p: np.hypot.reduce(p / [0.1, 0.2, 0.15], 1) - 1),
    "box": ((0.1, 0.2, 0.15), lambda p: np.abs(p / [0.1, 0.2, 0.15]).max(1) - 1),
    "ring": (
        (0.2, 0.05),
        lambda p: np.hypot(np.hypot(p[:, 0], p[:, 1]) - 0.2, p[:, 2]) - 0.05,
    ),
}


@pytest.mark.parametrize("shape", SURFACES)
def test_rays_meet_the_surface_of_a_shape(camera, shape):
    size, gap = SURFACES[shape]
    part = ScenePart(
        shape, np.array([0, 0.5, 0.2]), frame(np.array([1.0, 0.4, 0.2])), size, STEEL
    )
    depth, owner = raster([part], camera)
    rows, columns = np.nonzero(owner == 0)
    assert len(rows) > 100
    rays = np.stack(camera.rays(), -1)[rows, columns]
    points = camera.origin + rays * depth[rows, columns, None]
    local = (points - part.centre) @ part.frame.T
    # the flat ends of a cylinder lie inside its radius
    on_split = gap(local) > -0.002 if shape == "cylinder" else np.full(len(local), True)
    assert on_split.mean() > 0.7
    assert np.abs(gap(local[on_split])).max() < 0.004
    normals, _ = skin_places([part], owner[rows, columns], points.astype(np.float32))
    assert np.linalg.norm(normals, axis=1) == pytest.approx(1, abs=0.01)
    assert np.mean((normals * rays).sum(1) < 0.1) > 0.99


def test_nearer_part_hides_the_other_and_a_limit_hides_both(camera):
    axis = frame(np.array([1.0, 0.0, 0.0]))
    back = ScenePart("cylinder", np.array([0, 0.5, 0.0]), axis, (0.1, 0.5), STEEL)
    front = ScenePart("cylinder", np.array([0, 0.5, 0.3]), axis, (0.1, 0.5), STEEL)
    depth, owner = raster([front, back], camera)
    assert owner[60, 80] == 0
    assert 1 in owner
    assert depth[owner < 0].min() == FAR
    hidden = np.full((120, 160), 0.5, np.float32)
    assert (raster([front, back], camera, hidden)[1] == -1).all()


def test_drops_fall_as_gravity_says_and_start_with_the_leak():
    rng = np.random.default_rng(1)
    jet = make_jet(
        rng, np.array([0, 1.0, 0]), np.array([0, 0, 1.0]), np.array([1.0, 0, 0])
    )
    first, last, age = jet.fly(0.4)
    seconds = (age * jet.life)[:, None]
    path = jet.start + jet.velocity * seconds - [0, 4.905, 0] * seconds**2
    assert first == pytest.approx(path)
    assert np.linalg.norm(last - first, axis=1).mean() > 0.3 * jet.exposure
    young = jet.fly(0.4, since=0.05)[2]
    assert ((young < 1) == (age * jet.life < 0.05)).all()


def scene_with_water(seed=BUNDLE_SEED, number=0):
    return compose(np.random.default_rng([seed, number]))


def test_boxes_hold_the_water_and_little_else():
    stage = Stage(scene_with_water())
    color, boxes = stage.draw()
    dry = Stage(replace(stage.scene, leaks=[], puddles=[])).draw()
    assert dry[1] == []
    change = np.abs(color - dry[0]).mean(-1) / dry[0].mean()
    inside = np.zeros(change.shape, bool)
    for box in boxes:
        area = np.s_[int(box.ymin) : int(box.ymax), int(box.xmin) : int(box.xmax)]
        inside[area] = True
        # water reaches all four sides
        edges = change[area][[0, -1]].max(1), change[area][:, [0, -1]].max(0)
        assert np.min(edges) > 0.05
    assert {box.name for box in boxes} == {"leak", "puddle"}
    assert change[inside].sum() > 0.8 * change.sum()


def test_same_seed_same_picture():
    one, boxes = dataset.render(5, 3)
    other, same = dataset.render(5, 3)
    assert one.shape == (480, 640, 3)
    assert one.dtype == np.uint8
    assert boxes == same
    assert np.array_equal(one, other)
    assert one.std() > 20


@pytest.mark.parametrize("number", [0, 1])
def test_bundle_can_be_drawn_again(bundle, number):
    image, boxes = dataset.render(BUNDLE_SEED, number)
    stored = bundle[number]
    assert [b.name for b in boxes] == [b.name for b in stored.boxes]
    for one, other in zip(boxes, stored.boxes, strict=True):
        corners = [(b.xmin, b.ymin, b.xmax, b.ymax) for b in (one, other)]
        # another processor rounds otherwise: a pixel more or less
        assert corners[0] == pytest.approx(corners[1], abs=1)
        assert one.truncated == other.truncated
    difference = np.abs(image - np.asarray(Image.open(stored.image)).astype(float))
    assert difference.mean() < 5  # what JPEG of quality 80 takes from sensor noise


def test_bundle_is_complete(bundle):
    assert [a.path.stem for a in bundle] == [f"leak_{k:03d}" for k in range(150)]
    assert all((a.width, a.height, a.depth) == (640, 480, 3) for a in bundle)
    sizes = [path.stat().st_size for path in BUNDLE.rglob("*") if path.is_file()]
    assert sum(sizes) < 8_000_000
    assert read_label_map(BUNDLE / "label_map.pbtxt") == {"leak": 1, "puddle": 2}


def test_bundle_shows_every_case_on_every_side(bundle):
    splits = split_lists.read_splits([BUNDLE / "splits"])
    assert {split: len(stems) for split, stems in splits.items()} == {
        "train": 95,
        "val": 15,
        "test": 40,
    }
    assert len(set().union(*splits.values())) == 150
    boxes = {a.path.stem: a.boxes for a in bundle}
    for stems in splits.values():
        names = Counter(box.name for stem in stems for box in boxes[stem])
        assert min(names["leak"], names["puddle"]) >= 5
        assert any(not boxes[stem] for stem in stems)
    assert sum(box.truncated for a in bundle for box in a.boxes) >= 5


def test_bundled_boxes_are_whole_pixels_inside_the_picture(bundle):
    for box in (box for a in bundle for box in a.boxes):
        corners = np.array([box.xmin, box.ymin, box.xmax, box.ymax])
        assert (corners == corners.round()).all()
        assert (0 <= corners).all() and (corners <= [640, 480, 640, 480]).all()
        assert min(box.xmax - box.xmin, box.ymax - box.ymin) >= 9
        touches = (corners <= 0)[:2].any() or (corners >= [641, 481, 640, 480])[
            2:
        ].any()
        assert box.truncated == touches


def test_command_writes_a_whole_set(tmp_path):
    out, drive = tmp_path / "meine Lecks ü", tmp_path / "custom TF2"
    flags = ("--out", out, "--count", 4, "--seed", 3, "--workers", 1, "--zip", drive)
    done = run_python(ROOT / "tools/make_leaks.py", *flags, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "wrote 4 pictures" in done.stdout
    annotations = voc.read_folder(out / "annotations", out / "images")
    assert all(a.image.is_file() for a in annotations)
    assert read_label_map(out / "label_map.pbtxt") == {"leak": 1, "puddle": 2}
    sizes = {k: len(v) for k, v in split_lists.read_splits([out / "splits"]).items()}
    assert sizes == {"train": 1, "val": 1, "test": 2}
    with zipfile.ZipFile(drive / "images.zip") as file:
        assert file.namelist() == [f"images/leak_00{k}.jpg" for k in range(4)]
        assert file.read("images/leak_000.jpg") == annotations[0].image.read_bytes()
    with zipfile.ZipFile(drive / "annotations.zip") as file:
        assert len(file.namelist()) == 4


def test_other_files_in_the_folder_are_named(tmp_path):
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "leak_007.jpg").touch()
    with pytest.raises(DatasetError, match="1 other file") as error:
        dataset.make_leaks(tmp_path, 4, 1)
    assert "images/leak_007.jpg" in str(error.value)
    assert not (tmp_path / "annotations").exists()


def test_three_scenes_are_no_set(tmp_path):
    with pytest.raises(DatasetError, match="3 scenes are too few"):
        dataset.make_leaks(tmp_path, 3, 1)
    assert not list(tmp_path.iterdir())


def test_video_leaks_from_the_start_on():
    frames = list(leak_frames(BUNDLE_SEED, 0, seconds=0.3, fps=10, start=0.15))
    assert [frame.shape for frame in frames] == [(480, 640, 3)] * 3
    assert not np.array_equal(frames[0], frames[2])
