"""Names of classes and of pictures, and the lists of a split, as check_dataset reads them."""

import os
import unicodedata

import pytest

from inspection.common.errors import DatasetError
from inspection.datasets.checking import class_names
from inspection.datasets.splitting import sources, split_lists
from inspection.datasets.splitting.split_lists import read_splits


@pytest.mark.parametrize(
    "name, wanted",
    [
        ("Leak", "leak"),
        (" leak", "leak"),
        ("water_leak", "water leak"),
        ("laek", "leak"),
    ],
)
def test_nearest_class(name, wanted):
    assert class_names.nearest(name, ["leak", "water leak", "stain"]) == wanted


@pytest.mark.parametrize(
    "counts, pairs",
    [
        ({"leak": 50, "Leak": 60}, [("leak", "Leak")]),
        ({"water leak": 5, "water_leak": 9}, [("water leak", "water_leak")]),
        ({"puddle": 50, "pudle": 40}, [("pudle", "puddle")]),
        ({"leak": 500, "laek": 2}, [("laek", "leak")]),
        ({"leak": 50, "leaf": 40}, []),
        ({"crack1": 500, "crack2": 2}, []),
        ({"RBC": 4155, "WBC": 372, "Platelets": 361}, []),
    ],
)
def test_similar_classes(counts, pairs):
    assert class_names.similar_pairs(counts) == pairs


@pytest.mark.parametrize(
    "stem, pattern, source",
    [
        ("pipe_jpg.rf.0a1b2c", None, "pipe"),
        ("pipe.rf.0a1b2c", None, "pipe"),
        ("pipe_aug_3", None, "pipe"),
        ("pipe - Copy (2)", None, "pipe"),
        ("pipe_hflip_rot90", None, "pipe"),
        ("pipe_aug_1_png.rf.ff00", None, "pipe"),
        ("leak_012", None, "leak_012"),
        ("IMG (2)", None, "IMG (2)"),
        ("copy", None, "copy"),
        ("hall_tile_3_4", "(.+)_tile", "hall"),
        ("other", "(.+)_tile", "other"),
    ],
)
def test_source_names(stem, pattern, source):
    assert sources.source_name(stem, pattern) == source


def test_split_lists(tmp_path):
    path = tmp_path / "train.txt"
    path.write_bytes(b"\xef\xbb\xbfa b.jpg\r\n\r\nimages/c.PNG\r\npipe.v2\r\n")
    assert read_splits([path]) == {"train": ["a b", "c", "pipe.v2"]}
    assert read_splits([tmp_path]) == {"train": ["a b", "c", "pipe.v2"]}
    path.write_text("\n")
    for paths in ([path], [tmp_path / "no.txt"], [tmp_path.parent]):
        with pytest.raises(DatasetError):
            read_splits(paths)


NAMES = [
    "foto.jpg",
    "foto.jpg.png",
    "img.xml",
    "IMG.XML",
    "a b ",
    " a",
    "pipe.v2",
    "back\\slash",
    '"quoted"',
    "two\nlines",
    "next\x85line",
    "page\u2028break",
    "tab\tand\rreturn",
    "#1",
    unicodedata.normalize("NFD", "küche"),
    unicodedata.normalize("NFC", "halle ä"),
    os.fsdecode(b"caf\xe9"),
    "\ufeffmark",
]


def test_lists_come_back_whatever_the_names(tmp_path):
    splits = {"train": NAMES[::2], "test": NAMES[1::2]}
    split_lists.write_splits(splits, tmp_path)
    assert read_splits([tmp_path]) == splits
    for name in NAMES:
        split_lists.write_splits({"val": [name]}, tmp_path)
        assert split_lists.read_split(tmp_path / "val.txt") == [name]


@pytest.mark.parametrize(
    "name, known, wanted",
    [
        ("a", ["a", "A"], "a"),
        ("Hall", ["hall", "yard"], "hall"),
        ("k\u00fcche", ["ku\u0308che"], "ku\u0308che"),
        ("ku\u0308che", ["K\u00fcche"], "K\u00fcche"),
        ("foto", ["foto.jpg"], "foto.jpg"),
        ("foto.jpg", ["foto"], "foto"),
        ("foto", ["foto", "foto.jpg"], "foto"),
        ("foto", ["foto.jpg", "foto.png"], None),
        ("A", ["a", "\u0041b", "Ab"], "a"),
        ("ab", ["Ab", "aB"], None),
        ("foto", ["fotos"], None),
    ],
)
def test_names_are_found(name, known, wanted):
    found, lost = split_lists.match_names([name], known)
    assert (found, lost) == (({name: wanted}, []) if wanted else ({}, [name]))
