"""A detector small enough to be trained in a test, and pictures for it."""

from unittest import mock

import numpy as np

from helpers.images import encode
from inspection.detection.config import base_configs, label_map, pipeline_config
from inspection.detection.records.records import Record, write_records

SIZE = 64
STEPS = 40  # of the training that all tests share
NAMES = ("leak", "puddle")
COLORS = {1: (220, 30, 30), 2: (30, 30, 220), 3: (30, 220, 30)}
FIELDS = {
    "model.ssd.image_resizer.fixed_shape_resizer.height": SIZE,
    "model.ssd.image_resizer.fixed_shape_resizer.width": SIZE,
    "model.ssd.num_classes": len(NAMES),
    "model.ssd.feature_extractor.depth_multiplier": 0.35,
    "model.ssd.feature_extractor.fpn.additional_layer_depth": 16,
    "model.ssd.box_predictor.weight_shared_convolutional_box_predictor.depth": 16,
    "model.ssd.box_predictor.weight_shared_convolutional_box_predictor"
    ".num_layers_before_predictor": 1,
}

COSINE = (
    "train_config__optimizer__momentum_optimizer__learning_rate"
    "__cosine_decay_learning_rate"
)
STEADY_RATE = {
    f"{COSINE}__learning_rate_base": 0.01,
    f"{COSINE}__warmup_learning_rate": 0.005,
    f"{COSINE}__warmup_steps": 2,
    f"{COSINE}__total_steps": 4000,
}
SMALL_STEPS = {
    f"{COSINE}__learning_rate_base": 0.001,
    f"{COSINE}__warmup_learning_rate": 0.0005,
}

FAMILIES = {  # to the side of the pictures
    "ssd_mobilenet_v2_320x320": 96,
    "ssd_mobilenet_v1_fpn_640x640": 64,
    "ssd_resnet50_v1_fpn_640x640": 64,
    "efficientdet_d0": 128,
}
RESIZER = "model.ssd.image_resizer"


def tiny_config(folder=None, num_steps=20, **fields):
    """Return a config; with a folder, of the records and label map made in there.

    `fields` are other fields by path, with `__` in place of the dots.
    """
    config = base_configs.read("ssd_mobilenet_v2_fpnlite_320x320")
    paths = {}
    if folder:
        records = folder / "pictures.record"
        paths = {"train_records": records, "eval_records": records}
        paths["label_map"] = folder / "label_map.pbtxt"
    pipeline_config.edit(config, batch_size=4, num_steps=num_steps, **paths)
    given = {name.replace("__", "."): value for name, value in fields.items()}
    for name, value in {**FIELDS, **given}.items():
        config.set(name, value)
    return config


def family_config(folder, name, steps, **fields):
    """Return the config of a family for small pictures, of the records in a folder."""
    config = base_configs.read(name)
    side = FAMILIES[name]
    fixed, kept = (
        f"{RESIZER}.fixed_shape_resizer",
        f"{RESIZER}.keep_aspect_ratio_resizer",
    )
    padded = config.model.pad_to_square
    sides = ("min_dimension", "max_dimension") if padded else ("height", "width")
    for part in sides:
        config.set(f"{kept if padded else fixed}.{part}", side)
    records = folder / "pictures.record"
    pipeline_config.edit(
        config,
        num_classes=len(NAMES),
        batch_size=4,
        num_steps=steps,
        train_records=records,
        eval_records=records,
        label_map=folder / "label_map.pbtxt",
    )
    for path, value in fields.items():
        config.set(path.replace("__", "."), value)
    return config


def painted_boxes(boxes, class_ids, size=(SIZE, SIZE), seed=0):
    """Return grey noise with each box (ymin, xmin, ymax, xmax) in its colour."""
    height, width = size
    pixels = np.random.default_rng(seed).integers(110, 140, (height, width, 1), "uint8")
    pixels = np.repeat(pixels, 3, axis=2)
    for box, class_id in zip(boxes, class_ids, strict=True):
        rows, columns = np.outer([height, width], [1, 1]) * np.reshape(box, (2, 2)).T
        top, bottom, left, right = np.round([*rows, *columns]).astype(int)
        pixels[top:bottom, left:right] = COLORS[class_id]
    return pixels


def image_record(name, boxes=(), class_ids=(), encoded=None, size=(SIZE, SIZE), seed=0):
    """Return the record of a picture with its boxes painted, or of the bytes given."""
    if encoded is None:
        encoded = encode(painted_boxes(boxes, class_ids, size, seed))
    names = tuple(NAMES[i - 1] if i <= len(NAMES) else "?" for i in class_ids)
    flags = (False,) * len(boxes)
    return Record(
        encoded, "png", *size, name, tuple(boxes), tuple(class_ids), names, flags, flags
    )


def random_record(number, seed=0):
    """Return a picture with one or two boxes, of both classes in turn."""
    rng = np.random.default_rng([seed, number])
    boxes, class_ids = [], []
    for i in range(1 + number % 2):
        corner = rng.uniform((0, i / 2), (0.4, i / 2 + 0.1))
        boxes.append((*corner, *(corner + rng.uniform((0.3, 0.3), (0.6, 0.4)))))
        class_ids.append(1 + (number + i) % 2)
    return image_record(f"tiny_{number:02}.png", boxes, class_ids, seed=number)


def make_records(folder, records=None):
    """Write `pictures.record` and `label_map.pbtxt` into a folder; return it."""
    folder.mkdir(parents=True, exist_ok=True)
    records = [random_record(i) for i in range(8)] if records is None else records
    write_records(records, folder / "pictures.record")
    label_map.write_label_map(NAMES, folder / "label_map.pbtxt")
    return folder


def train_once(tmp_path_factory):
    """Return (config, model_dir) of one short training that all tests share."""
    from inspection.detection.training import training_loop

    folder = tmp_path_factory.getbasetemp() / "tiny ü"
    config = tiny_config(folder, num_steps=STEPS)
    if not folder.exists():
        make_records(folder)
        with mock.patch.object(training_loop, "LOG_EVERY", 10):
            training_loop.train(
                config, folder / "training", checkpoint_every=STEPS // 2
            )
    return config, folder / "training"


def steady_once(tmp_path_factory):
    """Return the path of a config that begins with weights of 200 steps, made once.

    From random weights the batch norms of maps of one pixel multiply rounding until two
    builds of TensorFlow part in the third digit of the loss; from these they do not.
    """
    from inspection.detection.training import training_loop

    folder = tmp_path_factory.getbasetemp() / "steady"
    path = folder / "pipeline.config"
    if not path.exists():
        config = tiny_config(make_records(folder), num_steps=4000, **STEADY_RATE)
        training_loop.train(config, folder / "begun", 200)
        start = folder / "begun" / "ckpt-2"
        config.set("train_config.fine_tune_checkpoint", str(start))
        config.set("train_config.fine_tune_checkpoint_type", "full")
        for name, value in SMALL_STEPS.items():
            config.set(name.replace("__", "."), value)
        config.write(path)
    return path
