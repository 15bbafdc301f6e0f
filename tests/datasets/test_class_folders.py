"""Folders of classes: what is read, what is refused, how it is split."""

import numpy as np
import pytest
from PIL import Image
from scipy.cluster.hierarchy import linkage

from inspection.common import notices
from inspection.common.errors import DatasetError
from inspection.datasets.class_folders import read_class_folders
from inspection.datasets.splitting import class_split, surfaces


def sample_image(seed, size=(40, 30)):
    noise = np.random.default_rng(seed).integers(0, 255, (6, 8, 3), np.uint8)
    return Image.fromarray(noise).resize(size, Image.Resampling.BICUBIC)


def fill(folder, counts, start=0):
    """Write so many pictures, all different, into a folder for each class."""
    seed = start
    for name, count in counts.items():
        (folder / name).mkdir(parents=True)
        for number in range(count):
            sample_image(seed).save(folder / name / f"{number:03d}.png")
            seed += 1
    return folder


@pytest.fixture
def folder(tmp_path):
    return fill(tmp_path / "my set ü", {"clean": 12, "crack": 10})


def test_labels_follow_the_folders(folder):
    found = read_class_folders(folder)
    assert found.class_names == ("clean", "crack")
    assert found.counts() == {"clean": 12, "crack": 10}
    assert found.names()[-1] == "crack/009.png"
    assert {p.parent.name for p, k in zip(found.paths, found.labels) if k} == {"crack"}


def test_the_order_of_the_classes_can_be_given(folder):
    found = read_class_folders(folder, ["crack", "clean"])
    assert found.counts() == {"crack": 10, "clean": 12}


def test_all_faults_are_told_at_once(folder):
    good = (folder / "clean/000.png").read_bytes()
    (folder / "crack/copy.png").write_bytes(good)
    (folder / "crack/cut.png").write_bytes(good[: len(good) // 2])
    (folder / "crack/text.jpg").write_text("no picture")
    with pytest.raises(DatasetError) as caught:
        read_class_folders(folder)
    told = str(caught.value)
    assert "3 things to mend first" in told
    assert "clean/000.png: is in two classes: crack/copy.png" in told
    assert "crack/cut.png" in told and "crack/text.jpg" in told


def test_what_macos_leaves_is_not_read(folder):
    (folder / "crack/._000.png").write_bytes(b"\0\5\26\7")
    (folder / "crack/Thumbs.db").write_bytes(b"")
    found = read_class_folders(folder)
    assert found.counts()["crack"] == 10
    assert found.notes[0] == "crack/._000.png: left by macOS, not read"


def test_folders_below_a_class_belong_to_it(folder):
    fill(folder / "crack", {"site2": 3}, 300)
    fill(folder / "crack/site2", {"old/deep": 2}, 400)
    (folder / "crack/site2/again").symlink_to(folder / "crack")
    found = read_class_folders(folder)
    assert found.counts() == {"clean": 12, "crack": 15}
    assert found.names()[-1] == "crack/site2/old/deep/001.png"
    assert "crack/site2/: 3 of the class, read" in found.notes
    assert "crack/site2/old/deep/: 2 of the class, read" in found.notes


def test_a_split_inside_a_class_is_refused(folder):
    fill(folder / "crack", {"train": 3, "Valid": 1}, 300)
    with pytest.raises(DatasetError, match="crack/Valid: is a part of a split inside"):
        read_class_folders(folder)


def test_an_uneven_set_is_warned_of(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(notices, "_said", set())
    even = read_class_folders(fill(tmp_path / "even", {"clean": 40, "crack": 40}))
    class_split.split_images(even)
    assert capsys.readouterr().err == ""
    rare = read_class_folders(fill(tmp_path / "rare", {"clean": 80, "crack": 4}, 500))
    class_split.split_images(rare)
    said = capsys.readouterr().err
    assert "80 pictures of clean, 4 of crack" in said
    assert "test holds 1 picture of crack" in said


def test_bytes_count_and_not_the_extension(folder):
    sample_image(99).save(folder / "crack/wrong.jpg", "PNG")
    found = read_class_folders(folder)
    assert found.counts()["crack"] == 11
    assert found.notes == ("crack/wrong.jpg: is a PNG, read as such",)


def test_turned_pictures_are_noted_upright(folder):
    exif = Image.Exif()
    exif[0x0112] = 6
    sample_image(98).save(folder / "crack/turned.jpg", exif=exif)
    found = read_class_folders(folder)
    turned = folder / "crack/turned.jpg"
    assert found.facts[turned].header.size == (30, 40)
    assert found.notes == ("crack/turned.jpg: turned upright (EXIF)",)


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["clean"], "crack: is a folder, but no class"),
        (["clean", "Crack"], "Crack: is no folder; there are: clean, crack"),
        (["clean", "crack", "crack"], "classes: clean, crack, crack"),
    ],
)
def test_classes_that_do_not_fit_are_refused(folder, names, message):
    with pytest.raises(DatasetError, match=message):
        read_class_folders(folder, names)


def test_an_empty_class_is_refused(folder):
    (folder / "stain").mkdir()
    with pytest.raises(DatasetError, match="stain: holds 0 pictures"):
        read_class_folders(folder)


