import io
import os
import pickle
import tarfile
import zipfile

import numpy as np
import pytest
from PIL import Image

from inspection.common.errors import DatasetError, UserError
from inspection.datasets.cifar10 import image_arrays
from inspection.datasets.cifar10.image_sheets import cut_sheet, paste_sheet
from inspection.datasets.fetching.file_tree import iterate_files

RNG = np.random.default_rng(0)


def png(image):
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "PNG")
    return buffer.getvalue()


def sample_image(size=32):
    return RNG.integers(10, 256, (size, size, 3), np.uint8)


def files_of(images):
    """Return {path: PNG bytes} of {(part, class, name): picture}."""
    return {f"{p}/{c}/{n}.png": png(image) for (p, c, n), image in images.items()}


@pytest.fixture
def images():
    parts, names = ("train", "test"), ("dent", "scratch")
    return {(p, c, i): sample_image() for p in parts for c in names for i in range(2)}


def write_folder(root, files):
    for name, data in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return root


def write_zip(path, files):
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def write_tar(path, files):
    with tarfile.open(path, "w:gz" if path.suffix == ".gz" else "w") as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return path


def assert_is(data, images):
    assert data.class_names == ("dent", "scratch")
    assert data.train_labels.tolist() == data.test_labels.tolist() == [0, 0, 1, 1]
    assert np.array_equal(data.train_images[3], images["train", "scratch", 1])
    assert np.array_equal(data.test_images[0], images["test", "dent", 0])


def test_folder_zip_and_tar_are_read_alike(images, tmp_path):
    files = files_of(images)
    inside = {f"my set/ü/{name}": data for name, data in files.items()}
    inside |= {"my set/ü/train/dent/._0.png": b"junk", "__MACOSX/train/a/b.png": b""}
    for source in (
        write_folder(tmp_path / "a folder ü", inside),
        write_zip(tmp_path / "set.zip", inside),
        write_tar(tmp_path / "set.tar", inside),
        write_tar(tmp_path / "set.tar.gz", inside),
    ):
        assert_is(image_arrays.read(source), images)


def test_all_faults_come_at_once(images, tmp_path):
    files = files_of(images)
    files["train/dent/0.png"] = b""
    files["train/dent/1.png"] = files["train/dent/1.png"][:200]
    files["test/scratches/0.png"] = files.pop("test/scratch/0.png")
    files["test/scratches/1.png"] = files.pop("test/scratch/1.png")
    with pytest.raises(DatasetError) as error:
        image_arrays.read(write_zip(tmp_path / "set.zip", files))
    text = str(error.value)
    assert "train/dent/0.png is empty" in text
    assert "train/dent/1.png is no whole picture" in text
    assert "is test/scratches meant?" in text


