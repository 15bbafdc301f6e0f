import io

import numpy as np
import pytest
from PIL import Image

from helpers.images import encode
from helpers.tiny_detector import (
    NAMES,
    image_record,
    make_records,
    painted_boxes,
    random_record,
    tiny_config,
)
from inspection.common.errors import DatasetError, UserError
from inspection.detection.records.records import write_records
from inspection.detection.training.input_pipeline import (
    evaluation_batches,
    training_batches,
)

BOX = (0.25, 0.125, 0.75, 0.625)
PAINTED = painted_boxes([BOX], [2])
KINDS = {
    "rgb.png": (Image.fromarray(PAINTED), "PNG"),
    "grey.png": (Image.fromarray(PAINTED).convert("L"), "PNG"),
    "rgba.png": (Image.fromarray(np.dstack([PAINTED, PAINTED[..., 0]])), "PNG"),
    "rgb.jpg": (Image.fromarray(PAINTED), "JPEG"),
    "grey.jpg": (Image.fromarray(PAINTED).convert("L"), "JPEG"),
}


def first_batch(dataset):
    """Return the first batch as numpy arrays, with names as text."""
    images, ground_truth = next(iter(dataset))
    ground_truth = {name: value.numpy() for name, value in ground_truth.items()}
    return images.numpy(), ground_truth | {
        "name": [n.decode() for n in ground_truth["name"]]
    }


def numbered(count):
    return [random_record(number) for number in range(count)]


