import dataclasses
import io

import numpy as np
import pytest
from PIL import Image

from helpers.images import encode
from inspection.common.errors import DatasetError
from inspection.detection.records import (
    example,
    record_check,
    record_sheet,
    records,
    tfrecord,
)
from inspection.detection.records.records import CORNERS, Record


def jpeg(width=64, height=48, color=(200, 30, 90)):
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), color).save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


def make_record(name="a ü.jpg", boxes=((0.1, 0.2, 0.5, 0.75), (0.0, 0.0, 1.0, 1.0))):
    count = len(boxes)
    return Record(
        encoded=jpeg(),
        format="jpeg",
        height=48,
        width=64,
        filename=name,
        boxes=boxes,
        class_ids=(2, 1)[:count],
        class_names=("Pfütze", "leak")[:count],
        difficult=(True, False)[:count],
        truncated=(False, True)[:count],
        views=("Unspecified", "Left")[:count],
    )


@pytest.fixture
def path(tmp_path):
    return tmp_path / "my data" / "train.record"


def test_what_is_written_is_read_back(path):
    written = [make_record(), make_record("empty.jpg", ())]
    assert records.write_records(written, path) == 2
    first, second = records.read_records(path)
    assert first.encoded == written[0].encoded
    assert first.class_names == ("Pfütze", "leak")
    assert first.class_ids == (2, 1)
    assert first.difficult == (True, False)
    np.testing.assert_allclose(first.box_array(), written[0].boxes, rtol=1e-6)
    assert first.image().shape == (48, 64, 3)
    assert second.filename == "empty.jpg"
    assert second.box_array().shape == (0, 4)


def test_tensorflow_reads_what_we_write(path):
    tf = pytest.importorskip("tensorflow")
    records.write_records([make_record(), make_record("empty.jpg", ())], path)
    var = tf.io.VarLenFeature
    wanted = {
        "image/height": tf.io.FixedLenFeature((), tf.int64),
        "image/width": tf.io.FixedLenFeature((), tf.int64),
        "image/filename": tf.io.FixedLenFeature((), tf.string),
        "image/source_id": tf.io.FixedLenFeature((), tf.string),
        "image/key/sha256": tf.io.FixedLenFeature((), tf.string),
        "image/encoded": tf.io.FixedLenFeature((), tf.string),
        "image/format": tf.io.FixedLenFeature((), tf.string),
        "image/object/bbox/xmin": var(tf.float32),
        "image/object/bbox/xmax": var(tf.float32),
        "image/object/bbox/ymin": var(tf.float32),
        "image/object/bbox/ymax": var(tf.float32),
        "image/object/class/text": var(tf.string),
        "image/object/class/label": var(tf.int64),
        "image/object/difficult": var(tf.int64),
        "image/object/truncated": var(tf.int64),
        "image/object/view": var(tf.string),
    }
    data = [d.numpy() for d in tf.data.TFRecordDataset([str(path)])]
    first, second = (tf.io.parse_single_example(d, wanted) for d in data)
    assert set(tf.train.Example.FromString(data[0]).features.feature) == set(wanted)
    assert first["image/height"] == 48
    assert first["image/filename"].numpy().decode() == "a ü.jpg"
    assert first["image/format"] == b"jpeg"
    assert len(first["image/key/sha256"].numpy()) == 64
    values = first["image/object/bbox/xmin"].values
    np.testing.assert_allclose(values, [0.2, 0.0], rtol=1e-6)
    assert list(first["image/object/class/label"].values.numpy()) == [2, 1]
    assert first["image/object/class/text"].values[0].numpy().decode() == "Pfütze"
    pixels = tf.io.decode_jpeg(first["image/encoded"], dct_method="INTEGER_ACCURATE")
    np.testing.assert_array_equal(pixels, records.decode_record(data[0]).image())
    assert second["image/object/bbox/xmin"].values.shape == (0,)
    assert len(tf.train.Example.FromString(data[1]).features.feature) == len(wanted)


def test_we_read_what_tensorflow_writes(path):
    tf = pytest.importorskip("tensorflow")
    path.parent.mkdir()

    def floats(*values):
        return tf.train.Feature(float_list=tf.train.FloatList(value=values))

    def ints(*values):
        return tf.train.Feature(int64_list=tf.train.Int64List(value=values))

    def texts(*values):
        return tf.train.Feature(bytes_list=tf.train.BytesList(value=values))

    features = {
        "image/height": ints(48),
        "image/width": ints(64),
        "image/encoded": texts(jpeg()),
        "image/object/bbox/ymin": floats(0.25, 0.5),
        "image/object/bbox/xmin": floats(0.0, 0.5),
        "image/object/bbox/ymax": floats(0.5, 1.0),
        "image/object/bbox/xmax": floats(0.125, 0.75),
        "image/object/class/text": texts(b"leak", b"leak"),
        "image/object/class/label": ints(1, 1),
        "unknown/feature": ints(7),
    }
    message = tf.train.Example(features=tf.train.Features(feature=features))
    with tf.io.TFRecordWriter(str(path)) as writer:
        writer.write(message.SerializeToString())
    (record,) = records.read_records(path)
    assert record.boxes == ((0.25, 0.0, 0.5, 0.125), (0.5, 0.5, 1.0, 0.75))
    assert record.class_names == ("leak", "leak")
    assert record.views == ()


