"""Sets of boxes as the web has them: found by one path, with the split they bring."""

import pytest

from helpers.images import encode, sample_image
from helpers.sets.public_sets import (
    COUNTS,
    DIVIDED,
    SEEDS,
    WHOLE,
    add_devkit_lists,
    add_litter,
    add_pair,
    lay_out,
    zip_folder,
)
from inspection.common.errors import DatasetError
from inspection.datasets import voc
from inspection.datasets.layouts.folder_names import holds_masks, split_of
from inspection.datasets.layouts.opening import open_boxes
from inspection.datasets.splitting.split_lists import read_splits


@pytest.fixture
def opened(tmp_path):
    """Return a function that opens a set and reads its annotations and lists."""

    def opened(*settings):
        found = open_boxes(*settings, into=tmp_path / "into")
        annotations = voc.read_folder(found.partners, found.images)
        return annotations, read_splits([found.splits]) if found.splits else {}

    return opened


@pytest.mark.parametrize("layout", DIVIDED)
def test_the_split_of_a_zip_is_taken(layout, tmp_path, opened, capsys):
    dealt = lay_out(tmp_path / "set", layout)
    add_litter(tmp_path / "set")
    path = zip_folder(tmp_path / "set", tmp_path / "leaks.zip")
    annotations, lists = opened(path)
    assert lists == dealt
    assert all(a.image and len(a.boxes) == 2 for a in annotations)
    assert sorted(a.path.stem for a in annotations) == sorted(sum(dealt.values(), []))
    assert capsys.readouterr().out == (
        "leaks.zip: 12 pictures, 12 annotations; its own split is taken: train 6, val 3, "
        "test 3\n"
    )


@pytest.mark.parametrize("val", ["val", "valid", "Validation", "eval", "dev"])
def test_every_name_of_validation_is_val(val, tmp_path, opened):
    dealt = lay_out(tmp_path / "set", "parts outside", val)
    assert opened(tmp_path / "set")[1] == dealt


@pytest.mark.parametrize("layout", WHOLE)
def test_a_set_without_split_is_taken_whole(layout, tmp_path, opened, capsys):
    stems = lay_out(tmp_path / "set", layout)[""]
    add_litter(tmp_path / "set")
    annotations, lists = opened(tmp_path / "set", tmp_path / "set")
    assert [a.path.stem for a in annotations] == stems
    assert all(a.image for a in annotations)
    assert lists == {}
    assert capsys.readouterr().out == "set: 6 pictures, 6 annotations\n"
    assert not list((tmp_path / "into").glob("*")), "nothing had to be linked"


def test_devkit_brings_its_lists(tmp_path, opened):
    stems = lay_out(tmp_path / "set", "devkit")[""]
    lists = {"train": stems[:3], "val": stems[3:4], "test": stems[4:]}
    add_devkit_lists(tmp_path / "set", lists | {"trainval": stems[:4]})
    assert opened(tmp_path / "set")[1] == lists


def test_trainval_stands_for_train_where_there_is_no_train(tmp_path, opened):
    stems = lay_out(tmp_path / "set", "devkit")[""]
    add_devkit_lists(
        tmp_path / "set",
        {"trainval": stems[:5], "val": stems[4:5], "test": stems[5:]},
    )
    lists = opened(tmp_path / "set")[1]
    assert lists == {"train": stems[:4], "val": stems[4:5], "test": stems[5:]}


def test_a_list_whose_annotations_are_kept_secret_is_drawn(tmp_path, opened, capsys):
    lay_out(tmp_path / "set", "devkit")
    folder = tmp_path / "set/VOCdevkit/VOC2012"
    for n in range(6, 20):
        add_pair(folder / "JPEGImages", folder / "Annotations", f"pipe {n:03}", n)
    stems = [f"pipe {n:03}" for n in range(20)]
    add_devkit_lists(
        tmp_path / "set",
        {"train": stems[:15], "val": stems[15:], "test": ["2012_000001"]},
    )
    lists = opened(tmp_path / "set")[1]
    assert {split: len(names) for split, names in lists.items()} == {
        "train": 11,
        "val": 5,
        "test": 4,
    }
    assert (
        "train 11, val 5, test 4 (test drawn from its train)" in capsys.readouterr().out
    )
    assert opened(tmp_path / "set")[1] == lists
    assert "(test drawn from its train)" in capsys.readouterr().out


