"""Split pictures and their annotations into train, val and test.

    python scripts/partition_dataset.py -i data/leaks/images \\
        --xml_dir data/leaks/annotations -r 0.2 --splits build/splits
    python scripts/partition_dataset.py -x -i my_images -r 0.1

The first writes lists of names, the second copies pictures and XML into my_images/train
and my_images/test, as the well-known script with the flags -i -o -r -x does. Every
class gets its share on each side; copies of one source and near-duplicates stay
together. A .zip is taken for a folder of pictures or annotations, with -o or --splits.
"""

from contextlib import contextmanager
from pathlib import Path

from inspection.common import arguments as flags
from inspection.common.errors import DatasetError, exit_on_error
from inspection.common.own_outputs import own_outputs
from inspection.common.text import plural


def parse_arguments():
    parser = flags.parser(__doc__)
    add = parser.add_argument
    add("-i", "--imageDir", default=".", metavar="DIR", help="pictures, or a .zip (.)")
    add("-o", "--outputDir", metavar="DIR", help="copy into train/, test/ here (-i)")
    add("-r", "--ratio", type=flags.share, default=0.1, help="share of test (0.1)")
    add("-x", "--xml", action="store_true", help="copy the annotations, too")
    add(
        "--val", type=flags.share, default=0.0, metavar="RATIO", help="share of val (0)"
    )
    add("--xml_dir", metavar="DIR", help="annotations, where not beside the pictures")
    add("--splits", metavar="DIR", help="write train.txt, test.txt; copy only with -o")
    add("--seed", type=flags.seed, default=42, help="another seed, another split (42)")
    add(
        "--source",
        metavar="REGEX",
        help='what tells the source of tiles or video frames, such as "(.+)_tile"',
    )
    add("--overwrite", action="store_true", help="replace folders of an older split")
    return parser.parse_args()


@exit_on_error()
def main():
    arguments = parse_arguments()
    from inspection.common.atomic_files import together
    from inspection.datasets.splitting.partition_files import (
        copy_partition,
        split_folder,
    )
    from inspection.datasets.splitting.split_lists import write_splits

    with find_folders(arguments) as (image_dir, xml_dir):
        parted = split_folder(
            image_dir,
            xml_dir,
            {"val": arguments.val, "test": arguments.ratio},
            arguments.source,
            arguments.seed,
        )
        print_split(parted)
        lists, folders = [], []
        if arguments.splits:
            lists = [Path(arguments.splits, f"{name}.txt") for name in parted.stems()]
        with own_outputs("partition_dataset.py", lists), together():
            if arguments.splits:
                write_splits(parted.stems(), arguments.splits)
            if arguments.outputDir or not arguments.splits:
                target = arguments.outputDir or arguments.imageDir
                folders = copy_partition(
                    parted, target, arguments.xml, arguments.overwrite
                )
        for path in lists:
            print(f"wrote {path}")
        for folder in folders:
            print(f"copied into {folder}")


@contextmanager
def find_folders(arguments):
    """Yield the folders of pictures and annotations, of a whole set where one is given."""
    from inspection.datasets.layouts.for_commands import (
        boxes_of,
        folders_of,
        holds_set,
        is_zip,
    )

    source, has_place = arguments.imageDir, arguments.outputDir or arguments.splits
    if is_zip(source) and not has_place:
        raise DatasetError(
            f"{source} is a .zip: say with --splits or -o where the split goes"
        )
    with folders_of(source, arguments.xml_dir) as (images, xml):
        if not holds_set(images, xml):
            yield images, xml or (images if arguments.xml else None)
            return
        if not has_place:
            raise DatasetError(
                f"{source} holds folders: say with --splits or -o where the split goes, "
                "not among them"
            )
        with boxes_of(xml or images, images) as found:
            refuse_own_split(found, source)
            yield found.images, found.partners


def refuse_own_split(found, source):
    """Raise DatasetError for a set that is split already."""
    if found.splits:
        raise DatasetError(
            f"{source} has a split of its own: take it, with check_dataset.py -x and "
            "generate_tfrecord.py -x --split; for another one, put all of its files "
            "into one folder first"
        )


def print_split(parted):
    for split, entries in parted.splits.items():
        shown = parted.classes[split].items()
        classes = ", ".join(f"{name} in {count:,}" for name, count in sorted(shown))
        print(
            f"{split:5} {plural(len(entries), 'picture')}{': ' * bool(classes)}{classes}"
        )
    if parted.copies:
        print(f"{plural(len(parted.copies), 'group')} of copies kept together:")
        for names in parted.copies[:5]:
            print(f"  {', '.join(names[:5])}{', ...' * (len(names) > 5)}")
    for split, names in parted.missing().items():
        print(f"warning: {split} shows no {', '.join(names)}: too few pictures of it")
    if parted.left_out:
        count = plural(len(parted.left_out), "picture")
        print(
            f"warning: left out {count} without an annotation: {parted.left_out[0]} ..."
        )


if __name__ == "__main__":
    main()
