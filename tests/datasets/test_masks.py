"""Masks of every kind that real sets hold become 0 and 1, or are refused by name."""

import argparse
import io
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from inspection.common import arguments, notices
from inspection.common.errors import DatasetError
from inspection.datasets import masks
from inspection.datasets.mask_file import read_mask
from inspection.datasets.mask_levels import decide
from inspection.datasets.mask_values import Values

SQUARE = np.zeros((40, 60), np.uint8)
SQUARE[10:30, 20:50] = 1


def save(path, pixels, mode=None, **options):
    Image.fromarray(np.asarray(pixels), mode).save(path, **options)
    return path


def read(*paths, foreground=None):
    levels = masks.find_levels(paths, foreground)
    return [levels.read(path) for path in paths]


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
    assert read_mask(empty).grey().max() > 0
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


def pieces(seed, count, touching=False):
    """Return numbers 1..count on squares, by rows as connected components are."""
    rng = np.random.default_rng(seed)
    grey = np.zeros((120, 120), np.uint16)
    side = 12 if touching else 8
    for number in range(count):
        top, left = divmod(number, 10)
        grey[12 * top :, 12 * left :][:side, :side] = number + 1
    return grey if touching else np.roll(grey, int(rng.integers(0, 4)), axis=1)


@pytest.mark.parametrize("touching", [False, True])
def test_numbers_of_pieces_all_count(tmp_path, touching):
    grey = [pieces(i, n, touching) for i, n in enumerate((3, 40, 17, 0))]
    paths = [save(tmp_path / f"{i}.png", one) for i, one in enumerate(grey)]
    for mask, one in zip(read(*paths), grey, strict=True):
        np.testing.assert_array_equal(mask, one > 0)


def test_few_numbers_or_layers_may_be_classes(tmp_path):
    few = [save(tmp_path / f"{i}.png", pieces(i, n)) for i, n in enumerate((3, 2, 5))]
    with pytest.raises(DatasetError, match="look like classes.*--foreground all"):
        read(*few)
    marked = read(*few, foreground="all")
    assert [mask.sum() for mask in marked] == [3 * 64, 2 * 64, 5 * 64]
    layers = np.repeat(np.arange(12, dtype=np.uint8), 10)[:, None] * np.ones(50)
    paths = [save(tmp_path / f"l{i}.png", layers.astype(np.uint8)) for i in range(3)]
    with pytest.raises(DatasetError, match="look like classes"):
        read(*paths)


def test_pieces_of_a_class_are_no_numbers_of_pieces(tmp_path):
    numbers = np.tile(pieces(0, 20).astype(np.uint8), (1, 2))
    with pytest.raises(DatasetError, match="look like classes"):
        read(save(tmp_path / "a.png", numbers), save(tmp_path / "b.png", SQUARE))


def soft(blur=9):
    large = np.kron(SQUARE, np.ones((4, 4), np.float32))
    return cv2.GaussianBlur(large, (0, 0), blur)


@pytest.mark.parametrize(
    "pixels",
    [
        SQUARE.astype(np.float32) * np.float32(0.8),
        SQUARE.astype(np.float32) * np.float32(0.3),
        SQUARE.astype(np.float64),
        SQUARE.astype(np.int32) * 70000,
    ],
    ids=["0.8", "0.3", "float 1", "int32"],
)
def test_one_value_of_any_type(tmp_path, pixels):
    path = save(
        tmp_path / "a.tif",
        pixels.astype(np.float32) if pixels.dtype == float else pixels,
    )
    np.testing.assert_array_equal(read(path)[0], SQUARE)


def test_probabilities_are_cut_at_one_half(tmp_path):
    found = soft() * np.float32(0.9)
    (mask,) = read(save(tmp_path / "a.tif", found))
    np.testing.assert_array_equal(mask, np.round(found, 4) >= 0.5)
    bits = np.rint(found * 255).astype(np.uint8)
    (mask,) = read(save(tmp_path / "b.png", bits))
    np.testing.assert_array_equal(mask, bits >= 128)
    deep = np.rint(found * 65535).astype(np.uint16)
    (mask,) = read(save(tmp_path / "c.png", deep))
    np.testing.assert_array_equal(mask, deep >= 32768)


def test_a_photograph_is_no_mask(tmp_path):
    y, x = np.mgrid[:100, :100]
    photo = (60 + x + y / 2).astype(np.uint8)
    with pytest.raises(DatasetError, match="look like classes"):
        read(save(tmp_path / "photo.png", photo))


def test_few_shades_of_an_edge(tmp_path):
    large = np.kron(SQUARE, np.ones((8, 8), np.uint8))
    shifted = np.roll(large, 1, axis=(0, 1)).astype(np.float32)
    quarter = cv2.resize(shifted, (240, 160), interpolation=cv2.INTER_AREA)
    shades = (quarter * 255).astype(np.uint8)
    assert len(np.unique(shades)) <= 8
    np.testing.assert_array_equal(
        read(save(tmp_path / "a.png", shades))[0], shades >= 128
    )


@pytest.mark.parametrize("kind", ["png", "jpg", "smoothed"])
def test_classes_as_greys_are_no_soft_edges(tmp_path, kind):
    grey = np.zeros((120, 160), np.uint8)
    grey[10:40, 10:50], grey[60:100, 20:60], grey[30:90, 90:150] = 85, 170, 255
    if kind == "smoothed":
        grey = cv2.GaussianBlur(grey, (0, 0), 1)
    path = save(tmp_path / f"a.{'jpg' if kind == 'jpg' else 'png'}", grey)
    with pytest.raises(DatasetError, match="look like classes"):
        read(path)