def test_equal_records_are_equal_bytes():
    assert records.encode_record(make_record()) == records.encode_record(make_record())


def test_shards(path):
    written = [make_record(f"{i}.jpg") for i in range(5)]
    assert records.write_records(written, path, shards=2) == 5
    names = sorted(p.name for p in path.parent.iterdir())
    assert names == ["train.record-00000-of-00002", "train.record-00001-of-00002"]
    read = [r.filename for r in records.read_records(f"{path}-*")]
    assert read == ["0.jpg", "2.jpg", "4.jpg", "1.jpg", "3.jpg"]
    records.write_records(written, path, shards=2)
    with pytest.raises(DatasetError, match="2 shards of an earlier run"):
        records.write_records(written, path, shards=3)


def test_nothing_to_write_is_an_error_and_leaves_no_file(path):
    with pytest.raises(DatasetError, match="0 examples"):
        records.write_records([], path, shards=2)
    assert list(path.parent.iterdir()) == []


def test_a_failure_leaves_the_old_file(path):
    records.write_records([make_record("old.jpg")], path)

    def broken():
        yield make_record()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        records.write_records(broken(), path)
    assert [p.name for p in path.parent.iterdir()] == ["train.record"]
    assert next(records.read_records(path)).filename == "old.jpg"


@pytest.mark.parametrize("kept", [5, 11, 200, -1])
def test_a_cut_off_file_is_named(path, kept):
    records.write_records([make_record()], path)
    data = path.read_bytes()
    path.write_bytes(data + data[:kept])
    read = records.read_records(path)
    next(read)
    with pytest.raises(DatasetError, match="train.record: record 2 is cut off"):
        next(read)


@pytest.mark.parametrize("position", [3, 9, 300, -2])
def test_a_damaged_file_is_named(path, position):
    records.write_records([make_record()], path)
    data = path.read_bytes()
    damaged = bytearray(data)
    damaged[position] ^= 1
    path.write_bytes(data + bytes(damaged))
    with pytest.raises(DatasetError, match="train.record: record 2 is damaged"):
        list(records.read_records(path))


def test_an_empty_file_is_refused(path):
    path.parent.mkdir()
    path.touch()
    with pytest.raises(DatasetError, match="0 records found"):
        list(records.read_records(path))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_tensorflow_decodes_every_png_that_is_kept(mode):
    tf = pytest.importorskip("tensorflow")
    pixels = np.random.default_rng(0).integers(0, 256, (20, 30, 3), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).convert(mode).save(buffer, "PNG")
    record = Record(buffer.getvalue(), "png", 20, 30, "a.png")
    decoded = tf.io.decode_image(record.encoded, 3)
    np.testing.assert_array_equal(record.image(), decoded)


def test_other_files_are_refused(path):
    path.parent.mkdir()
    path.write_bytes(jpeg())
    with pytest.raises(DatasetError, match="train.record is not a TFRecord file"):
        list(records.read_records(path))
    tfrecord.write_records([b"\xff no example"], path)
    with pytest.raises(DatasetError, match="record 1 .*not a tf.train.Example"):
        list(records.read_records(path))
    tfrecord.write_records([example.serialize({"x": (int, [1])})], path)
    with pytest.raises(DatasetError, match="holds no image/encoded"):
        list(records.read_records(path))


def test_missing_files_are_all_named(tmp_path):
    with pytest.raises(DatasetError) as error:
        tfrecord.expand_paths([tmp_path / "a.record", str(tmp_path / "b-*")])
    assert "a.record" in str(error.value)
    assert "b-*" in str(error.value)


def test_checksum_of_the_specification():
    # RFC 3720, B.4: 32 bytes of zero have the CRC-32C 0x8a9136aa
    crc = 0x8A9136AA
    masked = ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF
    assert tfrecord.masked_crc(bytes(32)) == masked


