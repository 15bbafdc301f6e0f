"""Look a set of pictures over: what is in it, what is wrong, how to mend it.

    python scripts/check_dataset.py -x data/leaks/annotations -i data/leaks/images \\
        -l data/leaks/label_map.pbtxt --splits data/leaks/splits --html report.html
    python scripts/check_dataset.py data/cracks/concrete
    python scripts/check_dataset.py -i data/rust/images --masks data/rust/masks

The first are boxes (Pascal VOC, one XML for each picture), the second a folder for each
class, the third pictures and masks. Of a folder alone, or a .zip, the kind is found out,
or told by --kind; it may be laid out as Roboflow, Kaggle or Pascal VOC do it, and is then
checked with its own split. Exit status: 0 fit for training, 1 errors (with --strict:
errors or warnings), 2 nothing that could be looked at.

--fix DIR writes a mended copy of the set and says what is left; the status is that of
the copy. Pictures are stored again only where they change: as JPEG of quality 95 with
all of its colour (4:4:4) where they were JPEG, else as PNG, without loss. An XML whose
boxes change is written as labelImg does, without the tags that other tools add.
"""

import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

from inspection.common import arguments as flags
from inspection.common.errors import UserError, exit_on_error
from inspection.common.own_outputs import own_outputs

KINDS = ("boxes", "classes", "masks")
# flags of no use for a kind of set
UNUSED = {
    "boxes": ("classes", "foreground"),
    "classes": ("labels_path", "foreground", "splits", "size"),
    "masks": ("labels_path", "classes"),
}
SIZES = {"boxes": 320, "masks": 256}  # of the networks of the course


def parse_arguments():
    parser = flags.parser(__doc__)
    add = parser.add_argument
    add("folder", nargs="?", metavar="DIR", help="a whole set")
    add("--kind", choices=KINDS, help="what it is (found out)")
    add("-x", "--xml_dir", metavar="DIR", help="folder of the .xml")
    add("-i", "--image_dir", metavar="DIR", help="folder of the pictures (that of -x)")
    add("--masks", metavar="DIR", help="folder of the masks")
    add_meaning(add)
    add("--size", type=flags.positive_int, help="input size of the network (320, 256)")
    add("--html", metavar="FILE", help="write the report with pictures of every fault")
    add("--strict", action="store_true", help="let warnings fail, too")
    add("--fix", metavar="DIR", help="write a mended copy of the set into a new folder")
    add(
        "--max_side",
        type=flags.positive_int,
        default=1280,
        metavar="N",
        help="of --fix: longer side of a picture, in pixels (1280)",
    )
    return parser.parse_args()


def add_meaning(add):
    """Add what the labels mean, and which pictures belong together."""
    add(
        "-l",
        "--labels_path",
        "--label_map",
        metavar="PBTXT",
        help="label map to hold the classes of boxes against",
    )
    add("--classes", nargs="+", metavar="NAME", help="of class folders (all)")
    add(
        "--foreground",
        type=flags.foreground,
        nargs="+",
        metavar="VALUE",
        help="what counts in masks of classes: 2, or 1 3, or all, or '#ff0000'",
    )
    add(
        "--splits",
        nargs="+",
        metavar="TXT",
        help="split lists, or a folder of train.txt, val.txt, test.txt",
    )
    add(
        "--source",
        metavar="REGEX",
        help='what tells the source of tiles or video frames, such as "(.+)_tile"',
    )


@exit_on_error()
def main():
    arguments = parse_arguments()
    page = own_outputs("check_dataset.py", [arguments.html] if arguments.html else [])
    with page, open_set(arguments) as found:
        refuse_unused(arguments, found.kind)
        report = fix(arguments, found) if arguments.fix else show(arguments, found)
    sys.exit(report.exit_code(arguments.strict))


