"""Faults of pictures: broken, oddly stored, turned, without annotation, copied."""

from collections import defaultdict

from inspection.datasets.faults import Fault
from inspection.datasets.images import near_duplicates
from inspection.datasets.images.image_file import BLACK
from inspection.datasets.images.image_folder import stem
from inspection.datasets.splitting.sources import source_name

EXTENSIONS = {
    "jpeg": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "tiff": (".tif", ".tiff"),
    "heic": (".heic", ".heif"),
}
LARGE = 2_000_000  # pixels, from which decoding costs more than a step of training
TRANSPARENT = ("LA", "PA", "RGBA")


def image_faults(facts, is_annotated):
    """Return the faults of one picture file by itself."""
    path, header = facts.path, facts.header
    found = []
    if facts.problem:
        found.append(_fault(facts.problem_kind, path, facts.problem))
    elif path.suffix.lower() not in EXTENSIONS.get(
        header.format, (f".{header.format}",)
    ):
        found.append(_fault("wrong-extension", path, f"is a {header.format.upper()}"))
    if facts.is_black:
        found.append(_fault("black-picture", path, BLACK))
    if not is_annotated:
        found.append(_fault("no-annotation", path, "has no XML"))
    return found + (_header_faults(path, header) if header else [])


def _header_faults(path, header):
    found = []
    detail = f"{header.format} {header.mode}, {header.bits} bits"
    if not header.is_decodable:
        found.append(_fault("odd-picture", path, detail))
    if header.mode in TRANSPARENT:
        found.append(_fault("transparent", path, detail))
    if header.size[0] * header.size[1] >= LARGE:
        found.append(_fault("large-picture", path, _size_text(header.size)))
    betrayed = header.size != header.stored_size
    if header.orientation != 1 and not betrayed:
        detail = f"EXIF orientation {header.orientation}"
        found.append(_fault("turned-picture", path, detail))
    return found


def litter_faults(folder):
    """Return the AppleDouble files of a folder: macOS puts them on foreign disks."""
    names = sorted(path.name for path in folder.iterdir())
    return [
        Fault("not-a-picture", name, "ignored") for name in names if name[:2] == "._"
    ]


def copy_faults(facts, split_of, pattern=None):
    """Return copies, near-duplicates, and copies on both sides of a split.

    `side_of` maps a picture's path to `train`, `val` or `test`, and may be empty.
    """
    facts = [fact for fact in facts if fact.header]
    paths = [fact.path for fact in facts]
    same = _group(paths, [fact.digest for fact in facts])
    sources = _group(paths, [source_name(stem(path.name), pattern) for path in paths])
    found = [_copies(group, "same-picture", "both-sides", split_of) for group in same]
    found += [_copies(group, None, "both-sides", split_of) for group in sources]
    known = {frozenset(group) for group in same + sources}
    pairs = near_duplicates.near_links([fact.likeness for fact in facts])
    for members in near_duplicates.join_groups(len(paths), pairs):
        group = [paths[i] for i in members]
        if len(group) > 1 and frozenset(group) not in known:
            found.append(_copies(group, "near-duplicates", "near-both-sides", split_of))
    return [fault for fault in found if fault]


def _group(paths, keys):
    groups = defaultdict(list)
    for path, key in zip(paths, keys, strict=True):
        groups[key].append(path)
    return [group for group in groups.values() if len(group) > 1]


def _copies(group, kind, kind_across, split_of):
    splits = {path: split_of[path] for path in group if path in split_of}
    if len(set(splits.values())) > 1:
        first, *others = splits
        named = ", ".join(f"{path.name} in {splits[path]}" for path in others)
        detail = f"in {splits[first]}; {named}"
        return Fault(kind_across, first.name, detail, tuple(splits))
    if kind is None:
        return None
    first, *others = group
    detail = "and " + ", ".join(path.name for path in others)
    return Fault(kind, first.name, detail, tuple(group))


def _size_text(size):
    width, height = size
    return f"{width}x{height}, {width * height / 1e6:.1f} MP"


def _fault(kind, path, detail):
    return Fault(kind, path.name, detail, (path,))
