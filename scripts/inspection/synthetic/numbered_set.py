"""Write a set of numbered scenes on several processes, with its split lists."""

from pathlib import Path

from tqdm import tqdm

from inspection.common.errors import DatasetError
from inspection.common.processes import drawing_pool
from inspection.datasets.splitting.partition import partition
from inspection.datasets.splitting.split_lists import write_splits


def write_numbered(write, out_dir, folders, name, count, workers=1):
    """Call write(stem, number) for NAME_000, NAME_001, ...; return {stem: its answer}.

    folders: below out_dir, where it writes. Raises DatasetError where they hold files
    that are not of this set.
    """
    digits = max(3, len(str(count - 1)))
    stems = [f"{name}_{number:0{digits}d}" for number in range(count)]
    _refuse_others(Path(out_dir), folders, set(stems))
    with drawing_pool(workers) as pool:
        written = pool.map(write, stems, range(count), chunksize=4)
        answers = list(tqdm(written, f"{name} scenes", count, disable=None))
    return dict(zip(stems, answers, strict=True))


def write_numbered_splits(out_dir, class_names, shares, seed):
    """Deal the stems of {stem: names of its objects} out to lists in out_dir/splits."""
    stems = list(class_names)
    splits = partition(list(class_names.values()), shares, seed=seed)
    lists = {split: [stems[i] for i in chosen] for split, chosen in splits.items()}
    write_splits(lists, Path(out_dir) / "splits")


def _refuse_others(out_dir, folders, stems):
    others = [
        path.relative_to(out_dir).as_posix()
        for name in folders
        for path in sorted((out_dir / name).glob("*"))
        if path.stem not in stems and not path.name.startswith(".")
    ]
    if others:
        raise DatasetError(
            f"{out_dir} holds {len(others)} other files; take an empty folder", others
        )
