"""Faults of pictures: broken, oddly stored, turned, without annotation, copied."""

from collections import defaultdict

from inspection.datasets.checking.given_split import copies_across, near_across
from inspection.datasets.faults import Fault
from inspection.datasets.images import near_duplicates
from inspection.datasets.images.image_file import BLACK
from inspection.datasets.images.value_range import range_of

EXTENSIONS = {
    "jpeg": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "tiff": (".tif", ".tiff"),
    "heic": (".heic", ".heif"),
}
LARGE = 2_000_000  # pixels, from which decoding costs more than a step of training
TRANSPARENT = ("LA", "PA", "RGBA")


def image_faults(facts, name=None, sizes_betray=True):
    """Return the faults of one picture file by itself.

    name: what the file is called in them, its own by default. sizes_betray: whether
    something beside the picture, an XML or a mask, tells its size, so that a quarter
    turn shows there.
    """
    path, header, name = facts.path, facts.header, name or facts.path.name
    found = []
    if facts.problem:
        found.append((facts.problem_kind, facts.problem))
    elif not has_own_extension(path, header):
        found.append(("wrong-extension", f"is a {header.format.upper()}, read as such"))
    if facts.is_black:
        found.append(("black-picture", BLACK))
    if header:
        found += [*_header_faults(path, header), *_turn(header, sizes_betray)]
    return [Fault(kind, name, detail, (path,)) for kind, detail in found]


def has_own_extension(path, header):
    """Tell whether a file is called as the format that it holds."""
    usual = EXTENSIONS.get(header.format, (f".{header.format}",))
    return path.suffix.lower() in usual


def _header_faults(path, header):
    detail = f"{header.format} {header.mode}, {header.bits} bits"
    if not header.is_decodable:
        yield "odd-picture", detail + (_range_text(path) if header.bits > 8 else "")
    if header.mode in TRANSPARENT:
        yield "transparent", detail
    if header.size[0] * header.size[1] >= LARGE:
        yield "large-picture", _size_text(header.size)


def _turn(header, sizes_betray):
    if header.orientation == 1:
        return
    if not sizes_betray:
        yield "turned-upright", "turned upright (EXIF)"
    elif header.size == header.stored_size:
        yield "turned-picture", f"EXIF orientation {header.orientation}"


def litter_faults(folder):
    """Return the AppleDouble files of a folder: macOS puts them on foreign disks."""
    names = sorted(path.name for path in folder.iterdir())
    return [
        Fault("not-a-picture", name, "ignored") for name in names if name[:2] == "._"
    ]


def copy_faults(facts, split_of, pattern=None, by_name=True, names=None):
    """Return copies, near-duplicates, and copies on both sides of a split.

    `split_of` maps a picture's path to `train`, `val` or `test`, and may be empty.
    by_name: whether names tell of versions of one source. names: {path: what it is
    called in a fault}, the file's name by default.
    """
    facts = [fact for fact in facts if fact.header]
    names = names or {fact.path: fact.path.name for fact in facts}
    placed = [fact for fact in facts if fact.path in split_of]
    found = copies_across(placed, split_of, by_name, pattern, names)
    known = {frozenset(fault.images) for fault in found}
    near = near_across(placed, split_of, names)
    found += [fault for fault in near if frozenset(fault.images) not in known]
    known = set().union(*(fault.images for fault in found))
    paths = [fact.path for fact in facts]
    same = _group(paths, [fact.digest for fact in facts])
    pairs = near_duplicates.near_links([fact.likeness for fact in facts])
    joined = near_duplicates.join_groups(len(paths), pairs)
    alike = [[paths[i] for i in members] for members in joined if len(members) > 1]
    told = {frozenset(group) for group in same}
    groups = [("same-picture", group) for group in same]
    groups += [("near-duplicates", g) for g in alike if frozenset(g) not in told]
    return found + [
        _copies(kind, group, names)
        for kind, group in groups
        if not known.issuperset(group)
    ]


def _group(paths, keys):
    groups = defaultdict(list)
    for path, key in zip(paths, keys, strict=True):
        groups[key].append(path)
    return [group for group in groups.values() if len(group) > 1]


def _copies(kind, group, names):
    first, *others = (names[path] for path in group)
    return Fault(kind, first, f"and {', '.join(others)}", tuple(group))


def _range_text(path):
    found = range_of(path)
    white = found and (found.whole or found.fraction)
    return f", values to {white:,g} taken as white" if white else ""


def _size_text(size):
    width, height = size
    return f"{width}x{height}, {width * height / 1e6:.1f} MP"
