"""Put the address of a fork wherever the course names its own: badges, set-up cells.

    python tools/set_repository.py https://github.com/me/course
    python tools/set_repository.py https://github.com/me/course.git --branch autumn

Notebooks keep their outputs. Only addresses of GitHub are taken: from there Colab opens
notebooks. Without --branch it is the main one. All files change, or none.
"""

import bootstrap  # noqa: F401
from inspection.common import arguments as flags
from inspection.common.errors import exit_on_error


def parse_arguments():
    parser = flags.parser(__doc__)
    parser.add_argument("url", metavar="URL", help="of the repository")
    parser.add_argument("--branch", default="", help="that students get (the main one)")
    return parser.parse_args()


@exit_on_error()
def main():
    arguments = parse_arguments()
    from inspection.course import paths
    from inspection.publishing import repository

    changed = repository.set_repository(arguments.url, arguments.branch)
    for path in changed:
        print(path.relative_to(paths.ROOT).as_posix())
    print("next: look at the changes with git diff, and commit them")


if __name__ == "__main__":
    main()