GOOD = (0.25, 0.1, 0.5, 0.4)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"boxes": ((12.0, 16.0, 40.0, 60.0),)}, "is in pixels: divide by"),
        ({"boxes": ((0.1, 0.2, 0.5, 1.15),)}, "reaches out of the picture"),
        ({"boxes": ((-0.1, 0.2, 0.5, 0.9),)}, "reaches out of the picture"),
        ({"boxes": ((0.1, float("nan"), 0.5, 0.9),)}, "is not finite"),
        ({"boxes": ((0.1, 0.2, float("inf"), 0.9),)}, "is not finite"),
        ({"boxes": ((0.6, 0.2, 0.1, 0.9),)}, "ends before it begins"),
        ({"boxes": ((0.6, 0.2, 0.6, 0.9),)}, "has no area"),
        ({"class_ids": (0,)}, "class id 0: ids begin at 1"),
        ({"class_names": ("leak", "puddle")}, "has 2 class names for 1 box"),
        ({"encoded": b"images/a.jpg"}, "holds 'images/a.jpg': a path is no picture"),
        ({"encoded": b"C:\\\\set\\\\a.jpg"}, "a path is no picture"),
        ({"encoded": b"\x00\x01\x02\x03"}, "holds unknown bytes: which is no picture"),
        ({"encoded": encode(Image.new("RGB", (64, 48)), "TIFF")}, "holds TIFF"),
        ({"encoded": jpeg()[:-40]}, "holds a JPEG that is cut off"),
        ({"width": 10, "height": 10}, "says 10x10, its picture is 64x48"),
    ],
)
def test_a_record_that_would_train_in_silence_is_refused(path, changes, fault):
    good = dataclasses.replace(
        make_record("g.jpg"),
        boxes=(GOOD,),
        class_ids=(1,),
        class_names=("leak",),
        difficult=(False,),
        truncated=(False,),
        views=("",),
    )
    bad = dataclasses.replace(good, filename="bad.jpg", **changes)
    records.write_records([good, bad], path)
    read = records.read_records(path)
    assert next(read).filename == "g.jpg"
    with pytest.raises(DatasetError) as error:
        next(read)
    text = str(error.value)
    assert f"{path}: record 2, bad.jpg, cannot be used" in text and fault in text
    with pytest.raises(DatasetError, match=r"train\.record, record 2, bad\.jpg: ") as e:
        record_check.check_all(records.read_numbered(path))
    assert fault in str(e.value)


def test_a_record_without_names_or_size_is_drawn(path, tmp_path):
    bare = dataclasses.replace(make_record(), class_names=(), width=0, height=0)
    records.write_records([bare], path)
    shown = record_sheet.draw_sheet(path, tmp_path / "sheet.png")
    assert shown == (1, len(bare.boxes))


@pytest.mark.parametrize(
    ("name", "feature", "said"),
    [
        ("image/object/class/label", (float, [1.0]), "holds float, which must be int"),
        ("image/object/class/label", (bytes, [b"1"]), "holds bytes, which must be int"),
        ("image/object/bbox/ymin", (int, [0]), "holds int, which must be float"),
        ("image/encoded", (int, [255, 216]), "holds int, which must be bytes"),
        ("image/format", (float, [1.0]), "holds float, which must be bytes"),
        ("image/filename", (int, [97]), "holds int, which must be bytes"),
        ("image/height", (bytes, [b"18"]), "holds bytes, which must be int"),
        ("image/width", (float, [18.0]), "holds float, which must be int"),
        ("image/object/class/text", (int, [108]), "holds int, which must be bytes"),
        ("image/object/view", (int, [1]), "holds int, which must be bytes"),
        ("image/object/difficult", (bytes, [b"0"]), "holds bytes, which must be int"),
        ("image/object/truncated", (float, [0.0]), "holds float, which must be int"),
    ],
)
def test_a_feature_of_another_kind_is_named(path, name, feature, said):
    corners = {f"image/object/bbox/{c}": (float, [v]) for c, v in zip(CORNERS, GOOD)}
    features = {"image/encoded": (bytes, [jpeg()]), **corners}
    features["image/object/class/label"] = (int, [1])
    tfrecord.write_records([example.serialize({**features, name: feature})], path)
    with pytest.raises(DatasetError, match=f"record 1 .*{name} {said}"):
        list(records.read_records(path))


def test_class_ids_are_held_against_the_label_map(path):
    records.write_records([make_record()], path)  # its ids are 2 and 1
    assert len(record_check.check_all(records.read_numbered(path), 2)) == 1
    with pytest.raises(DatasetError, match="class id 2: the label map ends at 1"):
        record_check.check_all(records.read_numbered(path), 1)


def test_a_picture_of_both_records_is_named(path):
    one, two = make_record("a.jpg"), make_record("b.jpg")
    records.write_records([one], path)
    images = record_check.check_all(records.read_numbered(path))
    with pytest.raises(
        DatasetError,
        match=r"1 picture of .*also in val: [^\n]*\n  a\.jpg: is b\.jpg there",
    ):
        records.write_records([two], path)
        others = record_check.check_all(records.read_numbered(path))
        record_check.refuse_shared(images, others, "val")


LEGAL = ("good", "bmp", "gif", "grey", "emoji", "empty_text", "no_text", "no_size")
LEGAL += ("no_filename", "latin1name", "long", "masks", "webp", "cmyk")


def test_records_of_other_writers(shared_data):
    folder = shared_data / "cases" / "data" / "11_records"
    if not folder.is_dir():
        pytest.skip("needs ../shared/data/cases/data, which is not here")
    taken = set()
    for file in sorted(folder.glob("*.record")):
        try:
            taken |= {file.stem for _ in records.read_records(file)}
            record_check.check_all(records.read_numbered(file), 1)
        except DatasetError:
            taken.discard(file.stem)
    assert taken == set(LEGAL) & {file.stem for file in folder.glob("*.record")}
