"""Archives of the public sets and of the zoo, in their true layouts, from few pictures.

Pictures are those of the shared data where they are, else those of the repository.
"""

import pickle
import tarfile
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np

from helpers import ROOT
from helpers.sets import stand_ins
from inspection.datasets import voc
from inspection.datasets.cifar10 import image_arrays
from inspection.datasets.images import image_file
from inspection.datasets.splitting.split_lists import read_splits

SHARED = ROOT.parent / "shared" / "data"
CELLS = {"leak": "RBC", "puddle": "WBC"}
PARTS = {"train": 16, "val": 6, "test": 6}
CROPS = 28  # of each class
PHOTOS = {"train": 20, "test": 8}
BATCH = 10_000  # pictures in a file of CIFAR-10


def cell_files(folder):
    """Return {name: bytes} as BCCD has them, of blood cells or of leaks renamed."""
    top = SHARED / "bccd" if (SHARED / "bccd").is_dir() else ROOT / "data/leaks"
    lists = read_splits([top / "splits"])
    files, chosen = dict(stand_ins.MORE), {p: lists[p][:n] for p, n in PARTS.items()}
    known = {
        a.path.stem: a for a in voc.read_folder(top / "annotations", top / "images")
    }
    for stem in sum(chosen.values(), []):
        one = known[stem]
        boxes = [replace_name(box) for box in one.boxes]
        path = folder / f"{stem}.xml"
        voc.write_annotation(stand_ins.replace(one, boxes=tuple(boxes)), path)
        files[f"BCCD/Annotations/{stem}.xml"] = path.read_bytes()
        files[f"BCCD/JPEGImages/{one.image.name}"] = one.image.read_bytes()
    chosen["trainval"] = chosen["train"] + chosen["val"]
    for part, stems in chosen.items():
        text = "".join(f"{stem}\n" for stem in stems)
        files[f"BCCD/ImageSets/Main/{part}.txt"] = text.encode()
    return files


def replace_name(box):
    """Return a box with the class that BCCD has in place of ours."""
    return stand_ins.replace(box, name=CELLS.get(box.name, box.name))


def crop_files():
    """Return {name: bytes} of crops in the two folders of the METU set."""
    top = SHARED / "concrete_cracks"
    folders = {name: top / name for name in ("Negative", "Positive")}
    if not top.is_dir():
        ours = ROOT / "data/cracks/concrete"
        folders = {"Negative": ours / "clean", "Positive": ours / "crack"}
    return {
        f"{name}/{path.stem}.jpg": path.read_bytes()
        for name, folder in folders.items()
        for path in sorted(folder.iterdir())[:CROPS]
    }


def corrosion_files():
    """Return {name: bytes} of pictures with outlines, some photographs in two copies."""
    top = SHARED / "rust_masks"
    top = top if top.is_dir() else ROOT / "data/rust"
    paths = iter(sorted((top / "images").iterdir()))
    files = {"data.yaml": b"nc: 1\nnames: ['Corrosion']\n"}
    for part, count in PHOTOS.items():
        for n in range(count):
            path = next(paths)
            mask = image_file.read_rgb(top / "masks" / f"{path.stem}.png")[..., 0]
            rows = outline_rows(mask > 0).encode()
            for copy in range(1 + n % 2):
                stem = f"{path.stem}_jpg.rf.{copy:032x}"
                files[f"{part}/images/{stem}.jpg"] = path.read_bytes()
                files[f"{part}/labels/{stem}.txt"] = rows
    return files


def outline_rows(mask):
    """Return the rows of a YOLO label file for the regions of a mask."""
    found, _ = cv2.findContours(
        mask.astype("uint8"), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE
    )
    size = mask.shape[::-1]
    rings = [ring[:, 0] / size for ring in found if len(ring) > 2]
    return "".join(
        f"0 {' '.join(f'{value:.6f}' for value in ring.ravel())}\n" for ring in rings
    )


def cifar_archive(path):
    """Write cifar-10-python.tar.gz with batches of 10,000, of fewer pictures repeated."""
    source = SHARED / "cifar10_jpeg.tar"
    data = image_arrays.read(
        source if source.is_file() else ROOT / "data/cifar10_standin"
    )
    order = [data.class_names.index(name) for name in sorted(data.class_names)]
    rank, rng = np.argsort(order), np.random.default_rng(0)
    parts = {
        f"data_batch_{n}": (data.train_images, data.train_labels) for n in range(1, 6)
    }
    parts["test_batch"] = (data.test_images, data.test_labels)
    with tarfile.open(
        path, "w"
    ) as archive:  # packed in no time; tarfile reads it alike
        for name, (images, labels) in parts.items():
            chosen = rng.integers(0, len(images), BATCH)
            rows = images[chosen].transpose(0, 3, 1, 2).reshape(BATCH, -1)
            batch = {b"data": rows, b"labels": rank[labels[chosen]].tolist()}
            add(archive, f"cifar-10-batches-py/{name}", pickle.dumps(batch))
        add(
            archive,
            "cifar-10-batches-py/batches.meta",
            pickle.dumps({b"label_names": []}),
        )
    return path


def add(archive, name, data):
    """Add a file to a tar."""
    member = tarfile.TarInfo(name)
    member.size = len(data)
    archive.addfile(member, BytesIO(data))


def set_archives(folder):
    """Return ({archive: bytes}, {name: changes of its entry}) of the public sets."""
    crops = crop_files()
    made = {
        "bccd": (cell_files(folder), None),
        "metu_cracks": (crops, b"Rar!" + stand_ins.zipped(crops)),
        "corrosion": (corrosion_files(), None),
    }
    archives, changes = {}, {}
    for name, (files, data) in made.items():
        data = data or stand_ins.tar_gz(files)
        entry = stand_ins.entry_for(name, files, data)
        archives[entry.archive] = data
        changes[name] = {"files": entry.files, "sha256": entry.sha256}
    changes["metu_cracks"]["photographs"] = 2 * CROPS // 4
    return archives, changes


def zoo_archive(name, folder) -> Path:
    """Write the archive of a model of the zoo: the shared one, or with random weights."""
    model = SHARED / "odapi_reference" / name
    if not model.is_dir():
        model = make_model(name, folder / name)
    path = folder / f"{name}.tar.gz"
    with tarfile.open(path, "w:gz", compresslevel=1) as archive:
        archive.add(model, name)
    return path


def make_model(name, folder):
    """Write the checkpoint and pipeline.config of a model of the zoo, weights at random."""
    from inspection.detection.config import base_configs
    from inspection.detection.model import checkpoint, zoo
    from inspection.detection.model.network import build_network

    config = base_configs.read(zoo.MODELS[name].base)
    config.set("model.ssd.num_classes", 90)
    (folder / "checkpoint").mkdir(parents=True)
    checkpoint.write(build_network(config.model), folder / "checkpoint/ckpt-0")
    config.write(folder / "pipeline.config")
    return folder