@contextmanager
def open_set(arguments):
    """Yield the kind of the set and its folders, whatever its layout."""
    from inspection.datasets.checking.set_kind import Found
    from inspection.datasets.layouts.for_commands import boxes_of
    from inspection.datasets.layouts.opening import masks_of

    with tempfile.TemporaryDirectory(prefix="set-") as into:
        named = find_set(arguments, into)
        if named.kind == "classes":
            yield named
            return
        opened = (
            boxes_of(named.labels, named.images)
            if named.kind == "boxes"
            else masks_of(named.images, named.labels, named.splits)
        )
        with opened as flat:
            lists = named.splits or flat.splits or None
            yield Found(named.kind, flat.images, flat.partners, lists)


def show(arguments, found):
    """Print the report on a set, write its page where wanted, and return it."""
    from inspection.datasets.checking.check_text import format_report

    report = look_over(arguments, found, splits_of(arguments, found))
    print(f"{found.kind}: {found}")
    print(format_report(report))
    if arguments.html:
        from inspection.datasets.checking.check_report import write_report

        print(f"wrote {write_report(report, arguments.html)}")
    return report


def fix(arguments, found):
    """Report on a set, write its mended copy, and return the report on the copy."""
    from inspection.datasets.mending.good_names import with_good_names
    from inspection.datasets.mending.mended_copy import refuse_output, write_copy

    refuse_output(found, arguments.fix, arguments.max_side)
    with with_good_names(found, arguments.fix) as (good, renamed):
        show(arguments, good)
        report, lines = write_copy(
            good,
            arguments.fix,
            arguments.max_side,
            lambda copy, splits: look_over(arguments, copy, splits),
            splits_of(arguments, good),
            arguments.classes,
            renamed,
        )
    print("\n" + "\n".join(lines))
    return report


def find_set(arguments, into):
    """Return the kind of the set and the folders that were named, or found in one."""
    from inspection.datasets.checking import set_kind
    from inspection.datasets.layouts.for_commands import kind_of, unpacked

    folder, xml_dir, image_dir = (
        arguments.folder,
        arguments.xml_dir,
        arguments.image_dir,
    )
    named = [("-x", xml_dir, "boxes"), ("--masks", arguments.masks, "masks")]
    named = [(flag, labels, kind) for flag, labels, kind in named if labels]
    if len(named) + bool(folder) != 1 or folder and image_dir:
        raise UserError("name one set: DIR, or -x DIR -i DIR, or -i DIR --masks DIR")
    if folder:
        top = unpacked(folder, into)
        kind = kind_of(top)
        if kind and arguments.kind in (None, kind):
            return set_kind.Found(kind, top, top)
        return set_kind.find_set(top, arguments.kind)
    ((flag, labels, kind),) = named
    if arguments.kind not in (None, kind):
        raise UserError(f"{flag} names {kind}, not --kind {arguments.kind}")
    return set_kind.Found(kind, Path(image_dir or labels), Path(labels))


def refuse_unused(arguments, kind):
    """Raise UserError for a flag that a set of this kind has no use for."""
    for name in UNUSED[kind]:
        if getattr(arguments, name):
            raise UserError(f"--{name} is not for {kind}: leave it out")


def look_over(arguments, found, splits):
    """Return the report on a set of any kind; `splits` are {split: stems}."""
    if found.kind == "classes":
        from inspection.datasets.checking.check_classes import check_classes

        return check_classes(found.images, arguments.classes, arguments.source)
    size = arguments.size or SIZES[found.kind]
    if found.kind == "masks":
        from inspection.datasets.checking.check_masks import check_masks

        wanted = arguments.foreground
        places = found.images, found.labels
        return check_masks(*places, wanted, splits, arguments.source, size)
    from inspection.datasets.checking.check import check_dataset

    ids = _label_map(arguments.labels_path)
    places = found.labels, found.images
    return check_dataset(*places, ids, splits, arguments.source, size)


def splits_of(arguments, found):
    """Return {split: stems} of the lists that were given, or lie in the set, else {}."""
    from inspection.datasets.splitting.split_lists import read_splits

    given = arguments.splits or ([found.splits] if found.splits else None)
    return read_splits(given) if given else {}


def _label_map(path):
    if path is None:
        return None
    from inspection.detection.config.label_map import read_label_map

    return read_label_map(path)


if __name__ == "__main__":
    main()