def test_devkits_of_two_archives_are_one_set(tmp_path, opened):
    lists = {
        "VOCtrainval_06-Nov-2007": {"train": [0, 1], "val": [2], "trainval": [0, 1, 2]}
    }
    lists["VOCtest_06-Nov-2007"] = {"test": [3, 4]}
    for archive, parts in lists.items():
        top = tmp_path / "set" / archive
        folder = top / "VOCdevkit/VOC2007"
        named = {
            split: [f"{n:06}" for n in numbers] for split, numbers in parts.items()
        }
        for n in max(parts.values(), key=len):
            add_pair(folder / "JPEGImages", folder / "Annotations", f"{n:06}", n)
        add_devkit_lists(top, named, "VOC2007")
    annotations, found = opened(tmp_path / "set")
    assert found == {
        "train": ["000000", "000001"],
        "val": ["000002"],
        "test": ["000003", "000004"],
    }
    assert len(annotations) == 5


def test_annotations_in_no_list_are_said(tmp_path, opened, capsys):
    stems = lay_out(tmp_path / "set", "devkit")[""]
    lists = {"train": stems[:3], "val": stems[3:4], "test": stems[4:5]}
    add_devkit_lists(tmp_path / "set", lists)
    opened(tmp_path / "set")
    assert "left out: 1 annotation in none of its lists" in capsys.readouterr().out


def test_lists_of_two_kinds_are_refused(tmp_path, opened):
    stems = lay_out(tmp_path / "set", "images and annotations")[""]
    for fold in ("fold1", "fold2"):
        folder = tmp_path / "set" / fold
        folder.mkdir()
        (folder / "train.txt").write_text("\n".join(stems[:3]))
        (folder / "test.txt").write_text("\n".join(stems[3:]))
    with pytest.raises(DatasetError, match="lists of a split lie in .*fold1, .*fold2"):
        opened(tmp_path / "set")


def test_a_list_with_single_unknown_names_is_refused(tmp_path, opened):
    stems = lay_out(tmp_path / "set", "devkit")[""]
    lists = {"train": [*stems[:4], "pipe 777"], "val": stems[4:]}
    add_devkit_lists(tmp_path / "set", lists)
    with pytest.raises(DatasetError, match="(?s)1 name in the lists.*pipe 777.*train"):
        opened(tmp_path / "set")


def test_what_the_split_lacks_is_drawn_from_train(tmp_path, opened, capsys):
    parts = {"train": 16, "test": 4}
    dealt = lay_out(tmp_path / "set", "roboflow", parts=parts)
    lists = opened(tmp_path / "set")[1]
    assert lists["test"] == dealt["test"]
    assert len(lists["val"]) == 2 and set(lists["val"]) < set(dealt["train"])
    assert sorted(lists["train"] + lists["val"]) == dealt["train"]
    assert "(val drawn from its train)" in capsys.readouterr().out


def test_one_part_alone_is_no_split(tmp_path, opened):
    lay_out(tmp_path / "set", "parts outside", parts={"train": 5})
    annotations, lists = opened(tmp_path / "set")
    assert (len(annotations), lists) == (5, {})


def test_names_that_begin_anew_in_each_part_keep_apart(tmp_path, opened):
    lay_out(tmp_path / "set", "parts outside", same_names=True)
    annotations, lists = opened(tmp_path / "set")
    assert lists["val"] == [f"val_pipe {n:03}" for n in range(3)]
    # pipe 003 is there once, and keeps its name
    assert lists["train"][2:4] == ["train_pipe 002", "pipe 003"]
    image_of = {a.path.stem: a.image for a in annotations}
    for split, seed in SEEDS.items():
        drawn = encode(sample_image(seed + 1), "JPEG")
        assert image_of[f"{split}_pipe 001"].read_bytes() == drawn