def test_one_class_or_none_is_refused(tmp_path):
    with pytest.raises(DatasetError, match="classes: none"):
        read_class_folders(tmp_path)
    with pytest.raises(DatasetError, match="classes: only"):
        read_class_folders(fill(tmp_path / "one", {"only": 2}))


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(DatasetError, match="nowhere is no folder; looked from"):
        read_class_folders(tmp_path / "nowhere")


@pytest.fixture
def parted(tmp_path):
    fill(tmp_path / "set/train", {"clean": 12, "crack": 12})
    fill(tmp_path / "set/Validation", {"clean": 3, "crack": 3}, 100)
    fill(tmp_path / "set/test", {"clean": 4, "crack": 4}, 200)
    return tmp_path / "set"


def test_a_split_by_folders_is_kept(parted):
    found = read_class_folders(parted)
    splits = class_split.split_images(found)
    assert {split: len(rows) for split, rows in splits.items()} == {
        "train": 24,
        "val": 6,
        "test": 8,
    }
    names = {split: found.names(rows)[0] for split, rows in splits.items()}
    assert names["val"] == "Validation/clean/000.png"


def test_copies_on_two_sides_are_refused(parted):
    same = (parted / "train/crack/003.png").read_bytes()
    (parted / "test/crack/again.png").write_bytes(same)
    message = "train/crack/003.png: is on two sides of the split: test/crack/again.png"
    with pytest.raises(DatasetError, match=message):
        read_class_folders(parted)


def test_what_a_split_lacks_is_taken_from_train(tmp_path):
    fill(tmp_path / "train", {"clean": 20, "crack": 20})
    fill(tmp_path / "test", {"clean": 4, "crack": 4}, 200)
    found = read_class_folders(tmp_path)
    splits = class_split.split_images(found, {"val": 0.25, "test": 0.1})
    assert {k: len(v) for k, v in splits.items()} == {"train": 30, "val": 10, "test": 8}
    assert not set(splits["train"]) & set(splits["val"])
    assert all(name.startswith("test/") for name in found.names(splits["test"]))


def test_tiles_of_one_wall_stay_together(tmp_path):
    for name in ("clean", "crack"):
        (tmp_path / name).mkdir()
        for number in range(40):
            stem = f"{name}_{number // 4}_tile_{number % 4}"
            sample_image(number + 100 * (name == "crack")).save(
                tmp_path / name / f"{stem}.png"
            )
    found = read_class_folders(tmp_path)
    splits = class_split.split_images(found, pattern="(.+)_tile")
    walls = [{n.split("_tile")[0] for n in found.names(i)} for i in splits.values()]
    assert sum(map(len, walls)) == len(set.union(*walls)) == 20
    again = class_split.split_images(found, pattern="(.+)_tile")
    assert all(np.array_equal(splits[split], again[split]) for split in splits)
    other = class_split.split_images(found, pattern="(.+)_tile", seed=1)
    assert any(not np.array_equal(splits[split], other[split]) for split in splits)


def test_like_surfaces_are_grouped():
    rng = np.random.default_rng(0)
    walls = [(200, 190, 180), (120, 120, 125), (90, 100, 80)]
    crops = [
        np.clip(rng.normal(wall, 3 + k, (50, 50, 3)), 0, 255).astype(np.uint8)
        for k, wall in enumerate(walls * 4)
    ]
    crops[0][20:24] = 10  # a crack does not make it another wall
    for k in range(12):
        crops[k] = np.clip(rng.normal(walls[k % 3], 4, (50, 50, 3)), 0, 255)
    crops[0][20:24] = 10
    rows = np.stack([surfaces.surface_features(crop) for crop in crops])
    groups = surfaces.group_surfaces(rows, 3)
    assert sorted(groups) == [[0, 3, 6, 9], [1, 4, 7, 10], [2, 5, 8, 11]]


def test_surfaces_of_very_many_crops_are_grouped_alike(monkeypatch):
    """With 40,000 crops not all pairs can be compared: they would take 6 GB."""
    rng = np.random.default_rng(0)
    walls = 20 * rng.permutation(80).reshape(20, 4)
    of_wall = rng.integers(0, 20, 1500)
    rows = walls[of_wall] + rng.normal(0, 1, (1500, 4))
    whole = surfaces.group_surfaces(rows, 20)
    monkeypatch.setattr(surfaces, "MOST_COMPARED", 400)
    asked = []
    monkeypatch.setattr(
        surfaces, "linkage", lambda x, way: asked.append(len(x)) or linkage(x, way)
    )
    assert sorted(surfaces.group_surfaces(rows, 20)) == sorted(whole)
    assert max(asked) <= 200
    assert all(len(set(of_wall[group])) == 1 for group in whole)


def test_the_split_is_written_down(folder, tmp_path):
    found = read_class_folders(folder)
    groups = class_split.find_groups(found)
    splits = class_split.split_groups(found, groups)
    path = class_split.write_split(found, splits, groups, tmp_path / "split.csv")
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines[0] == "image,class,split,group"
    assert len(lines) == 23
    assert sum(",test," in line for line in lines) == len(splits["test"])


def test_too_few_pictures_are_refused(tmp_path):
    fill(tmp_path, {"clean": 20, "crack": 1})
    with pytest.raises(DatasetError, match="holds no crack"):
        class_split.split_images(read_class_folders(tmp_path))


def test_real_sets_are_read(shared_data):
    found = read_class_folders(shared_data / "pavement_cracks")
    assert found.counts() == {"negative": 500, "positive": 500}
    assert any("turned upright" in note for note in found.notes)
