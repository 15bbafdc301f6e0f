"""Archives in the true layouts of the public sets, from pictures that are given.

Hosts of Git put everything into one folder, and more into it than is wanted.
"""

import io
import tarfile
import zipfile
from dataclasses import replace

from helpers.images import encode, painted, sample_image
from helpers.sets.voc_sets import BOXES, SIZE
from inspection.datasets import voc
from inspection.datasets.fetching.public import contents
from inspection.datasets.fetching.public.entries import SETS

TOP = "a-repository-1234567"
MORE = {
    "README.md": b"# A repository\n",
    "LICENSE": b"MIT\n",
    "example.jpg": b"no part",
}


def tar_gz(files, top=TOP):
    """Return the bytes of a .tar.gz of files, {name: bytes}, in one folder."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz", compresslevel=1) as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(f"{top}/{name}")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return stream.getvalue()


def zipped(files):
    """Return the bytes of a .zip of files, {name: bytes}."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return stream.getvalue()


def picture(seed):
    """Return the bytes of a small JPEG."""
    return encode(sample_image(seed), "JPEG")


def voc_files(folder, count=12):
    """Return {name: bytes} of pictures, annotations and lists as BCCD has them."""
    files, stems = {}, [f"BloodImage_{n:05}" for n in range(count)]
    for n, stem in enumerate(stems):
        path, image = folder / f"{stem}.xml", folder / f"{stem}.jpg"
        image.write_bytes(picture(n))
        boxes = tuple(replace(box, name="RBC") for box in BOXES)
        voc.write_annotation(
            voc.Annotation(path, image, *SIZE, boxes, 3, image.name), path
        )
        files[f"BCCD/JPEGImages/{stem}.jpg"] = image.read_bytes()
        files[f"BCCD/Annotations/{stem}.xml"] = path.read_bytes()
    parts = {"test": stems[:3], "val": stems[3:6], "train": stems[6:]}
    parts["trainval"] = stems[3:]
    for part, names in parts.items():
        text = "".join(f"{name}\n" for name in names)
        files[f"BCCD/ImageSets/Main/{part}.txt"] = text.encode()
    return MORE | files


def class_files(count=6):
    """Return {name: bytes} of crops in two folders, as the METU set has them."""
    return {
        f"{name}/{n:05}.jpg": picture(20 * k + n)
        for k, name in enumerate(("Negative", "Positive"))
        for n in range(1, count + 1)
    }


SQUARE = "0 .25 .25 .75 .25 .75 .75 .25 .75\n"


def outline_files(copies):
    """Return {name: bytes} of pictures with outlines; copies: {part: {photo: number}}."""
    yaml = (
        b"train: C:\\somewhere\\train\nval: C:\\somewhere\\test\nnames: ['Corrosion']\n"
    )
    files = {"data.yaml": yaml, "runs/segment/train_batch0.jpg": b"no part"}
    for part, photos in copies.items():
        for photo, number in photos.items():
            for n in range(number):
                stem = f"{photo}_jpg.rf.{n:032x}"
                seed = int.from_bytes(photo.encode()[-3:]) + n
                files[f"{part}/images/{stem}.jpg"] = picture(seed)
                files[f"{part}/labels/{stem}.txt"] = SQUARE.encode()
    return files


def mask_files(count=6, value=87):
    """Return {name: bytes} of pictures and masks whose foreground has one odd value."""
    files = dict(MORE)
    for n in range(1, count + 1):
        mask = painted(0, 0, 0, SIZE[::-1])[..., 0].copy()
        mask[5:15, 5 + n : 20 + n] = value
        files[f"Dataset/images/crack-o-{n}.jpg"] = picture(n)
        files[f"Dataset/masks/crack-o-{n}.png"] = encode(mask, "PNG")
    return files


def entry_for(name, files, archive):
    """Return the entry of a set with the counts and the digest of a stand-in."""
    import hashlib
    import tempfile

    entry = SETS[name]
    with tempfile.TemporaryDirectory() as folder:
        taken = contents.take_files(files.items(), entry, folder)
    counts = {}
    for taken_name in taken:
        extension = taken_name.rpartition(".")[2]
        counts[extension] = counts.get(extension, 0) + 1
    counts = {key: counts[key] for key in entry.files}
    sha256 = hashlib.sha256(archive).hexdigest() if entry.sha256 else ""
    return replace(entry, files=counts, sha256=sha256)
