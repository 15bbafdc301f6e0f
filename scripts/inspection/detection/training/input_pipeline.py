"""From TFRecord files to batches that the network trains on and is evaluated on."""

from functools import partial

import tensorflow as tf

from inspection.common.errors import DatasetError
from inspection.detection.model.preprocess import normalize, pad, shrink, to_frame
from inspection.detection.records.tfrecord import expand_paths
from inspection.detection.training import augmentations
from inspection.detection.training.distribution import ALONE
from inspection.detection.training.graph_errors import CLASS_ID, assert_that
from inspection.keras_shared.backends import on_tensorflow

FEATURES = {
    "image/encoded": tf.io.FixedLenFeature([], tf.string),
    "image/filename": tf.io.FixedLenFeature([], tf.string, ""),
    "image/height": tf.io.FixedLenFeature([], tf.int64, 1),
    "image/width": tf.io.FixedLenFeature([], tf.int64, 1),
    "image/object/bbox/ymin": tf.io.VarLenFeature(tf.float32),
    "image/object/bbox/xmin": tf.io.VarLenFeature(tf.float32),
    "image/object/bbox/ymax": tf.io.VarLenFeature(tf.float32),
    "image/object/bbox/xmax": tf.io.VarLenFeature(tf.float32),
    "image/object/class/label": tf.io.VarLenFeature(tf.int64),
    "image/object/difficult": tf.io.VarLenFeature(tf.int64),
}

APART = 5  # records between a picture and the others it is combined with


def parse(record, num_classes):
    """Decode one serialized example into a dict of its picture, boxes and classes."""
    example = tf.io.parse_single_example(record, FEATURES)
    dense = {k: tf.sparse.to_dense(v) for k, v in example.items() if "object" in k}
    sides = [dense[f"image/object/bbox/{s}"] for s in ("ymin", "xmin", "ymax", "xmax")]
    classes = tf.cast(dense["image/object/class/label"], tf.int32)
    difficult = dense["image/object/difficult"]
    known = (classes >= 1) & (classes <= num_classes)
    all_known = assert_that(tf.reduce_all(known), CLASS_ID, example["image/filename"])
    with tf.control_dependencies([all_known]):
        classes = tf.identity(classes)
    image = tf.io.decode_image(example["image/encoded"], 3, expand_animations=False)
    image.set_shape([None, None, 3])
    return {
        "image": image,
        "boxes": tf.stack(sides, axis=-1),
        "classes": classes,
        # records of other writers may leave the flag out
        "difficult": tf.pad(difficult, [[0, tf.size(classes) - tf.size(difficult)]]),
        "size": tf.stack([example["image/height"], example["image/width"]]),
        "name": example["image/filename"],
    }


def _read_records(reader):
    files = expand_paths(reader.input_path)
    if not any(file.stat().st_size for file in files):
        raise DatasetError("0 records found: write the records again", files)
    return tf.data.TFRecordDataset([str(file) for file in files])


def _shrink(image, model):
    resized, window = shrink(tf.cast(image, tf.float32)[None], model)
    return tf.ensure_shape(resized[0], [None, None, 3]), window


def _finish(image, model):
    """Return a resized picture 0..255 as the network wants it."""
    normalized = normalize(image, model.feature_extractor.type)
    return pad(normalized[None], model)[0]


def _decode(records, sample):
    """Map the records with a function that needs no translation of Python's `if`."""
    # translating it takes seconds before the first step
    as_written = tf.autograph.experimental.do_not_convert(sample)
    return records.map(as_written, tf.data.AUTOTUNE, deterministic=True)


def _seen(example):
    return example["image"], example["boxes"], example["classes"]


def _parsed(record, num_classes):
    """Return the (image 0..255, boxes, classes) of a record, the image as float32."""
    image, boxes, classes = _seen(parse(record, num_classes))
    return tf.cast(image, tf.float32), boxes, classes


def _with_others(records):
    """Return each record with some that come after it, [1 + OTHERS]."""
    count = 1 + augmentations.OTHERS
    windows = records.window(count, shift=1, stride=APART, drop_remainder=True)
    return windows.flat_map(lambda window: window.batch(count, drop_remainder=True))


def _share(samples, batch_size, spread):
    """Return what of the samples one of several processes takes of every batch."""
    own = batch_size // spread.count
    numbered = samples.enumerate()
    mine = numbered.filter(lambda i, _: i % batch_size // own == spread.index)
    return mine.map(lambda _, sample: sample)


def training_batches(config, seed=0, first_step=0, spread=ALONE):
    """Return endless batches (images, {boxes, classes, names}) of a `PipelineConfig`.

    Images are float32 [B, height, width, 3] as `preprocess` makes them; boxes [B, M, 4],
    in their frame, and classes [B, M], counted from 1, are padded with zeros to the
    fullest image of the batch. JAX compiles for each size anew: for it they are padded to
    max_number_of_boxes. Of the processes of a `Spread` each gets its own pictures of
    every batch, in order.

    The seed alone decides which pictures come at which step and how they are changed, so
    a training that begins at `first_step` sees what one that came there would have seen.
    """
    model, train, reader = config.model, config.train, config.train_input

    combining = augmentations.wants_others(train.augmentations)

    def sample(found, number):
        record, *others = tf.unstack(found) if combining else [found]
        example = parse(record, model.num_classes)
        seeds = tf.stack([number, tf.constant(seed, tf.int64)])
        seen = _seen(example)
        if combining:
            parsers = [partial(_parsed, other, model.num_classes) for other in others]
            seen = augmentations.combine(seen, parsers, train.augmentations, seeds)
        image, boxes, classes = augmentations.move(seen, train.augmentations, seeds)
        image, window = _shrink(image, model)
        resized = image, to_frame(boxes, window), classes
        image, boxes, classes = augmentations.color(resized, train.augmentations, seeds)
        limit = train.max_number_of_boxes
        ground_truth = {"boxes": boxes[:limit], "classes": classes[:limit]}
        return _finish(image, model), {**ground_truth, "name": example["name"]}

    records = _read_records(reader)
    if reader.shuffle:
        records = records.shuffle(reader.shuffle_buffer_size, seed)
    found = _with_others(records.repeat()) if combining else records.repeat()
    numbered = tf.data.Dataset.zip(found, tf.data.Dataset.random(seed))
    # bytes are passed over, no picture is decoded
    numbered = numbered.skip(first_step * train.batch_size)
    if spread.count > 1:
        numbered = _share(numbered, train.batch_size, spread)
    samples = _decode(numbered, sample)
    rows = None if on_tensorflow() else train.max_number_of_boxes
    boxes = {"boxes": [rows, 4], "classes": [rows], "name": []}
    shapes = [*model.size, 3], boxes
    return samples.padded_batch(train.batch_size // spread.count, shapes).prefetch(2)


def evaluation_batches(config):
    """Return the images of the eval input reader once, with all that their record says.

    Batches are (images as in training, {boxes, classes, difficult, size, name, window});
    size is (height, width) of the picture in pixels, window where it lies in the image.
    """
    model, reader = config.model, config.eval_input

    def sample(record):
        example = parse(record, model.num_classes)
        image, window = _shrink(example.pop("image"), model)
        return _finish(image, model), {**example, "window": window}

    records = _read_records(reader)
    records = records.shard(reader.sample_1_of_n_examples, 0)
    samples = _decode(records, sample)
    return samples.padded_batch(config.eval.batch_size).prefetch(2)
