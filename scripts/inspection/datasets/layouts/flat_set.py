"""A set that lies in many folders as one: a folder of links for each kind of file.

Readers, commands and notebooks take pictures from one folder and annotations or masks
from another. Names that stand in two parts of the split get the part before them:
train/1.jpg and test/1.jpg become train_1.jpg and test_1.jpg.
"""

import glob
import os
import shutil
from collections import Counter, defaultdict
from pathlib import Path
from typing import NamedTuple

from inspection.common.atomic_files import keep_version, shared_folder
from inspection.common.errors import DatasetError
from inspection.common.run_identity import digest_bytes
from inspection.common.text import plural
from inspection.datasets.images.image_folder import is_image_name, stem
from inspection.datasets.layouts.box_layout import plain
from inspection.datasets.splitting.split_lists import SPLITS, match_names, write_splits

IMAGES, SPLIT_LISTS = "images", "splits"


class FlatSet(NamedTuple):
    """Folders of pictures, of annotations or masks, and of the split's lists or ""."""

    images: Path
    partners: Path
    splits: Path | str


def plan_names(pairs):
    """Return {path: file name in the flat set} for all files of some pairs.

    Raises DatasetError where two files of one part of the split share a name.
    """
    splits_of, pieces = defaultdict(set), Counter(pair.image for pair in pairs)
    for pair in pairs:
        splits_of[_key(pair)].add(pair.split)
    images, partners = {}, {}
    for pair in pairs:
        shared = len(splits_of[_key(pair)]) > 1
        prefix = f"{pair.split}_" if shared and pair.split else ""
        if pair.image:
            images[pair.image] = prefix + pair.image.name
        if pair.partner:
            partners[pair.partner] = prefix + pair.partner.name
        if prefix and are_masks([pair]):
            # a name such as mask_1.png would no longer be understood behind a prefix
            piece = f"_{len(partners)}" if pieces[pair.image] > 1 else ""
            ending = f"_mask{piece}{pair.partner.suffix}"
            partners[pair.partner] = f"{prefix}{stem(pair.image.name)}{ending}"
    _refuse_namesakes(images)
    _refuse_namesakes(partners)
    return images, partners


def _key(pair):
    """Return the name that a picture shares with what belongs to it."""
    if pair.image:
        return plain(stem(pair.image.name))
    return plain(stem(pair.partner.stem))


def are_masks(pairs):
    """Tell whether the partners of pictures are pictures themselves."""
    return any(p.image and p.partner and is_image_name(p.partner.name) for p in pairs)


def _refuse_namesakes(names):
    counts = Counter(map(plain, names.values()))
    twice = sorted(str(path) for path, name in names.items() if counts[plain(name)] > 1)
    if twice:
        raise DatasetError(
            f"{plural(len(twice), 'file')} with the name of another: give the folder of "
            "one set, or give the files other names",
            twice,
        )


def list_splits(found, images, partners):
    """Return {split: stems in the flat set}, {} for a set without a split.

    images, partners: of `plan_names`. Listed are the stems of annotations, with masks
    those of pictures. Raises DatasetError for what lies in no part of a divided set.
    """
    pairs = [pair for pair in found.pairs if pair.partner]
    if are_masks(pairs):
        stems = {pair: stem(images[pair.image]) for pair in pairs if pair.image}
    else:
        stems = {pair: Path(partners[pair.partner]).stem for pair in pairs}
    if found.lists:
        # needs SciPy, without which commands start quicker
        from inspection.datasets.checking.given_split import refuse_overlap

        meant, _ = match_names(sum(found.lists.values(), []), stems.values())
        refuse_overlap(found.lists, "the set's own lists")
        return {
            split: list(dict.fromkeys(meant.get(n, n) for n in found.lists[split]))
            for split in SPLITS
            if split in found.lists
        }
    if len(found.parts()) < 2:
        return {}
    _refuse_astray(found, stems)
    return {
        part: list(dict.fromkeys(n for pair, n in stems.items() if pair.split == part))
        for part in SPLITS
        if part in found.parts()
    }


def _refuse_astray(found, pairs):
    astray = sorted({str(pair.partner) for pair in pairs if not pair.split})
    if astray:
        raise DatasetError(
            f"{plural(len(astray), 'file')} in no part of the split, though others lie in "
            f"{', '.join(sorted(found.parts()))}: move them into one, or away",
            astray,
        )


def flatten(found, into, top, kind="annotations"):
    """Return the FlatSet of a FoundSet; links and lists lie in a folder below `into`.

    Where all files of a kind lie in one folder already, it is that folder. The links
    are made anew when a file has changed. top: what the set was found in.
    """
    images, partners = plan_names(found.pairs)
    splits = list_splits(found, images, partners)
    folders = {IMAGES: _home(images, found), kind: _home(partners, found)}
    if all(folders.values()) and not splits:
        return FlatSet(*folders.values(), "")
    origin = (Path(top).resolve(), os.path.commonpath(partners), kind)
    where = f"{Path(top).name}.set-{digest_bytes(*map(os.fsencode, origin))[:8]}-"
    place = Path(into) / f"{where}{_version([*images, *partners], splits)[:8]}"
    if not place.is_dir():
        files = {IMAGES: images, kind: partners}
        wanted = {name: files[name] for name, home in folders.items() if not home}
        _make(place, wanted, splits)
    keep_version(place, f"{glob.escape(where)}*")
    chosen = [home or place / name for name, home in folders.items()]
    return FlatSet(*chosen, place / SPLIT_LISTS if splits else "")


def _home(files, found):
    """Return the folder in which all files lie, under their own names, or None."""
    folders = {path.parent for path in files}
    if len(folders) > 1 or len(found.parts()) > 1:
        return None
    folder = folders.pop()
    if are_masks(found.pairs):  # each picture of a folder must have one
        images = {path for path in folder.iterdir() if is_image_name(path.name)}
        return folder if images <= set(files) else None
    return folder


def _version(paths, splits):
    facts = [(path, path.stat()) for path in sorted(paths)]
    lines = [f"{p.resolve()} {s.st_size} {s.st_mtime_ns}" for p, s in facts]
    return digest_bytes(*map(os.fsencode, lines), repr(splits).encode(errors="replace"))


def _make(place, wanted, splits):
    """Make a folder of links for each kind of file and the lists, whole or not at all."""
    with shared_folder(place) as fresh:
        for name, files in wanted.items():
            (fresh / name).mkdir(parents=True)
            for path, link in files.items():
                _link(path.resolve(), fresh / name / link)
        if splits:
            write_splits(splits, fresh / SPLIT_LISTS)


def _link(path, link):
    """Make a link to a file; where the system allows neither kind, a copy."""
    for make in (os.symlink, os.link):
        try:
            make(path, link)
            return
        except OSError:  # Windows, and some network drives
            continue
    shutil.copy2(path, link)
