"""Masks of every kind that real sets hold become 0 and 1, or are refused by name."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from inspection.common.errors import DatasetError
from inspection.datasets import masks

SQUARE = np.zeros((40, 60), np.uint8)
SQUARE[10:30, 20:50] = 1


def save(path, pixels, mode=None, **options):
    Image.fromarray(np.asarray(pixels), mode).save(path, **options)
    return path


def read(*paths, foreground=None):
    levels = masks.find_levels(paths, foreground)
    return [levels.apply(masks.read_grey(path)) for path in paths]


@pytest.mark.parametrize("white", [1, 87, 128, 255])
def test_one_value_beside_zero_is_foreground(tmp_path, white):
    (mask,) = read(save(tmp_path / "a.png", SQUARE * np.uint8(white)))
    assert mask.dtype == np.uint8
    assert np.array_equal(mask, SQUARE)


def test_one_bit_and_sixteen_bits(tmp_path):
    bits = save(tmp_path / "bits.png", SQUARE.astype(bool))
    deep = save(tmp_path / "deep.png", SQUARE.astype(np.uint16) * 65535)
    assert np.array_equal(read(bits)[0], SQUARE)
    assert np.array_equal(read(deep)[0], SQUARE)


@pytest.mark.parametrize("color", [(128, 0, 0), (255, 255, 255), (0, 87, 0)])
def test_palette_counts_by_its_colours(tmp_path, color):
    image = Image.fromarray(SQUARE, "P")
    image.putpalette([0, 0, 0, *color])
    image.save(tmp_path / "a.png")
    assert np.array_equal(read(tmp_path / "a.png")[0], SQUARE)


def test_palette_that_begins_with_white(tmp_path):
    image = Image.fromarray(1 - SQUARE, "P")
    image.putpalette([255, 255, 255, 0, 0, 0])
    image.save(tmp_path / "a.png")
    assert np.array_equal(read(tmp_path / "a.png")[0], SQUARE)


def test_colour_on_black_and_transparency(tmp_path):
    red = save(tmp_path / "red.png", SQUARE[..., None] * np.uint8([200, 0, 0]))
    clear = np.dstack([np.zeros((40, 60, 3), np.uint8), SQUARE * np.uint8(255)])
    save(tmp_path / "clear.png", clear)
    assert np.array_equal(read(red)[0], SQUARE)
    assert np.array_equal(read(tmp_path / "clear.png")[0], SQUARE)


def test_soft_edges_are_cut_in_the_middle(tmp_path):
    large = Image.fromarray(SQUARE * np.uint8(255)).resize((240, 160))
    soft = np.array(large.resize((150, 100), Image.Resampling.BICUBIC))
    assert len(np.unique(soft)) > 10
    (mask,) = read(save(tmp_path / "a.png", soft))
    assert np.array_equal(mask, soft >= 128)


def test_jpeg_noise_of_an_empty_mask_is_no_foreground(tmp_path):
    full, empty = tmp_path / "full.jpg", tmp_path / "empty.jpg"
    big = np.kron(SQUARE, np.ones((4, 4), np.uint8)) * np.uint8(255)
    soft = Image.fromarray(big).resize((200, 130))
    soft.save(full, quality=60)
    noise = np.random.default_rng(0).integers(0, 6, (130, 200), np.uint8)
    save(empty, noise, quality=95)
    assert masks.read_grey(empty).max() > 0
    marked, nothing = read(full, empty)
    assert nothing.sum() == 0
    assert 0.2 < marked.mean() < 0.3


def test_two_tools_with_two_whites(tmp_path):
    one = save(tmp_path / "one.png", SQUARE)
    other = save(tmp_path / "other.png", SQUARE * np.uint8(255))
    assert all(np.array_equal(mask, SQUARE) for mask in read(one, other))


def test_empty_masks_stay_empty(tmp_path):
    assert read(save(tmp_path / "a.png", SQUARE * 0))[0].sum() == 0


def classes(tmp_path):
    numbers = SQUARE.copy()
    numbers[0:5, 0:5], numbers[35:, 50:] = 2, 4
    return save(tmp_path / "classes.png", numbers)


def test_classes_are_refused_with_their_values_and_names(tmp_path):
    with pytest.raises(DatasetError, match="1, 2, 4.*foreground") as error:
        read(classes(tmp_path))
    assert "classes.png" in str(error.value)


def test_a_chosen_class(tmp_path):
    (mask,) = read(classes(tmp_path), foreground=2)
    assert mask.sum() == 25 and mask[:5, :5].all()
    (mask,) = read(classes(tmp_path), foreground=[1, 4])
    assert mask.sum() == 600 + 50
    with pytest.raises(DatasetError, match="no mask has the value 3"):
        read(classes(tmp_path), foreground=3)


def test_many_classes_with_a_border_of_255_are_no_soft_edges(tmp_path):
    numbers = np.repeat(np.arange(21, dtype=np.uint8), 20).reshape(20, 21)
    numbers = np.vstack([np.zeros((40, 21), np.uint8), numbers])
    numbers[-1] = 255
    with pytest.raises(DatasetError, match="look like classes"):
        read(save(tmp_path / "voc.png", numbers))


def test_several_colours_are_refused(tmp_path):
    pixels = SQUARE[..., None] * np.uint8([200, 0, 0])
    pixels[35:] = (0, 200, 0)
    with pytest.raises(DatasetError, match="two.png: has several colours"):
        read(save(tmp_path / "two.png", pixels))


def test_broken_files_are_named_all_at_once(tmp_path):
    whole = io.BytesIO()
    Image.fromarray(SQUARE * np.uint8(255)).save(whole, "PNG")
    (tmp_path / "cut.png").write_bytes(whole.getvalue()[:60])
    (tmp_path / "text.png").write_text("no picture")
    with pytest.raises(DatasetError, match="2 masks") as error:
        masks.find_levels(sorted(tmp_path.iterdir()))
    assert "cut.png" in str(error.value) and "text.png" in str(error.value)


def test_real_crack_masks_of_value_87(shared_data):
    folder = shared_data / "crack_masks/masks"
    if not folder.is_dir():
        pytest.skip("needs ../shared/data/crack_masks, which is not here")
    paths = sorted(folder.glob("*.png"))[:60]
    assert masks.find_levels(paths).threshold == 87
    found = read(*paths)
    assert {tuple(np.unique(mask)) for mask in found} == {(0,), (0, 1)}


def test_the_middle_itself_is_foreground():
    shades = {v: 1 for v in range(20, 256, 20)} | {0: 1000, 255: 1000}
    levels = masks.decide({Path("a.png"): shades})
    assert levels.apply(np.array([127, 128])).tolist() == [0, 1]


@pytest.mark.parametrize("shades", [range(30, 240, 30), range(24, 240, 24)])
def test_few_values_are_classes_and_many_are_shades(shades):
    counts = {v: 1 for v in shades} | {0: 1000, 255: 1000}
    if len(counts) - 1 <= 8:
        with pytest.raises(DatasetError, match="8 values beside 0"):
            masks.decide({Path("a.png"): counts})
    else:
        assert masks.decide({Path("a.png"): counts}).threshold == 128