def plain_config(folder, **fields):
    """Return a config without augmentations that reads the records in order."""
    config = tiny_config(folder, **fields)
    config.set("train_config.data_augmentation_options", [])
    config.set("train_input_reader.shuffle", False)
    return config


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a folder of eight records of 64 x 64 pixels."""
    return make_records(tmp_path_factory.mktemp("records") / "ü b")


@pytest.fixture(scope="module")
def kinds(tmp_path_factory):
    """Return the first batch of a set of pictures of all kinds, and one without box."""
    records = [
        image_record(name, [BOX], [2], encode(image, kind))
        for name, (image, kind) in KINDS.items()
    ]
    records += [
        image_record("empty ü.png"),
        image_record("wide.png", size=(32, 48)),
    ]
    folder = make_records(tmp_path_factory.mktemp("kinds"), records)
    return first_batch(
        evaluation_batches(tiny_config(folder, eval_config__batch_size=7))
    )


@pytest.mark.parametrize("number, name", list(enumerate(KINDS)))
def test_pictures_of_every_kind_become_rgb(kinds, number, name):
    images, ground_truth = kinds
    image, kind = KINDS[name]
    decoded = np.array(Image.open(io.BytesIO(encode(image, kind))).convert("RGB"), int)
    assert ground_truth["name"][number] == name
    tolerance = (
        3 if name.endswith("jpg") else 1e-3
    )  # decoders of JPEG round differently
    np.testing.assert_allclose(
        (images[number] + 1) * 127.5, decoded, rtol=0, atol=tolerance
    )


def test_truth_of_a_batch(kinds):
    images, ground_truth = kinds
    assert images.shape == (7, 64, 64, 3)
    assert images.min() >= -1 and images.max() <= 1
    assert ground_truth["classes"].tolist() == [[2]] * 5 + [[0]] * 2
    np.testing.assert_allclose(ground_truth["boxes"][:5, 0], [BOX] * 5)
    assert not ground_truth["boxes"][5:].any()
    assert ground_truth["name"][5:] == ["empty ü.png", "wide.png"]
    assert ground_truth["size"].tolist() == [[64, 64]] * 6 + [[32, 48]]
    assert ground_truth["difficult"].shape == (7, 1)


def test_all_pictures_are_evaluated_once_and_in_order(folder):
    config = tiny_config(folder, eval_config__batch_size=3)
    batches = [
        list(ground_truth["name"].numpy())
        for _, ground_truth in evaluation_batches(config)
    ]
    assert [len(batch) for batch in batches] == [3, 3, 2]
    assert sum(batches, []) == [b"tiny_%02d.png" % i for i in range(8)]


def test_every_nth_picture_is_evaluated(folder):
    config = tiny_config(folder, eval_input_reader__sample_1_of_n_examples=3)
    _, ground_truth = first_batch(evaluation_batches(config))
    assert ground_truth["name"] == ["tiny_00.png", "tiny_03.png", "tiny_06.png"]


def test_training_without_augmentation_sees_the_records(folder):
    records = numbered(4)
    images, ground_truth = first_batch(training_batches(plain_config(folder)))
    for i, record in enumerate(records):
        np.testing.assert_allclose((images[i] + 1) * 127.5, record.image(), atol=1e-3)
        count = len(record.boxes)
        np.testing.assert_allclose(
            ground_truth["boxes"][i, :count], record.boxes, atol=1e-6
        )
        wanted = [*record.class_ids] + [0] * (2 - count)
        assert ground_truth["classes"][i].tolist() == wanted


def test_training_goes_round_without_end(folder):
    names = []
    for _, ground_truth in training_batches(plain_config(folder, num_steps=6)).take(5):
        names += list(ground_truth["name"].numpy())
    assert len(names) == 20 and names[:8] == names[8:16]


def test_the_same_seed_gives_the_same_batches(folder):
    first, again, other = (
        first_batch(training_batches(tiny_config(folder), seed)) for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first[0], again[0])
    np.testing.assert_array_equal(first[1]["boxes"], again[1]["boxes"])
    assert first[1]["name"] != other[1]["name"]
    assert not np.array_equal(first[0], other[0])


def test_a_picture_comes_back_in_another_way(tmp_path):
    config = tiny_config(make_records(tmp_path, numbered(1)))
    images, _ = first_batch(training_batches(config))
    assert len({image.tobytes() for image in images}) > 1


def test_no_more_boxes_than_the_config_allows(tmp_path):
    boxes = [(0.1, 0.1, 0.2 + i / 10, 0.5) for i in range(5)]
    records = [image_record(f"{i}.png", boxes, [1] * 5) for i in range(4)]
    config = plain_config(
        make_records(tmp_path, records), train_config__max_number_of_boxes=3
    )
    _, ground_truth = first_batch(training_batches(config))
    np.testing.assert_allclose(ground_truth["boxes"], [boxes[:3]] * 4)
    assert ground_truth["classes"].tolist() == [[1, 1, 1]] * 4


def test_shards_are_found_by_pattern(tmp_path):
    write_records(numbered(5), tmp_path / "train.record", shards=2)
    config = tiny_config(make_records(tmp_path), eval_config__batch_size=9)
    pattern = str(tmp_path / "train.record-*-of-00002")
    config.set("eval_input_reader.tf_record_input_reader.input_path", pattern)
    _, ground_truth = first_batch(evaluation_batches(config))
    assert ground_truth["name"] == [f"tiny_0{i}.png" for i in (0, 2, 4, 1, 3)]


@pytest.mark.parametrize("batches", [training_batches, evaluation_batches])
def test_a_missing_record_file_is_named(tmp_path, batches):
    config = tiny_config(tmp_path)
    with pytest.raises(DatasetError, match="no record file found.*\n.*pictures.record"):
        batches(config)


@pytest.mark.parametrize("batches", [training_batches, evaluation_batches])
def test_a_record_file_without_records_is_an_error(tmp_path, batches):
    config = tiny_config(make_records(tmp_path))
    (tmp_path / "pictures.record").write_bytes(b"")
    with pytest.raises(UserError, match="pictures.record"):
        batches(config)


def test_records_of_other_writers_may_lack_flags(tmp_path):
    import dataclasses

    record = dataclasses.replace(
        random_record(1), difficult=(), truncated=(), filename="", class_names=()
    )
    _, ground_truth = first_batch(
        evaluation_batches(tiny_config(make_records(tmp_path, [record])))
    )
    assert ground_truth["difficult"].tolist() == [[0, 0]]
    assert ground_truth["name"] == [""]
    assert len(NAMES) == 2 and sorted(ground_truth["classes"][0]) == [1, 2]
