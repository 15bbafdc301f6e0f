"""Find the picture that an annotation belongs to, whatever its XML calls it."""

import re
import unicodedata
from collections import defaultdict
from pathlib import Path

from inspection.common.errors import DatasetError

EXTENSIONS = frozenset(
    ".jpg .jpeg .jpe .jfif .png .gif .bmp .tif .tiff .webp .heic .heif .avif".split()
)


def is_image_name(name):
    """Tell whether a name ends like a picture's; AppleDouble files (`._*`) do not."""
    return not name.startswith("._") and Path(name).suffix.lower() in EXTENSIONS


def base_name(path_text):
    """Return the last part of a path written on any system."""
    return re.split(r"[\\/]", path_text.strip())[-1]


def stem(name):
    """Return a name without its picture extension; other dots stay (`pipe.v2`)."""
    suffix = Path(name).suffix
    return name[: -len(suffix)] if suffix.lower() in EXTENSIONS else name


def same_name(one, other):
    """Tell whether two names are one but for case and picture extension."""
    return _key(stem(one)) == _key(stem(other))


def _key(name):
    # macOS stores names decomposed; Windows and labelers change the case
    return unicodedata.normalize("NFC", name).casefold()


def check_names(paths):
    """Return the paths, or raise DatasetError where a name is not UTF-8.

    Such a name comes from an archive of another system; no list or record can hold it.
    """
    broken = [path.name for path in paths if not path.name.isprintable()]
    broken = [name for name in broken if name != name.encode(errors="replace").decode()]
    if broken:
        shown = [name.encode("ascii", "backslashreplace").decode() for name in broken]
        raise DatasetError(
            f"{len(broken)} file names in {paths[0].parent} are not UTF-8: rename the"
            " files, or unpack their archive with the right encoding",
            shown,
        )
    return paths


class ImageFolder:
    """The pictures of one folder, found by name regardless of case and extension.

    Attributes:
        paths: the pictures, sorted by name.
    """

    def __init__(self, folder):
        self.folder = Path(folder)
        entries = sorted(self.folder.iterdir())
        self.paths = check_names([p for p in entries if is_image_name(p.name)])
        self._by_name, self._by_stem = defaultdict(list), defaultdict(list)
        for path in self.paths:
            self._by_name[_key(path.name)].append(path)
            self._by_stem[_key(stem(path.name))].append(path)

    def candidates(self, xml_stem, filename=""):
        """Return the pictures an XML may mean: by its own stem, else by <filename>.

        One path is the answer, none means that there is no picture, and several that
        the folder holds the name more than once and <filename> does not decide.
        """
        filename = base_name(filename)
        found = self._matching(xml_stem)
        named = [path for path in found if path.name == filename]
        return named or found or (self._matching(filename) if filename else [])

    def _matching(self, name):
        return self._by_name.get(_key(name)) or self._by_stem.get(_key(stem(name)), [])


class ImageTree:
    """The pictures of a folder and of those below, found by paths as a table has them."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self._opened = {(): ImageFolder(self.folder)}

    def find(self, path_text):
        """Return (folder below this one, pictures, leading parts left out) of a path.

        `C:\\set\\hall_a\\b.png` is looked for as set/hall_a/b.png, hall_a/b.png, b.png: the
        longest that is there counts. Several pictures: the name does not decide.
        """
        *parts, name = re.split(r"[\\/]", path_text.strip())
        parts = [part for part in parts if part not in ("", ".", "..")]
        for dropped in range(len(parts) + 1):
            kept = tuple(parts[dropped:])
            folder = self._open(kept)
            found = folder.candidates(stem(name), name) if folder else []
            if found:
                inside = folder.folder.relative_to(self.folder).as_posix()
                return ("" if inside == "." else inside), found, dropped
        return "", [], 0

    def _open(self, parts):
        """Return the ImageFolder of parts of a path, whatever their case, or None."""
        if parts not in self._opened:
            above = self._open(parts[:-1])
            inside = above.folder.iterdir() if above else ()
            named = [
                p for p in inside if p.is_dir() and _key(p.name) == _key(parts[-1])
            ]
            exact = [p for p in named if p.name == parts[-1]]
            folder = (exact or named or [None])[0]
            self._opened[parts] = ImageFolder(folder) if folder else None
        return self._opened[parts]
