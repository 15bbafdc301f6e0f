"""Find pictures: all of some files and folders, or the one an annotation belongs to."""

import re
import unicodedata
from collections import Counter, defaultdict
from pathlib import Path

from inspection.common.errors import DatasetError
from inspection.datasets.faults import Fault

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


def list_images(sources, recursive=True, leave_out=()):
    """Return the pictures of files and folders in any mix, sorted, each once.

    recursive: whether the folders in a folder are looked into; hidden ones never are.
    leave_out: folders that are not looked into, such as those of earlier results.

    Raises DatasetError naming the sources that are not there, or where no picture is.
    """
    sources = [Path(source) for source in sources]
    missing = [str(source) for source in sources if not source.exists()]
    if missing:
        raise DatasetError(
            f"{', '.join(missing)} is neither file nor folder; looked from {Path.cwd()}"
        )
    paths = set()
    for source in sources:
        paths |= set(_images_in(source, recursive)) if source.is_dir() else {source}
    hidden = {Path(folder).resolve() for folder in leave_out}
    paths = {path for path in paths if hidden.isdisjoint(path.resolve().parents)}
    if not paths:
        raise DatasetError(f"0 pictures found in {', '.join(map(str, sources))}")
    return sorted(paths)


def _images_in(folder, recursive):
    for path in folder.rglob("*") if recursive else folder.iterdir():
        hidden = any(p.startswith(".") for p in path.relative_to(folder).parts[:-1])
        if is_image_name(path.name) and path.is_file() and not hidden:
            yield path


def output_names(paths, sources):
    """Return {picture: the relative path under which its results are written}.

    It is the picture's place below the source folder that holds it, so that pictures of
    one name in two folders keep apart.
    """
    folders = [folder for folder in map(Path, sources) if folder.is_dir()]
    return {path: _below(path, folders) for path in paths}


def find_same_names(names):
    """Return a fault for each picture whose results would replace those of another.

    names: of `output_names`; case and extension tell no two results apart.
    """
    keys = {
        path: _key(str(name.with_name(stem(name.name)))) for path, name in names.items()
    }
    counts = Counter(keys.values())
    detail = "shares its name with another picture, so would its results"
    return [
        Fault("ambiguous-picture", names[path].as_posix(), detail)
        for path, key in keys.items()
        if counts[key] > 1
    ]


def _below(path, folders):
    for folder in folders:
        if path.is_relative_to(folder):
            return path.relative_to(folder)
    return Path(path.name)


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
        # pipe.jpg may be pipe.jpg itself, pipe.jpg.jpg, or pipe.png
        found = self._by_name.get(_key(name)) or self._by_stem.get(_key(name))
        return found or self._by_stem.get(_key(stem(name)), [])


class ImageTree:
    """The pictures of a folder and of those below, found by paths as a table has them."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self._opened = {(): ImageFolder(self.folder)}

    def find(self, path_text):
        """Return (folder below this one, pictures, leading parts left out) of a path.

        `\\set\\a\\b.png` is looked for as set/a/b.png, a/b.png, b.png: the
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
