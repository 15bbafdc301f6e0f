"""The crack generator: what it writes, and that its labels are true."""

import numpy as np
import pytest
from PIL import Image

from inspection.common.errors import DatasetError
from inspection.datasets.splitting.sources import source_name
from inspection.synthetic.cracks import dataset, marks, paths
from inspection.synthetic.cracks.kinds import KINDS, draw_kinds
from inspection.synthetic.cracks.surface import SURFACES
from inspection.synthetic.cracks.wall import Wall, cut_tiles, draw_wall


def test_a_set_is_half_cracked(tmp_path):
    counts = dataset.make_cracks(tmp_path / "a", 9, seed=4)
    assert counts == {"clean": 5, "crack": 4}
    for name, count in counts.items():
        files = sorted((tmp_path / "a" / name).iterdir())
        assert len(files) == count
        assert {Image.open(path).size for path in files} == {(128, 128)}
        assert all(source_name(p.stem, dataset.SOURCE)[:5] == "wall_" for p in files)


def test_the_bundled_set_is_drawn_again_byte_by_byte(tmp_path, request):
    bundled = request.config.rootpath / "data/cracks/concrete"
    dataset.make_cracks(tmp_path / "a", 6, seed=1)
    drawn = sorted((tmp_path / "a").rglob("*.jpg"))
    pixels = [
        np.abs(
            np.asarray(Image.open(path), int)
            - np.asarray(Image.open(bundled / path.relative_to(tmp_path / "a")), int)
        ).mean()
        for path in drawn
    ]
    # other processors round otherwise, by a grey value here and there
    assert len(drawn) == 6 and max(pixels) < 1


def test_all_tiles_of_the_bundled_set_are_there(request):
    folder = request.config.rootpath / "data/cracks"
    counts = {
        part: len(list((folder / part).glob("*.jpg")))
        for part in ("concrete/clean", "concrete/crack", "other/clean", "other/crack")
    }
    assert list(counts.values()) == [150, 150, 50, 50]
    assert sum(path.stat().st_size for path in folder.rglob("*")) < 4e6


@pytest.mark.parametrize("surface", SURFACES)
def test_a_crack_is_darker_than_its_wall(surface):
    for seed in range(3):
        wall = draw_wall(np.random.default_rng(seed), 128, surface, 1, [])
        grey = wall.image.mean(axis=-1)
        assert grey[wall.mask].mean() < 0.85 * np.median(grey)


def test_tiles_that_a_crack_only_touches_are_left_out():
    def wall_with(path):
        line = paths.Line(paths.every_pixel(np.array(path, float)), None)
        return Wall(np.zeros((200, 200, 3), np.uint8), (line,))

    through = cut_tiles(wall_with([(0, 50), (200, 50)]), 100)
    assert [cracked for _, cracked in through] == [True, True, False, False]
    touched = cut_tiles(wall_with([(0, 50), (110, 50)]), 100)
    assert [cracked for _, cracked in touched] == [True, False, False]
    beside = cut_tiles(wall_with([(0, 98), (200, 98)]), 100)
    assert [cracked for _, cracked in beside] == [True, True]


@pytest.mark.parametrize("mark", marks.CLEAN_MARKS)
def test_every_mark_can_be_seen(mark):
    changes = []
    for seed in range(4):
        rng = np.random.default_rng(seed)
        light = np.full((64, 64, 3), 0.5, np.float32)
        changed = mark(rng, light.copy(), np.array([0.6, 0.8], np.float32))
        changes.append(np.abs(changed - light).max())
    assert np.median(changes) > 0.05


def test_a_crack_is_rougher_than_a_cable():
    def bends(line):
        along = np.diff(line.path[::3], axis=0)
        return np.abs(np.diff(np.unwrap(np.arctan2(along[:, 1], along[:, 0])))).mean()

    for seed in range(5):
        rng = np.random.default_rng(seed)
        trunk = paths.grow_crack(rng, 200, 2)[0]
        assert bends(trunk) > 3 * bends(paths.hang_wire(rng, 200, 2))


def test_kinds_are_mixed():
    images, labels = draw_kinds(40, 5, 32)
    assert images.shape == (40, 32, 32, 3) and images.dtype == np.uint8
    assert KINDS == ("joint", "wire", "scratch", "stain", "shadow", "crack")
    assert labels[:, -1].tolist() == [0, 1] * 20
    assert np.all((labels.mean(axis=0) > 0.1) & (labels.mean(axis=0) < 0.6))


def test_what_cannot_be_drawn_is_refused(tmp_path):
    with pytest.raises(DatasetError, match="no surface wood; there are: concrete"):
        dataset.make_cracks(tmp_path / "a", 4, 0, ("wood",))
    with pytest.raises(DatasetError, match="too few"):
        dataset.make_cracks(tmp_path / "a", 1, 0)
    (tmp_path / "note.txt").write_text("mine")
    with pytest.raises(DatasetError, match="is not empty"):
        dataset.make_cracks(tmp_path, 4, 0)


def test_a_slab_tells_where_its_crack_is(tmp_path):
    mask = dataset.write_slab(tmp_path / "slab.jpg", 1, 160)
    assert mask.shape == (160, 160) and 0.001 < mask.mean() < 0.2
