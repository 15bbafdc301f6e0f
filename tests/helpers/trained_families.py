"""Models of the zoo, trained from random weights for 200 steps on the bundled leaks."""

import pandas as pd

from helpers import ROOT
from inspection.datasets import voc
from inspection.detection.config import (
    base_configs,
    every_model,
    label_map,
    pipeline_config,
)
from inspection.detection.export import tflite_conversion, tflite_graph
from inspection.detection.records import record_builder, record_sources
from inspection.detection.training import training_loop

LEAKS = ROOT / "data/leaks"
NAMES = ("leak", "puddle")
STEPS = 200
SIDES = {  # of the pictures, smaller than the zoo's; FPNLite comes trained with the course
    "ssd_mobilenet_v2_320x320": 160,
}
RATE = (
    "train_config.optimizer.momentum_optimizer.learning_rate.cosine_decay_learning_rate"
)


def config_of(name, folder):
    """Return the config of a model for small pictures, with the records of the leaks."""
    config = base_configs.read(name)
    every_model.set_image_size(config, SIDES[name])
    record = folder / "train.record"
    labels = folder / "label_map.pbtxt"
    if not record.exists():
        write_record(record, labels)
    pipeline_config.edit(
        config,
        num_classes=len(NAMES),
        batch_size=4,
        num_steps=STEPS,
        train_records=record,
        eval_records=record,
        label_map=labels,
    )
    # the start is random, and the steps are few
    config.set("train_config.gradient_clipping_by_norm", 10.0)
    every_model.set_batch_norm_decay(config, 0.9)
    config.set(f"{RATE}.learning_rate_base", 0.03)
    config.set(f"{RATE}.warmup_learning_rate", 0.003)
    config.set(f"{RATE}.warmup_steps", 20)
    config.set(f"{RATE}.total_steps", STEPS)
    return config


def write_record(record, labels):
    """Write the training part of the leaks and its label map."""
    label_map.write_label_map(NAMES, labels)
    sources = voc.list_annotations(LEAKS / "annotations")
    chosen = record_sources.select_split(
        sources, LEAKS / "splits/train.txt", LEAKS / "images"
    )
    ids = {name: number for number, name in enumerate(NAMES, 1)}
    record_builder.build_records(chosen, LEAKS / "images", ids, record)


def train(name, folder):
    """Return (config, losses) of a model: its checkpoints and history lie in a folder."""
    config = config_of(name, folder)
    training_loop.train(
        config, folder / "training", checkpoint_every=STEPS // 2, log_every=20
    )
    return config, pd.read_csv(folder / "training/history.csv")


def export(config, name, folder):
    """Return the folder of NAME_FORMAT.tflite, all four formats."""
    nms = tflite_graph.Suppression(max_detections=20)
    saved, _ = tflite_graph.export_graph(config, folder / "training", folder, nms)
    images = LEAKS / "images"
    list(tflite_conversion.convert_all(saved, folder, images=images, name=name))
    return folder
