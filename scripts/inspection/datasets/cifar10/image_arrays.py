"""CIFAR-10 and sets in its shape: small colour pictures, one class each, two parts.

`read` takes what people have: the original's python batches (cifar-10-python.tar.gz or
its folder), an .npz with the arrays of Keras, or pictures in train/CLASS/ and
test/CLASS/, as a folder, .tar or .zip. data/cifar10_standin is drawn and bundled.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from inspection.common.array_files import read_npz
from inspection.common.errors import DatasetError
from inspection.common.text import plural
from inspection.datasets.cifar10 import image_sheets, pickled_batches
from inspection.datasets.fetching.file_tree import iterate_files

CLASSES = (
    "airplane",
    "automobile",
    "bird",
    "cat",
    "deer",
    "dog",
    "frog",
    "horse",
    "ship",
    "truck",
)
SIZE = 32  # pixels of a side
PARTS = ("train", "test")


@dataclass(frozen=True)
class ImageArrays:
    """Two parts of pictures, uint8 RGB [N, size, size, 3], with class ids, int32 [N]."""

    train_images: np.ndarray
    train_labels: np.ndarray
    test_images: np.ndarray
    test_labels: np.ndarray
    class_names: tuple[str, ...] = CLASSES

    def part(self, name):
        """Return (images, labels) of "train" or "test"."""
        return getattr(self, f"{name}_images"), getattr(self, f"{name}_labels")


def read(path, size=SIZE) -> ImageArrays:
    """Read a set from wherever it lies; pictures of another size are scaled to `size`.

    Raises DatasetError, once, with every fault that was found: broken pictures, parts
    and classes that are missing, labels out of range.
    """
    path = Path(path)
    if path.suffix == ".npz":
        return checked(path, _read_npz(path), CLASSES)
    batches, images = {}, image_sheets.Collector(size)
    for name, data in iterate_files(path):
        if pickled_batches.is_batch(name):
            batches[Path(name).name] = data
        else:
            images.add(name, data)
    if batches:
        return checked(path, *pickled_batches.read_batches(path, batches))
    return checked(path, *images.finish(path))


def checked(path, arrays, class_names) -> ImageArrays:
    """Return arrays as a set, or raise DatasetError where they do not fit together."""
    faults = [f for part in PARTS for f in _faults(part, *arrays[part], class_names)]
    if faults:
        raise DatasetError(f"{path} is no set of labelled pictures", faults)
    flat = [
        array
        for part in PARTS
        for array in (arrays[part][0], np.ravel(arrays[part][1]).astype(np.int32))
    ]
    return ImageArrays(*flat, tuple(class_names))


def _faults(part, images, labels, class_names):
    """Yield what is wrong with the arrays of a part."""
    if len(images) == 0:
        yield f"{part}: no pictures"
        return
    if images.dtype != np.uint8 or images.ndim != 4 or images.shape[-1] != 3:
        yield (
            f"{part}: pictures are {images.dtype} {list(images.shape)}, not uint8 "
            "[N, height, width, 3]"
        )
    if len(images) != np.size(labels):
        yield f"{part}: {len(images):,} pictures, but {np.size(labels):,} labels"
    beyond = np.setdiff1d(labels, np.arange(len(class_names)))
    if len(beyond):
        yield (
            f"{part}: labels {beyond[:5].tolist()} name none of the "
            f"{len(class_names)} classes 0 to {len(class_names) - 1}"
        )


def _read_npz(path):
    file = read_npz(path)
    keys = [f"{kind}_{part}" for part in PARTS for kind in "xy"]
    absent = [f"no array {key}" for key in keys if key not in file]
    if absent:
        raise DatasetError(f"{path} holds {', '.join(file) or 'none'}", absent)
    return {part: (file[f"x_{part}"], file[f"y_{part}"]) for part in PARTS}


def write_npz(path, data: ImageArrays):
    """Write a set as an .npz with the arrays' names of keras.datasets."""
    from inspection.common.atomic_files import atomic_write

    arrays = {}
    for part in PARTS:
        arrays[f"x_{part}"], arrays[f"y_{part}"] = data.part(part)
    with atomic_write(path) as temporary, open(temporary, "wb") as file:
        np.savez_compressed(file, **arrays)


def shared_images(data: ImageArrays):
    """Return the indices of test pictures that are, pixel by pixel, in train too."""
    known = {image.tobytes() for image in data.train_images}
    return [i for i, image in enumerate(data.test_images) if image.tobytes() in known]


def subsample(data: ImageArrays, per_class, seed=0) -> ImageArrays:
    """Return a set with at most `per_class` training pictures of each class."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(data.train_labels))
    classes = range(len(data.class_names))
    kept = [order[data.train_labels[order] == c][:per_class] for c in classes]
    chosen = np.sort(np.concatenate(kept))
    return ImageArrays(
        data.train_images[chosen],
        data.train_labels[chosen],
        data.test_images,
        data.test_labels,
        data.class_names,
    )


def size_text(data: ImageArrays):
    """Say in one line how many pictures of how many classes there are."""
    train, test = len(data.train_labels), len(data.test_labels)
    return (
        f"{plural(train, 'training picture')} and {plural(test, 'test picture')} of "
        f"{plural(len(data.class_names), 'class')}"
    )
