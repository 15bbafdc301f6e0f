"""Tell whether a camera still takes pictures like those that a model was made for.

    python scripts/check_camera.py data/leaks/images -o build/camera.json
    python scripts/check_camera.py new_pictures film.mp4 --reference build/camera.json

Without --reference it learns what the pictures look like, 200 of them or more, of
different days: light, color, sharpness, texture. With it pictures and films are looked
at in the order of their names, and it says when they have changed, and what; the exit
status is then 1. detect.py and serve.py take the same file with --reference. Needs only
requirements-edge.txt.
"""

import sys
from pathlib import Path

from inspection.common import arguments as flags
from inspection.common.errors import UserError, exit_on_error
from inspection.common.own_outputs import own_outputs
from inspection.common.text import plural


def parse_arguments():
    parser = flags.parser(__doc__)
    add = parser.add_argument
    add("sources", nargs="+", metavar="SOURCE", help="pictures, folders, films")
    flags.add_output(parser, required=False, metavar="FILE", help=".json to write")
    add("--reference", metavar="FILE", help="what pictures looked like before")
    return parser.parse_args()


@exit_on_error()
def main():
    arguments = parse_arguments()
    if bool(arguments.output) == bool(arguments.reference):
        raise UserError("name a file with -o to learn, or with --reference to compare")
    if arguments.output:
        learn(arguments.sources, arguments.output)
    else:
        compare(arguments.sources, arguments.reference)


def learn(sources, output):
    """Write the reference of pictures and films."""
    from inspection.deploy.drift import make_reference, write_reference

    with own_outputs("check_camera.py", [output], sources):
        reference = make_reference(frame for _, frame in frames_of(sources))
        write_reference(output, reference)
    print(f"wrote {output}: {plural(reference.pictures, 'picture')}")


def compare(sources, path):
    """Print each change; end with status 1 where there is one."""
    from inspection.deploy.drift import WINDOW, DriftWatch, read_reference

    watch = DriftWatch(read_reference(path))
    for name, frame in frames_of(sources):
        change = watch.look(frame)
        if change:
            print(f"changed since {name}: {change.cause}")
    if watch.frames < WINDOW:
        raise UserError(
            f"{plural(watch.frames, 'picture')} are too few to tell: it takes {WINDOW}"
        )
    if not watch.changes:
        print(f"{plural(watch.frames, 'picture')}: nothing has changed")
    sys.exit(bool(watch.changes))


def frames_of(sources):
    """Yield (name, RGB frame) of pictures, folders and films."""
    from inspection.datasets.images.image_file import read_rgb
    from inspection.datasets.images.image_folder import list_images
    from inspection.datasets.images.value_range import find_range
    from inspection.deploy.source_kind import is_film, open_film

    films = [source for source in sources if is_film(source)]
    images = [source for source in sources if source not in films]
    paths = list_images(images) if images else []
    find_range(paths)
    for path in paths:
        yield path, read_rgb(path)
    for source in films:
        for seconds, frame in open_film(source, None):
            yield f"{Path(source).name} at {seconds:.1f} s", frame


if __name__ == "__main__":
    main()
