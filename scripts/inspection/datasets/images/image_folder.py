"""Find the picture that an annotation belongs to, whatever its XML calls it."""

import re
import unicodedata
from collections import defaultdict
from pathlib import Path

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


class ImageFolder:
    """The pictures of one folder, found by name regardless of case and extension.

    Attributes:
        paths: the pictures, sorted by name.
    """

    def __init__(self, folder):
        self.folder = Path(folder)
        entries = sorted(self.folder.iterdir())
        self.paths = [p for p in entries if is_image_name(p.name)]
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
        # pipe.jpg may be pipe.jpg itself, pipe.jpg.jpg, or pipe.png
        found = self._by_name.get(_key(name)) or self._by_stem.get(_key(name))
        return found or self._by_stem.get(_key(stem(name)), [])
