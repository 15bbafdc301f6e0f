"""How the converters of well-known tutorials are called, in words of our own commands.

Three scripts are called generate_tfrecord.py in most notebooks, and differ:

    family     what is typed
    raccoon    --csv_input --output_path [--image_dir] [--labelmap]; pictures in images/
    sglvladi   -x -l -o -i -c; an older one --csv_input --img_path, and --label NAME, or
               --label0 NAME --label1 NAME, in place of a label map
    techzizou  four words without a flag: CSV, label map, pictures, record

Their CSV scripts take no argument: they look into images/train, images/test and
images/validation, or into train_labels/ and test_labels/, which gets a label map, too.
"""

import re
from pathlib import Path

from inspection.common.errors import DatasetError, UserError
from inspection.datasets import voc
from inspection.datasets.images.image_folder import ImageFolder

WITHOUT_FLAGS = ("--csv_input", "--label_map", "--image_dir", "--output_path")
RENAMED = {"--img_path": "--image_dir"}
LABEL = re.compile(r"--label(\d{0,2})")
IMAGES = "images"
PARTS = ("train", "test", "validation")
LABEL_FOLDERS = ("train_labels", "test_labels")
MAP_NAME = "label_map.pbtxt"
MAP_FOLDERS = ("training", "annotations")


def translate(words: list[str]) -> list[str]:
    """Return a command line of any of the three in the flags of generate_tfrecord.py.

    >>> translate(["train.csv", "map.pbtxt", "images", "a.record"])[:4]
    ['--csv_input', 'train.csv', '--label_map', 'map.pbtxt']
    >>> translate(["--label=leak", "--img_path=images"])
    ['--image_dir=images', '--classes', 'leak']
    """
    if len(words) == len(WITHOUT_FLAGS) and not any(w.startswith("-") for w in words):
        return [word for pair in zip(WITHOUT_FLAGS, words) for word in pair]
    kept, labels, words = [], {}, list(words)
    while words:
        flag, equals, value = words.pop(0).partition("=")
        match = LABEL.fullmatch(flag)
        if match and (equals or words):
            labels[int(match[1] or 0)] = value if equals else words.pop(0)
        else:
            kept.append(RENAMED.get(flag, flag) + equals + value)
    return kept + _classes(labels)


def _classes(labels):
    """Return --classes with the names of {number: name}, nothing where there is none."""
    if sorted(labels) != list(range(len(labels))):
        given = ", ".join(f"--label{number}" for number in sorted(labels))
        raise UserError(f"{given}: number the labels 0, 1, 2 without a gap")
    return ["--classes", *(labels[i] for i in sorted(labels))] if labels else []


def home_of_parts(folder: str | Path) -> Path:
    """Return folder/images where that holds XML in train/ and test/, else the folder."""
    folder = Path(folder)
    if _has_xml(folder) or any(_has_xml(folder / part) for part in PARTS):
        return folder
    inside = folder / IMAGES
    return inside if any(_has_xml(inside / part) for part in PARTS) else folder


def _has_xml(folder):
    return folder.is_dir() and any(map(voc.is_annotation, folder.iterdir()))


def unasked_map(xml_dir, tables) -> Path | None:
    """Return the label map that goes with the CSVs of train_labels/ and test_labels/.

    tables: the paths of the CSVs.
    """
    xml_dir = Path(xml_dir)
    labels = any((xml_dir / name).is_dir() for name in LABEL_FOLDERS)
    if not labels or _has_xml(xml_dir):
        return None
    return next(iter(tables)).parent / MAP_NAME


def images_of_csv(csv_path) -> Path:
    """Return the folder of a CSV's pictures: its own, or ./images where it has none."""
    own, usual = Path(csv_path).parent, Path(IMAGES)
    lacks = own.is_dir() and usual.is_dir() and not ImageFolder(own).paths
    return usual if lacks else own


def find_label_map(source, output) -> Path:
    """Return the one .pbtxt beside the source or the output, or in the usual folders.

    Raises DatasetError where there is none, and where there are several.
    """
    beside = [Path(source).parent, Path(output).parent]
    for places in (beside, map(Path, MAP_FOLDERS)):
        found = {path for place in places for path in place.glob("*.pbtxt")}
        if len(found) == 1:
            return found.pop()
        if found:
            break
    listed = ", ".join(map(str, sorted(found))) or "none"
    raise DatasetError(
        f"which label map? Give it with --label_map (beside: {listed}); it says what other "
        "scripts have written in, the id of each class"
    )