def test_two_archives_are_one_set(tmp_path, opened):
    dealt = lay_out(tmp_path / "set", "parts inside")
    images = zip_folder(tmp_path / "set/images", tmp_path / "images.zip")
    boxes = zip_folder(tmp_path / "set/annotations", tmp_path / "annotations.zip")
    assert opened(images, boxes)[1] == dealt


def test_given_lists_count_in_place_of_the_own(tmp_path):
    lay_out(tmp_path / "set", "roboflow")
    found = open_boxes(tmp_path / "set", "", "mine", tmp_path / "into")
    assert found.splits == "mine"


def test_folders_without_annotations_are_left_out_and_said(tmp_path, opened, capsys):
    dealt = lay_out(tmp_path / "set", "roboflow", parts={"train": 10, "val": 3})
    (tmp_path / "set/test").mkdir()
    for n in range(4):
        picture = tmp_path / f"set/test/{n}.jpg"
        picture.write_bytes(encode(sample_image(500 + n), "JPEG"))
    annotations, lists = opened(tmp_path / "set")
    assert len(annotations) == 13
    assert lists["val"] == dealt["val"]
    out = capsys.readouterr().out
    assert "left out: 4 pictures without annotations in test/" in out
    assert "(test drawn from its train)" in out


def test_pictures_without_annotation_among_others_stay(tmp_path):
    lay_out(tmp_path / "set", "roboflow")
    picture = tmp_path / "set/train/alone.jpg"
    picture.write_bytes(encode(sample_image(500), "JPEG"))
    found = open_boxes(tmp_path / "set", into=tmp_path / "into")
    assert (found.images / "alone.jpg").is_file()


def test_masks_are_no_pictures_to_draw_boxes_on(tmp_path, opened):
    stems = lay_out(tmp_path / "set", "devkit")[""]
    masks = tmp_path / "set/VOCdevkit/VOC2012/SegmentationClass"
    masks.mkdir()
    for stem in stems:
        (masks / f"{stem}.png").write_bytes(encode(sample_image(1), "PNG"))
    annotations, _ = opened(tmp_path / "set")
    assert {a.image.suffix for a in annotations} == {".jpg"}


def test_a_change_is_seen(tmp_path, opened):
    lay_out(tmp_path / "set", "roboflow")
    before, _ = opened(tmp_path / "set")
    add_pair(tmp_path / "set/train", tmp_path / "set/train", "new", 900)
    after, lists = opened(tmp_path / "set")
    assert len(after) == len(before) + 1 and "new" in lists["train"]
    assert len(list((tmp_path / "into").iterdir())) == 1, "the older links are gone"


def test_where_links_are_impossible_files_are_copied(tmp_path, opened, monkeypatch):
    def refuse(source, link):
        raise OSError("no links here")

    monkeypatch.setattr("os.symlink", refuse)
    monkeypatch.setattr("os.link", refuse)
    dealt = lay_out(tmp_path / "set", "roboflow")
    annotations, lists = opened(tmp_path / "set")
    assert lists == dealt and len(annotations) == 12


def test_two_sets_of_one_name_are_refused(tmp_path, opened):
    lay_out(tmp_path / "set/original", "images and annotations")
    lay_out(tmp_path / "set/resized", "images and annotations")
    with pytest.raises(DatasetError, match="with the name of another: give the folder"):
        opened(tmp_path / "set")


def test_an_annotation_of_two_pictures_is_refused(tmp_path, opened):
    add_pair(tmp_path / "set/train/images", tmp_path / "set/xml", "a", 1)
    add_pair(tmp_path / "set/test/images", tmp_path / "set/xml", "a", 2)
    with pytest.raises(
        DatasetError, match="(?s)with several pictures.*a.xml.*test.*train"
    ):
        opened(tmp_path / "set")


