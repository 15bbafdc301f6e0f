"""Make the mended copy of a set, look it over, and say what was done and what is left."""

from collections import Counter
from pathlib import Path

from inspection.common.atomic_files import new_folder, refuse_full
from inspection.common.errors import UserError
from inspection.common.text import plural
from inspection.datasets.checking.report import DatasetReport
from inspection.datasets.faults import KINDS
from inspection.datasets.mending.good_names import good_name
from inspection.datasets.mending.mend_sets import mend_set
from inspection.datasets.splitting.split_lists import write_splits

SMALLEST = 32  # pixels of the longer side


def refuse_output(found, output, max_side):
    """Raise UserError for a copy that cannot be written, before anything is read.

    The output must be new, or empty, and lie outside of the set; on less than SMALLEST
    pixels nothing can be seen.
    """
    output = Path(output)
    if max_side < SMALLEST:
        raise UserError(f"max_side {max_side}: take at least {SMALLEST} pixels")
    for folder in (found.images, found.labels):
        if folder and output.resolve().is_relative_to(folder.resolve()):
            raise UserError(
                f"{output} lies in {folder}, which is part of the set: name a folder "
                "outside of it"
            )
    refuse_full(output)


def write_copy(found, output, max_side, look_over, splits, class_names=None, renamed=0):
    """Write the copy, whole or not at all; return (its report, lines on what was done).

    found: of `set_kind`. look_over: a function of such a one and of split lists that
    returns a report. splits: {split: stems}, carried over. renamed: how many files have
    got another name.
    """
    output = Path(output)
    splits = {split: list(map(good_name, names)) for split, names in splits.items()}
    with new_folder(output) as folder:
        mended = mend_set(found, folder, max_side, class_names)
        if splits:
            write_splits(splits, folder / "splits")
        report = look_over(mended.found, splits)
    counts = mended.counts + Counter({"names made UTF-8": renamed})
    return report, [*_mended_lines(counts, output), *_left_lines(report)]


def _mended_lines(counts, output):
    lines = [f"  {what}: {number:,}" for what, number in counts.items() if number]
    return [f"wrote {output}, mended:", *(lines or ["  nothing, it needed no mend"])]


def _left_lines(report: DatasetReport):
    groups = report.by_kind().items()
    lines = [
        f"  {KINDS[kind].severity}: {KINDS[kind].title} ({len(faults):,}), "
        f"such as {faults[0].file}"
        for kind, faults in groups
    ]
    if not lines:
        return ["left for you: nothing"]
    return [f"left for you, {plural(len(lines), 'kind')} of fault:", *lines]
