"""Find the pictures that a JSON names by a path of another computer."""

import re
from collections import defaultdict

from inspection.datasets.images.image_folder import stem
from inspection.datasets.layouts.box_layout import plain
from inspection.datasets.layouts.set_tree import read_tree


class PictureIndex:
    """All pictures below a folder, found by the end of a path, whatever their case."""

    def __init__(self, top):
        self.paths = [path for branch in read_tree(top) for path in branch.images()]
        self._by_name, self._by_stem = defaultdict(list), defaultdict(list)
        for path in self.paths:
            self._by_name[plain(path.name)].append(path)
            self._by_stem[plain(stem(path.name))].append(path)

    def find(self, path_text, near):
        """Return the pictures that a path may mean, the one of the longest common end.

        near: the folder of the JSON; of several the one in it or below it counts. The
        extension may be missing in the path, or be another.
        """
        *folders, name = [part for part in re.split(r"[\\/]", path_text) if part] or [
            ""
        ]
        found = self._by_name.get(plain(name)) or self._by_stem.get(
            plain(stem(name)), []
        )
        if len(found) > 1:
            wanted = [plain(part) for part in reversed(folders)]
            scores = {path: _common_end(path, wanted) for path in found}
            best = max(scores.values())
            found = [path for path in found if scores[path] == best]
        if len(found) > 1:
            found = [path for path in found if path.is_relative_to(near)] or found
        return found


def _common_end(path, folders):
    """Return how many folders above a file are those of a path, from the last one on."""
    count = 0
    for folder, part in zip(folders, reversed(path.parts[:-1]), strict=False):
        if folder != plain(part):
            break
        count += 1
    return count
