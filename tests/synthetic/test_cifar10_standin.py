import numpy as np
import pytest
from sklearn.linear_model import RidgeClassifier

from helpers.commands import run_python
from inspection.common.errors import DatasetError
from inspection.datasets.cifar10 import image_arrays
from inspection.datasets.cifar10.image_arrays import CLASSES
from inspection.synthetic.pictograms import dataset as pictograms

BUNDLED = "data/cifar10_standin"


@pytest.fixture(scope="module")
def bundled(request):
    return image_arrays.read(request.config.rootpath / BUNDLED)


def test_bundled_set_is_whole_and_small(bundled, request):
    assert bundled.class_names == CLASSES
    assert np.bincount(bundled.train_labels).tolist() == [500] * 10
    assert np.bincount(bundled.test_labels).tolist() == [100] * 10
    assert image_arrays.shared_images(bundled) == []
    files = (request.config.rootpath / BUNDLED).rglob("*.jpg")
    assert sum(path.stat().st_size for path in files) < 6e6


def test_bundled_set_is_what_its_command_draws(bundled):
    for place, part, name, number in (
        (2, "train", "airplane", 2),
        (901, "test", "truck", 1),
    ):
        drawn = pictograms.draw(name, 1, part, number)
        stored = bundled.part(part)[0][place].astype(float)
        assert np.abs(stored - drawn).mean() < 10  # JPEG


def test_same_seed_same_picture_and_parts_differ():
    first = pictograms.draw("cat", 3, "train", 0)
    assert np.array_equal(first, pictograms.draw("cat", 3, "train", 0))
    for other in (
        ("cat", 3, "test", 0),
        ("cat", 4, "train", 0),
        ("dog", 3, "train", 0),
    ):
        assert not np.array_equal(first, pictograms.draw(*other))


@pytest.mark.parametrize("name", CLASSES)
def test_thing_stands_out_in_its_picture(name):
    """With and without the pictogram, the same scene differs in a fair part."""
    from inspection.synthetic.pictograms.scene import draw_image

    shares = []
    for seed in range(8):
        parts = pictograms.DRAW[name](np.random.default_rng(seed))
        with_it = draw_image(parts, np.random.default_rng(seed)).astype(int)
        without = draw_image([], np.random.default_rng(seed)).astype(int)
        shares.append((np.abs(with_it - without).max(axis=-1) > 30).mean())
    assert 0.05 < np.median(shares) < 0.6


def test_pixels_alone_do_not_tell_the_class(bundled):
    pixels = [
        x[:, ::2, ::2].reshape(len(x), -1) / 255
        for x in (bundled.train_images, bundled.test_images)
    ]
    linear = RidgeClassifier(1000).fit(pixels[0], bundled.train_labels)
    assert linear.score(pixels[1], bundled.test_labels) < 0.3


def test_colours_and_light_are_the_same_for_all_classes(bundled):
    means = [bundled.train_images[bundled.train_labels == c].mean() for c in range(10)]
    assert np.ptp(means) < 12


def test_command_writes_sheets_and_arrays(tmp_path, request):
    script = request.config.rootpath / "tools/make_cifar10_standin.py"
    flags = ["--out", "a ü", "--train", "3", "--test", "2", "--npz", "set.npz"]
    done = run_python(script, *flags, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "30 training pictures and 20 test pictures of 10 classes" in done.stdout
    sheets, arrays = (image_arrays.read(tmp_path / n) for n in ("a ü", "set.npz"))
    assert np.array_equal(sheets.test_labels, arrays.test_labels)
    gap = sheets.train_images.astype(float) - arrays.train_images
    assert np.abs(gap).mean() < 10


def test_other_pictures_in_the_folder_are_not_overwritten(tmp_path):
    (tmp_path / "train").mkdir()
    (tmp_path / "train/mine.jpg").write_bytes(b"mine")
    data = pictograms.draw_set({"train": 1, "test": 1}, 0)
    with pytest.raises(DatasetError, match="mine.jpg"):
        pictograms.write_sheets(tmp_path, data)
