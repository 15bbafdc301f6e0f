"""Put the address and branch of a fork wherever the course names its own."""

import re
from pathlib import Path
from urllib.parse import urlsplit

from inspection.common.atomic_files import together, write_text
from inspection.common.errors import UserError
from inspection.common.text_files import read_text
from inspection.course import paths

WHERE = (
    "notebooks/text/*.py",
    "notebooks/*.ipynb",
    "notebooks/*.md",
    "docs/*.md",
    "*.md",
)
PATHS = "scripts/inspection/course/paths.py"
GITHUB = "github.com"
MAIN = "main"
NAME = re.compile(r"[\w.-]+")
BRANCH = re.compile(r"(?!-)[\w./-]+")
# in a notebook the quotes of a cell are escaped
BRANCH_LINE = re.compile(r'(BRANCH = \\?")[^"\\]*(\\?"  # \\?"\\?" for the main one)')


def address_of(url: str) -> str:
    """Return the address of a repository on GitHub, as https and without .git.

    >>> address_of("git@github.com:me/course.git")
    'https://github.com/me/course'
    >>> address_of("https://github.com/me/course/")
    'https://github.com/me/course'
    """
    found = re.fullmatch(r"git@([^:]+):(.+)", url)
    host, path = found.groups() if found else urlsplit(url)[1:3]
    parts = path.strip("/").removesuffix(".git").split("/")
    named = len(parts) == 2 and all(map(NAME.fullmatch, parts))
    if host.removeprefix("www.") != GITHUB or not named:
        raise UserError(
            f"{url} is no repository on GitHub, from where Colab opens notebooks; write "
            "https://github.com/NAME/COURSE"
        )
    return f"https://{GITHUB}/{'/'.join(parts)}"


def set_repository(url: str, branch: str = "", root: Path = paths.ROOT) -> list[Path]:
    """Write the address and branch of a fork into all files; return those that changed.

    All of them change, or none. Raises UserError for an address that is none of GitHub,
    and for a name that no branch has.
    """
    new = address_of(url)
    branch = "" if branch == MAIN else branch
    if branch and not BRANCH.fullmatch(branch):
        raise UserError(f"{branch!r} is no name of a branch")
    old = re.search(r'^REPOSITORY = "(.+)"$', read_text(root / PATHS), re.MULTILINE)[1]
    files = [root / PATHS, *(p for w in WHERE for p in sorted(root.glob(w)))]
    changed = []
    with together():
        for path in files:
            text = read_text(path)
            rewritten = rewrite(text, old, new, branch)
            if rewritten != text:
                write_text(path, rewritten)
                changed.append(path)
    return changed


def rewrite(text, old, new, branch=""):
    """Return a text with another address, in badges and in the set-up cell as well."""
    short_old, short_new = (a.removeprefix("https://github.com/") for a in (old, new))
    badge = re.compile(rf"(/github/){re.escape(short_old)}/blob/.+?(?=/notebooks/)")
    text = badge.sub(rf"\g<1>{short_new}/blob/{branch or MAIN}", text)
    whole = re.compile(rf"{re.escape(old)}(?![\w-])")
    text = whole.sub(new, text)
    return BRANCH_LINE.sub(rf"\g<1>{branch}\g<2>", text)