def test_jpeg_noise_kept_by_a_png(tmp_path):
    big = np.kron(SQUARE, np.ones((4, 4), np.uint8)) * np.uint8(255)
    data = io.BytesIO()
    Image.fromarray(np.roll(big, 3, 0)).save(data, "JPEG", quality=92)
    noisy = np.array(Image.open(data))
    (mask,) = read(save(tmp_path / "a.png", noisy))
    np.testing.assert_array_equal(mask, np.roll(big, 3, 0) > 0)


def test_two_classes_in_the_colours_of_two_files(tmp_path):
    red = save(tmp_path / "red.png", SQUARE[..., None] * np.uint8([200, 0, 0]))
    green = save(tmp_path / "green.png", SQUARE[..., None] * np.uint8([0, 200, 0]))
    with pytest.raises(DatasetError, match="several colours") as error:
        read(red, green)
    assert "red.png: is #ff0000" in str(error.value) and "green.png" in str(error.value)
    marked = read(red, green, foreground="#00c800")
    assert [mask.sum() for mask in marked] == [0, SQUARE.sum()]
    with pytest.raises(DatasetError, match="no mask has the colour #0000ff.*#00c800"):
        read(red, green, foreground="0000ff")


def palette(path, numbers, colors):
    image = Image.fromarray(numbers, "P")
    image.putpalette([channel for color in colors for channel in color])
    image.save(path)
    return path


RED, GREEN, CREAM, BLACK = (128, 0, 0), (0, 128, 0), (224, 224, 192), (0, 0, 0)


def test_places_of_one_palette_are_classes(tmp_path):
    colors = [BLACK, RED, GREEN]
    one = palette(tmp_path / "1.png", SQUARE, colors)
    two = palette(tmp_path / "2.png", SQUARE * np.uint8(2), colors)
    with pytest.raises(DatasetError, match=r"\(1, 2\), which look like classes"):
        read(one, two)
    marked = read(one, two, foreground=2)
    assert [mask.sum() for mask in marked] == [0, SQUARE.sum()]


def test_the_border_of_pascal_voc_is_background(tmp_path):
    numbers = SQUARE.copy()
    numbers[8:10, 18:52] = 255
    colors = [BLACK, RED] + [BLACK] * 253 + [CREAM]
    (mask,) = read(palette(tmp_path / "a.png", numbers, colors))
    np.testing.assert_array_equal(mask, SQUARE)


def test_one_place_with_two_colours_is_two_classes(tmp_path):
    one = palette(tmp_path / "1.png", SQUARE, [BLACK, RED])
    two = palette(tmp_path / "2.png", SQUARE, [BLACK, GREEN])
    with pytest.raises(DatasetError, match="several colours"):
        read(one, two)


def test_a_mask_is_turned_as_its_picture_is(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    save(tmp_path / "a.png", SQUARE * np.uint8(255), exif=exif)
    np.testing.assert_array_equal(read(tmp_path / "a.png")[0], np.rot90(SQUARE, -1))


def test_what_is_no_mask_is_refused(tmp_path):
    odd = SQUARE.astype(np.float32)
    odd[0, 0] = np.nan
    frames = [Image.fromarray(SQUARE), Image.fromarray(1 - SQUARE)]
    save(tmp_path / "nan.tif", odd)
    frames[0].save(tmp_path / "stack.tif", save_all=True, append_images=frames[1:])
    with pytest.raises(DatasetError, match="2 masks cannot be read") as error:
        read(*sorted(tmp_path.iterdir()))
    assert "nan.tif: holds values that are no numbers" in str(error.value)
    assert "stack.tif: holds 2 pictures" in str(error.value)


@pytest.mark.parametrize(
    "text, wanted", [("2", 2), ("all", "all"), ("#ff0000", "#ff0000"), ("-1", -1)]
)
def test_foreground_of_a_command_line(text, wanted):
    assert arguments.foreground(text) == wanted


def test_a_foreground_that_is_none(tmp_path):
    with pytest.raises(argparse.ArgumentTypeError, match="no color such as"):
        arguments.foreground("rust")
    with pytest.raises(DatasetError, match="foreground 'rust': give values"):
        read(save(tmp_path / "a.png", SQUARE), foreground="rust")


def test_masks_painted_the_other_way_round_are_warned_of(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(notices, "_said", set())
    read(save(tmp_path / "a.png", SQUARE * np.uint8(255)))
    assert capsys.readouterr().err == ""
    read(save(tmp_path / "b.png", (1 - SQUARE) * np.uint8(255)))
    assert "warning: the masks mark 75 % of the pictures" in capsys.readouterr().err


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
    shades = {v: 1 for v in range(20, 256, 20)}
    values = Values(shades | {0: 1000, 255: 1000}, slopes=shades, flats={})
    levels = decide({Path("a.png"): values})
    assert levels.apply(np.array([127, 128])).tolist() == [0, 1]


def test_eight_numbers_may_be_classes_and_nine_are_pieces():
    eight, nine = ({v: 10 for v in range(1 + count)} for count in (8, 9))
    with pytest.raises(DatasetError, match="8 values beside 0"):
        decide({Path("a.png"): Values(eight, slopes={}, flats=eight, pieces=8)})
    values = Values(nine, slopes={}, flats=nine, pieces=9)
    assert decide({Path("a.png"): values}).apply(np.arange(10)).sum() == 9
