"""A config for six bundled pictures, our network of it and its backbone's weights."""

import pytest

from inspection.course import paths
from inspection.datasets import voc
from inspection.detection.config import base_configs, label_map, pipeline_config
from inspection.detection.model.backbone_weights import save_backbone
from inspection.detection.model.network import build_network
from inspection.detection.records import record_builder

CLASSES = {"leak": 1, "puddle": 2}
LEAKS = paths.ROOT / "data/leaks"


def write_config(folder, size=128, steps=2):
    """Return a config of the smallest network for six bundled pictures."""
    names = (LEAKS / "splits/train.txt").read_text().split()[:6]
    sources = [LEAKS / f"annotations/{name}.xml" for name in names]
    assert set(sources) <= set(voc.list_annotations(LEAKS / "annotations"))
    record, labels = folder / "six.record", folder / "label_map.pbtxt"
    record_builder.build_records(sources, LEAKS / "images", CLASSES, record)
    label_map.write_label_map(CLASSES, labels)
    config = base_configs.read("ssd_mobilenet_v2_fpnlite_320x320")
    pipeline_config.edit(config, 2, 2, steps, train_records=record, label_map=labels)
    pipeline_config.edit(config, eval_records=record)
    config.set("model.ssd.feature_extractor.depth_multiplier", 0.35)
    for side in ("height", "width"):
        config.set(f"model.ssd.image_resizer.fixed_shape_resizer.{side}", size)
    return config


@pytest.fixture
def make_config():
    """Return the function that writes records of six pictures and makes their config."""
    return write_config


@pytest.fixture(scope="package")
def config(tmp_path_factory):
    return write_config(tmp_path_factory.mktemp("records"))


@pytest.fixture(scope="package")
def network(config):
    return build_network(config.model)


@pytest.fixture(scope="package")
def start(network, tmp_path_factory):
    """Return the weights of our backbone as a file."""
    path = tmp_path_factory.mktemp("start") / "backbone.npz"
    save_backbone(network, path)
    return path