def test_no_pictures_is_an_error(tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(DatasetError, match="no pictures in train/CLASS/"):
        image_arrays.read(empty)
    with pytest.raises(UserError, match="is not there"):
        image_arrays.read(tmp_path / "nowhere.tar")
    (tmp_path / "notes.txt").write_text("no archive")
    with pytest.raises(UserError, match="neither a folder nor"):
        image_arrays.read(tmp_path / "notes.txt")


def test_a_truncated_archive_is_named(images, tmp_path):
    path = write_tar(tmp_path / "set.tar.gz", files_of(images))
    path.write_bytes(path.read_bytes()[:-4000])
    with pytest.raises(UserError, match="set.tar.gz"):
        image_arrays.read(path)


def test_odd_pictures_become_rgb_of_one_size(tmp_path):
    grey = RNG.integers(0, 256, (48, 64), np.uint8)
    alpha = np.dstack([sample_image(20), np.full((20, 20), 128, np.uint8)])
    files = {
        f"{p}/odd/{i}.png": png(x)
        for p in ("train", "test")
        for i, x in enumerate((grey, alpha))
    }
    data = image_arrays.read(write_folder(tmp_path, files))
    assert data.train_images.shape == (2, 32, 32, 3)
    assert np.ptp(data.train_images[0].astype(int), axis=-1).max() == 0


def batch(count, start):
    rows = RNG.integers(0, 256, (count, 3072), np.uint8)
    return {b"data": rows, b"labels": [(start + i) % 10 for i in range(count)]}


@pytest.fixture
def batches():
    parts = {f"data_batch_{i}": batch(4, i) for i in range(1, 6)}
    parts["test_batch"] = batch(3, 0)
    parts["batches.meta"] = {b"label_names": [c.encode() for c in image_arrays.CLASSES]}
    return parts


def pickled(parts):
    return {f"cifar-10-batches-py/{n}": pickle.dumps(p, 2) for n, p in parts.items()}


def test_python_batches_are_read_from_archive_and_folder(batches, tmp_path):
    files = pickled(batches)
    for source in (
        write_tar(tmp_path / "cifar-10-python.tar.gz", files),
        write_folder(tmp_path / "unpacked", files),
    ):
        data = image_arrays.read(source)
        assert data.train_images.shape == (20, 32, 32, 3)
        assert data.test_labels.tolist() == [0, 1, 2]
        row = batches["data_batch_2"][b"data"][1]
        assert np.array_equal(data.train_images[5, ..., 1].ravel(), row[1024:2048])


class Harmful:
    def __reduce__(self):
        return os.system, ("echo harm",)


def test_a_pickle_that_runs_something_is_refused(batches, tmp_path, capfd):
    batches["data_batch_3"] = {b"data": Harmful(), b"labels": []}
    del batches["data_batch_5"]
    with pytest.raises(DatasetError) as error:
        image_arrays.read(write_tar(tmp_path / "c.tar", pickled(batches)))
    assert "data_batch_3 is no batch" in str(error.value)
    assert "data_batch_5 is missing" in str(error.value)
    assert "harm" not in capfd.readouterr().out


def test_npz_goes_out_and_in(images, tmp_path):
    data = image_arrays.read(write_folder(tmp_path / "set", files_of(images)))
    image_arrays.write_npz(tmp_path / "set.npz", data)
    again = image_arrays.read(tmp_path / "set.npz")
    assert np.array_equal(again.train_images, data.train_images)
    assert np.array_equal(again.test_labels, data.test_labels)


def test_npz_faults_are_named(tmp_path):
    path = tmp_path / "set.npz"
    np.savez(path, x_train=np.zeros((2, 32, 32, 3)), y_train=[0, 12])
    with pytest.raises(DatasetError, match="no array y_test"):
        image_arrays.read(path)
    whole = np.zeros((2, 32, 32, 3), np.uint8)
    np.savez(path, x_train=whole, y_train=[0, 12], x_test=whole / 1, y_test=[1])
    with pytest.raises(DatasetError) as error:
        image_arrays.read(path)
    text = str(error.value)
    assert "labels [12]" in text and "float64" in text and "but 1 labels" in text
    path.write_bytes(path.read_bytes()[:300])
    with pytest.raises(DatasetError, match="no whole .npz"):
        image_arrays.read(path)


def test_sheets_go_out_and_in():
    images = RNG.integers(20, 256, (7, 32, 32, 3), np.uint8)
    sheet = paste_sheet(images, 3)
    assert sheet.shape == (96, 96, 3)
    assert np.array_equal(cut_sheet(sheet, 32), images)
    with pytest.raises(ValueError, match="96x90"):
        cut_sheet(sheet[:90], 32)


def test_noise_behind_the_last_image_of_a_sheet_is_none():
    images = np.full((3, 32, 32, 3), 9, np.uint8)  # darker than any photograph
    sheet = paste_sheet(images, 2)
    sheet[32:, 32:] = 8  # what JPEG makes of black
    assert len(cut_sheet(sheet, 32)) == 3


def test_copies_in_both_parts_are_found(images, tmp_path):
    images["test", "scratch", 1] = images["train", "dent", 0]
    data = image_arrays.read(write_folder(tmp_path, files_of(images)))
    assert image_arrays.shared_images(data) == [3]


def test_thinning_keeps_every_class_and_the_test_part(images, tmp_path):
    data = image_arrays.read(write_folder(tmp_path, files_of(images)))
    thin = image_arrays.subsample(data, 1)
    assert thin.train_labels.tolist() == [0, 1]
    assert len(thin.test_labels) == 4


def test_files_of_a_folder_come_in_order(tmp_path):
    write_folder(tmp_path, {"b/2.txt": b"2", "a/1.txt": b"1", ".git/x": b""})
    assert list(iterate_files(tmp_path)) == [("a/1.txt", b"1"), ("b/2.txt", b"2")]


def test_the_real_copy(shared_data):
    data = image_arrays.read(shared_data / "cifar10_jpeg.tar")
    assert image_arrays.size_text(data) == (
        "15,000 training pictures and 3,000 test pictures of 10 classes"
    )
    assert data.class_names == image_arrays.CLASSES
    assert np.bincount(data.test_labels).tolist() == [300] * 10
    assert image_arrays.shared_images(data) == []
