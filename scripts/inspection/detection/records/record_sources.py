"""What records are made from: a folder of XML or a CSV of boxes, whole or a split."""

from collections import defaultdict
from pathlib import Path

from inspection.common.errors import DatasetError
from inspection.datasets.images.image_folder import ImageFolder, stem
from inspection.datasets.splitting.split_lists import (
    SPLITS,
    last_part,
    match_names,
    read_names,
)
from inspection.datasets.voc import Annotation


def select_split(sources, split_path, image_dir=None):
    """Return the sources named in a list, by stem or by the path below the image folder.

    Names mean what `match_names` says. Raises DatasetError for a name without a source,
    for one that means several, and for one that stands in another list of the same
    folder, train.txt, val.txt or test.txt; with the folder of the pictures for a copy of
    a picture in another list, too.
    """
    wanted = read_names(split_path)
    lists = _beside(split_path, wanted)
    found = _find_sources(sum(lists.values(), []), sources)
    _refuse_leaks(lists, found, Path(split_path).parent, image_dir)
    found = {name: found[name] for name in wanted}
    lost = sorted(name for name, meant in found.items() if not meant)
    if lost:
        raise DatasetError(
            f"{len(lost)} of {len(wanted)} names in {split_path} have no annotation",
            lost,
        )
    several = [
        f"{name}: {', '.join(map(_name, meant))}"
        for name, meant in found.items()
        if len(meant) > 1
    ]
    if several:
        raise DatasetError(
            f"{len(several)} names in {split_path} mean several pictures: write their"
            " folders as well",
            several,
        )
    return list({id(meant[0]): meant[0] for meant in found.values()}.values())


def _beside(split_path, wanted):
    """Return {split: names} of a list and of those that belong to it."""
    path = Path(split_path)
    others = [path.with_name(f"{split}.txt") for split in SPLITS]
    if path not in others:
        return {path.stem: wanted}
    return {other.stem: read_names(other) for other in others if other.is_file()}


def _refuse_leaks(lists, found, where, image_dir):
    """Raise DatasetError where two of the lists name one picture, or copies of one.

    found: {listed name: sources it means}.
    """
    # needs numpy, without which the command starts quicker
    from inspection.datasets.checking.given_split import refuse_copies, refuse_overlap

    meant = {
        split: [_name(found[name][0]) if found[name] else name for name in names]
        for split, names in lists.items()
    }
    refuse_overlap(meant, where)
    if image_dir and len(lists) > 1:
        images = ImageFolder(image_dir)
        paths = {
            split: [p for name in names for p in _images(name, found[name], images)]
            for split, names in lists.items()
        }
        refuse_copies(paths, where)


def _images(name, meant, images):
    """Return a list of the picture of a listed name, empty where there is none."""
    source = meant[0] if meant else None
    if isinstance(source, Annotation):
        return [source.image] if source.image else []
    return images.candidates(source.stem if source else last_part(name))[:1]


def _find_sources(wanted, sources):
    """Return {listed name: sources it means}, those of its whole path if there are."""
    by_name, by_stem = defaultdict(list), defaultdict(list)
    for source in sources:
        by_name[_name(source)].append(source)
        by_stem[last_part(_name(source))].append(source)
    paths, others = match_names(wanted, by_name)
    stems, _ = match_names(map(last_part, others), by_stem)
    return {
        name: by_name[paths[name]]
        if name in paths
        else by_stem.get(stems.get(last_part(name)), [])
        for name in wanted
    }


def _name(source):
    """Return the stem of a source, after its folder below the image folder."""
    path = source.path if isinstance(source, Annotation) else source
    name = path.stem if path.suffix.lower() == ".xml" else stem(path.name)
    folder = source.folder if isinstance(source, Annotation) else ""
    return f"{folder}/{name}" if folder else name
