"""What records are made from: a folder of XML or a CSV of boxes, whole or a split."""

from collections import defaultdict

from inspection.common.errors import DatasetError
from inspection.datasets.images.image_folder import stem
from inspection.datasets.splitting.split_lists import last_part, match_names, read_names
from inspection.datasets.voc import Annotation


def select_split(sources, split_path):
    """Return the sources named in a list, by stem or by the path below the image folder.

    Names mean what `match_names` says. Raises DatasetError for a name without a source,
    and for one that means several.
    """
    wanted = read_names(split_path)
    found = _find_sources(wanted, sources)
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