def test_files_beside_the_parts_are_refused(tmp_path, opened):
    lay_out(tmp_path / "set", "roboflow")
    add_pair(tmp_path / "set", tmp_path / "set", "astray", 900)
    with pytest.raises(DatasetError, match="(?s)in no part of the split.*astray.xml"):
        opened(tmp_path / "set")


def test_what_is_not_understood_is_shown(tmp_path, opened):
    folder = tmp_path / "set/deep/photos"
    folder.mkdir(parents=True)
    for n in range(3):
        (folder / f"{n}.jpg").write_bytes(encode(sample_image(n), "JPEG"))
    (tmp_path / "set/notes.docx").write_bytes(b"")
    with pytest.raises(DatasetError) as error:
        opened(tmp_path / "set")
    assert str(error.value).splitlines() == [
        f"{tmp_path}/set: no pictures with annotations found in this layout",
        "  ./  3 .jpg, 1 .docx",
        "    deep/  3 .jpg",
        "      photos/  3 .jpg",
        "  layouts that are read: pictures and annotations in one folder; images/ and "
        "annotations/; the same in each of train/, val/, test/, or train/, val/, test/ in "
        "each of them; VOCdevkit",
    ]


def test_an_empty_folder_of_annotations_beside_a_whole_set_is_named(tmp_path, opened):
    lay_out(tmp_path / "set", "roboflow")
    (tmp_path / "annotations").mkdir()
    with pytest.raises(
        DatasetError, match="annotations lie in .*/set itself, give it alone"
    ):
        opened(tmp_path / "set", tmp_path / "annotations")


@pytest.mark.parametrize("name", ["labels", "coco", "labelme"])
def test_other_formats_are_named_with_the_command(name, tmp_path, opened):
    texts = {
        "labels": ("pipe.txt", "0 0.5 0.5 0.2 0.4\n"),
        "coco": ("a.json", '{"images": [], "annotations": [], "categories": []}'),
        "labelme": ("pipe.json", '{"shapes": [], "imagePath": "pipe.jpg"}'),
    }
    file, text = texts[name]
    (tmp_path / "set/images").mkdir(parents=True)
    (tmp_path / "set" / name).mkdir()
    (tmp_path / "set/images/pipe.jpg").write_bytes(encode(sample_image(1), "JPEG"))
    (tmp_path / "set" / name / file).write_text(text)
    command = f"python scripts/convert_annotations.py {tmp_path}/set -o OUTPUT"
    with pytest.raises(DatasetError, match=command):
        opened(tmp_path / "set")
    with pytest.raises(DatasetError, match="0 annotations .*convert_annotations.py"):
        voc.list_annotations(tmp_path / "set" / name)


def test_folders_in_a_circle_end(tmp_path, opened):
    lay_out(tmp_path / "set", "roboflow")
    (tmp_path / "set/train/again").symlink_to(tmp_path / "set")
    with pytest.raises(DatasetError, match="deep"):
        opened(tmp_path / "set")


@pytest.mark.parametrize(
    ("name", "split"),
    [
        ("Train", "train"),
        ("train_zip", "train"),
        ("trainset", "train"),
        ("train2017", "train"),
        ("TEST-images", "test"),
        ("valid", "val"),
        ("validation_set", "val"),
        ("test_labels", "test"),
        ("trains", None),
        ("train_test", None),
        ("train station", None),
        ("2017", None),
    ],
)
def test_split_of(name, split):
    assert split_of(name) == split


def test_the_last_word_says_what_a_folder_holds():
    assert holds_masks(("rust", "Ground Truth"))
    assert holds_masks(("train", "labels"))
    assert not holds_masks(("labels", "images"))
    assert not holds_masks(("train",))


def test_counts_fit():
    assert sum(COUNTS.values()) == 12
