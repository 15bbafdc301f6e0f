"""Find the folders of classes in a set: below doubled folders, as Kaggle has them.

archive/archive/{clean,crack}/, train_zip/train/{clean,crack}/
"""

from inspection.datasets.fetching.archives import LITTER
from inspection.datasets.images.image_folder import is_image_name
from inspection.datasets.layouts.box_layout import plain
from inspection.datasets.layouts.folder_names import FILLERS, split_of, words_of


def folders_in(folder):
    """Return the folders in a folder, sorted, without hidden ones."""
    return sorted(
        entry
        for entry in folder.iterdir()
        if entry.is_dir() and not entry.name.startswith((".", LITTER))
    )


def find_root(folder, class_names=None):
    """Return the folder in which those of the classes, or of the split's parts, lie.

    It is the one folder in `folder`, and so on, where that is called the same, or
    dataset or the like, or holds the parts of a split or just the classes. A class with
    folders of its own is none of these.
    """
    inside = folders_in(folder)
    if len(inside) != 1 or _has_images(folder) or _has_images(inside[0]):
        return folder
    (inner,) = inside
    names = {entry.name for entry in folders_in(inner)}
    is_shell = plain(inner.name) == plain(folder.name)
    is_shell = is_shell or FILLERS.union({"archive"}).issuperset(words_of(inner.name))
    is_shell = is_shell or any(split_of(name) == "train" for name in names)
    is_shell = is_shell or (class_names is not None and names == set(class_names))
    return find_root(inner, class_names) if names and is_shell else folder


def find_part_root(part):
    """Return the folder of the classes in a part of a split: train_zip/train/."""
    inside = folders_in(part)
    same = [inner for inner in inside if split_of(inner.name) == split_of(part.name)]
    if len(inside) == 1 and same and not _has_images(part) and folders_in(same[0]):
        return find_part_root(same[0])
    return part


def _has_images(folder):
    return any(is_image_name(path.name) for path in folder.iterdir() if path.is_file())
