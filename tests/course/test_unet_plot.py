"""The drawing of a U-Net says what the network has."""

import matplotlib.pyplot as plt
import pytest

from inspection.course import unet_plot
from inspection.segmentation import unet


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def test_maps_of_a_plain_unet():
    network = unet.build_unet(depth=2, width=4, size=(32, 64))
    bottom, levels = unet_plot.map_shapes(network)
    assert bottom == (8, 16, 16)
    assert levels == {
        0: ((32, 64, 4), (32, 64, 4)),
        1: ((16, 32, 8), (16, 32, 8)),
    }


def test_maps_with_a_pretrained_encoder_begin_at_half_size():
    network = unet.build_unet(width=4, encoder="mobilenet_v2", size=(64, 64))
    bottom, levels = unet_plot.map_shapes(network)
    assert bottom[:2] == (2, 2) and sorted(levels) == [1, 2, 3, 4]
    assert levels[1][0][:2] == (32, 32)


def test_every_map_is_written_into_the_drawing():
    network = unet.build_unet(depth=3, width=4, size=(32, 32))
    unet_plot.plot_unet(network)
    (axis,) = plt.gcf().axes
    words = [text.get_text() for text in axis.texts]
    assert words.count("32×32×4") == 2 and "4×4×32" in words
    assert len(axis.patches) == 7  # three on each side and one below
