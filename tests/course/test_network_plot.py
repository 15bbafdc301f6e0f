"""The drawing of a network says what the network has."""

import matplotlib.pyplot as plt
import pytest

from inspection.course import network_plot, paths
from inspection.detection.config import pipeline_config
from inspection.detection.model.anchors import make_anchors
from inspection.detection.model.network import build_network


@pytest.fixture(scope="module")
def settings():
    weights = paths.ROOT / "data/weights/leak_scenes"
    return pipeline_config.read(weights / "pipeline.config").model


@pytest.fixture(scope="module")
def network(settings):
    return build_network(settings)


def test_maps_are_those_of_the_network(network, settings):
    table = network_plot.map_shapes(network, settings)
    assert list(table.index) == [3, 4, 5, 6, 7]
    assert list(table["backbone"][:3]) == [(28, 28, 16), (14, 14, 32), (7, 7, 1280)]
    assert table["backbone"][6] is None and table["backbone"][7] is None
    assert [shape[0] for shape in table["pyramid"]] == [28, 14, 7, 4, 2]
    anchors = make_anchors(settings.size, settings.anchors)
    assert sum(count for count, _ in table["codes"]) == len(anchors)
    assert {width for _, width in table["logits"]} == {settings.class_columns}


def test_every_map_is_drawn_with_its_numbers(network, settings):
    network_plot.plot_network(network, settings)
    words = {text.get_text() for text in plt.gca().texts}
    plt.close("all")
    assert {"224×224×3", "28×28×16", "2×2×44"} <= words
    assert "4,704 anchors\neach 4 codes, 3 logits" in words
