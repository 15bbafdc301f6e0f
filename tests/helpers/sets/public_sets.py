"""Small sets that lie in folders as those of Roboflow, Kaggle and Pascal VOC do."""

import zipfile

from helpers.images import encode, painted, sample_image
from helpers.sets.voc_sets import BOXES, SIZE
from inspection.datasets import voc

COUNTS = {"train": 6, "val": 3, "test": 3}
# {layout: (folder of a part's pictures, of its annotations)}; {part} as it is called there
DIVIDED = {
    "roboflow": ("{part}", "{part}"),
    "roboflow in one folder": ("leaks.v1i.voc/{part}", "leaks.v1i.voc/{part}"),
    "kaggle doubled": (
        "archive/archive/{part}_zip/{part}",
        "archive/archive/{part}_zip/{part}",
    ),
    "parts outside": ("{part}/images", "{part}/annotations"),
    "parts inside": ("images/{part}", "annotations/{part}"),
    "parts in names": ("{part}_images", "{part}_xml"),
    "years": ("JPEGImages/{part}2017", "Annotations/{part}2017"),
    "a folder for each class": ("NEU/{part}/images/leak", "NEU/{part}/annotations"),
    "pictures divided alone": ("images/{part}", "labels"),
}
WHOLE = {
    "images and annotations": ("images", "annotations"),
    "in a folder": ("set/Images", "set/xmls"),
    "doubled": ("images/images", "annotations/annotations"),
    "other words": ("pics", "drawn by hand"),
    "beside": ("all", "all"),
    "devkit": ("VOCdevkit/VOC2012/JPEGImages", "VOCdevkit/VOC2012/Annotations"),
}
SEEDS = {"train": 0, "val": 100, "test": 200}


def add_pair(image_dir, xml_dir, stem, seed, boxes=BOXES):
    """Draw a picture and write its annotation; return the path of the XML."""
    image_dir.mkdir(parents=True, exist_ok=True)
    xml_dir.mkdir(parents=True, exist_ok=True)
    image = image_dir / f"{stem}.jpg"
    image.write_bytes(encode(sample_image(seed), "JPEG"))
    path = xml_dir / f"{stem}.xml"
    annotation = voc.Annotation(path, image, *SIZE, tuple(boxes), 3, image.name)
    voc.write_annotation(annotation, path)
    return path


def lay_out(top, layout, val="valid", same_names=False, parts=COUNTS):
    """Write a set into a folder; return {part of the split: stems} or {"": stems}.

    val: what the part for validation is called. same_names: whether names begin anew in
    each part.
    """
    dealt = {}
    for part in parts if layout in DIVIDED else [""]:
        folders = (DIVIDED | WHOLE)[layout]
        called = val if part == "val" else part
        image_dir, xml_dir = (top / folder.format(part=called) for folder in folders)
        start = 0 if same_names else SEEDS.get(part, 0)
        dealt[part] = [f"pipe {start + n:03}" for n in range(parts.get(part, 6))]
        for n, stem in enumerate(dealt[part]):
            add_pair(image_dir, xml_dir, stem, SEEDS.get(part, 0) + n)
    return dealt


def add_litter(top):
    """Add what macOS, Roboflow and others leave among the files."""
    (top / "README.roboflow.txt").write_text("Provided by a user\n")
    (top / "README.dataset.txt").write_text("# leaks > 2024\n")
    (top / "__MACOSX" / "train").mkdir(parents=True)
    (top / "__MACOSX" / "train" / "._pipe 000.jpg").write_bytes(b"\0\5\x16\7")
    (top / "__MACOSX" / "train" / "pipe 000.jpg").write_bytes(b"\0\5\x16\7")
    (top / ".cache").mkdir()
    (top / ".cache" / "thumbnail.jpg").write_bytes(b"nothing")
    (top / ".DS_Store").write_bytes(b"nothing")


def add_devkit_lists(top, lists, year="VOC2012"):
    """Write ImageSets/Main of Pascal VOC, with lists for a class among them."""
    folder = top / "VOCdevkit" / year / "ImageSets" / "Main"
    folder.mkdir(parents=True)
    for name, stems in lists.items():
        (folder / f"{name}.txt").write_text("".join(f"{stem}\n" for stem in stems))
        of_class = "".join(f"{stem}  -1\n" for stem in stems)
        (folder / f"aeroplane_{name}.txt").write_text(of_class)
    return folder


def zip_folder(folder, path):
    """Pack a folder's files into a .zip, whose names begin below the folder."""
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(folder.rglob("*")):
            archive.write(file, file.relative_to(folder))
    return path


# {layout: (folder of pictures, of masks, name of a mask)}
MASK_SETS = {
    "images and masks": ("{part}/images", "{part}/masks", "{stem}.png"),
    "labels": ("{part}/images", "{part}/labels", "{stem}_label.png"),
    "parts inside": ("images/{part}", "annotations/{part}", "{stem}.png"),
    "parts in names": ("{part}_images", "{part}_masks", "{stem}_mask.png"),
    "kaggle doubled": (
        "archive/{part}_zip/{part}",
        "archive/{part}_masks/masks",
        "{stem}.png",
    ),
    "roboflow": ("{part}", "{part}", "{stem}_mask.png"),
}


def add_mask(image_dir, mask_dir, stem, seed, name="{stem}.png", left=10):
    """Draw a picture and its mask: from column `left` on it is foreground."""
    image_dir.mkdir(parents=True, exist_ok=True)
    mask_dir.mkdir(parents=True, exist_ok=True)
    (image_dir / f"{stem}.jpg").write_bytes(encode(sample_image(seed), "JPEG"))
    mask = painted(0, 0, 0, SIZE[::-1])
    mask[:, left:] = 255
    (mask_dir / name.format(stem=stem)).write_bytes(encode(mask, "PNG"))


def lay_out_masks(top, layout, val="valid", same_names=False, parts=COUNTS):
    """Write a set of masks into a folder; return {part of the split: stems}."""
    *folders, name = MASK_SETS[layout]
    dealt = {}
    for part, count in parts.items():
        called = val if part == "val" else part
        image_dir, mask_dir = (top / folder.format(part=called) for folder in folders)
        start = 0 if same_names else SEEDS[part]
        dealt[part] = [f"rust{start + n:03}" for n in range(count)]
        for n, stem in enumerate(dealt[part]):
            add_mask(image_dir, mask_dir, stem, SEEDS[part] + n, name, 10 + n)
    return dealt
