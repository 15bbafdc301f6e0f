"""Download a public data set, checked and laid out for the notebooks and commands.

    python scripts/download_dataset.py bccd
    python scripts/download_dataset.py metu_cracks --archive Downloads/concrete.rar
    python scripts/download_dataset.py --list

The set is laid out in the cache, ~/.cache/visual-inspection/sets or the folder that
VISUAL_INSPECTION_CACHE names, or in -o; a second time needs no network. In a notebook
its name is enough: IMAGES = "bccd". Without network the message says which file to fetch
by hand, and where to put it; VISUAL_INSPECTION_MIRROR may hold the address of a folder
with copies. A .rar asks for unrar, bsdtar or 7z. Exit status: 0 the set is there, 2 not.
"""

from pathlib import Path

from inspection.common import arguments as flags
from inspection.common.errors import exit_on_error

IN_NOTEBOOK = {
    "boxes": 'IMAGES = "{name}", ANNOTATIONS = "", SPLITS = ""',
    "classes": 'PICTURES = "{name}"',
    "masks": 'IMAGES = "{name}", MASKS = "", SPLITS = ""',
}


def parse_arguments():
    parser = flags.parser(__doc__)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("name", nargs="?", metavar="NAME", help="name of the set")
    what.add_argument("--list", action="store_true", help="list the sets")
    parser.add_argument(
        "--archive", type=Path, metavar="FILE", help="take this file, brought by hand"
    )
    flags.add_output(parser, default="", metavar="DIR", help="a new folder (the cache)")
    return parser.parse_args()


def print_list(sets):
    """Print name, contents, licence and size of every set."""
    for entry in sets.values():
        size = f"{entry.bytes / 1e6:.0f} MB" if entry.bytes else "size as its host says"
        print(f"{entry.name:<12} {entry.title}\n{'':13}{entry.licence}; {size}")


@exit_on_error()
def main():
    arguments = parse_arguments()
    from inspection.datasets.fetching.public import entries, obtain

    if arguments.list:
        print_list(entries.SETS)
        return
    folder = obtain.fetch_set(arguments.name, arguments.output, arguments.archive or "")
    entry = entries.find_set(arguments.name)
    print("\n".join(obtain.describe_set(entry, folder)))
    classes = ", ".join(f'"{name}"' for name in entry.classes)
    words = IN_NOTEBOOK[entry.kind].format(name=arguments.output or entry.name)
    print(f"in a notebook: {words}, CLASSES = [{classes}]")


if __name__ == "__main__":
    main()
