"""U-Net: losses by hand, pictures and masks that move together, tiles without seams."""

from functools import partial

import keras
import numpy as np
import pytest

from inspection.common.errors import UserError
from inspection.segmentation import batches, deep_features, predict, unet
from inspection.segmentation.augment import (
    RandomCrop,
    RandomLight,
    RandomMove,
    RandomPaste,
)
from inspection.segmentation.losses import MaskLoss, PooledIoU, dice_loss


@pytest.fixture(scope="module")
def network():
    keras.utils.set_random_seed(0)
    return unet.build_unet(depth=2, width=4)


def test_shapes_and_probabilities(network):
    answer = network(np.zeros((2, 16, 24, 3), np.float32))
    assert answer.shape == (2, 16, 24, 1)
    assert 0 < float(answer[0, 0, 0, 0]) < 1


def test_dice_and_cross_entropy_by_hand():
    ground_truth = np.array([1, 1, 0, 0], np.float32).reshape(1, 2, 2, 1)
    found = np.array([0.5, 1, 0.5, 0], np.float32).reshape(1, 2, 2, 1)
    assert float(dice_loss(ground_truth, found)) == pytest.approx(
        1 - (2 * 1.5 + 1) / (2 + 2 + 1)
    )
    entropy = 2 * -np.log(0.5) / 4
    expected = 0.75 * entropy + 0.25 * 0.2
    assert float(MaskLoss(0.25)(ground_truth, found)) == pytest.approx(
        expected, abs=1e-5
    )


def test_an_empty_batch_has_a_finite_loss():
    nothing = np.zeros((1, 4, 4, 1), np.float32)
    assert float(MaskLoss()(nothing, nothing)) == pytest.approx(0, abs=1e-5)


def test_pooled_iou_over_batches():
    metric = PooledIoU()
    metric.update_state([[1.0, 0.0]], [[0.9, 0.8]])
    metric.update_state([[1.0, 1.0]], [[0.7, 0.1]])
    assert float(metric.result()) == pytest.approx(2 / 4)


@pytest.fixture
def sample():
    rng = np.random.default_rng(0)
    mask = np.zeros((6, 32, 32, 1), np.float32)
    for i in range(6):
        top, left = rng.integers(4, 14, 2)
        mask[i, top : top + 12, left : left + 9] = 1
    image = np.repeat(mask * 1.6 - 0.8, 3, axis=-1)
    return {"image": image, "mask": mask}


def test_mask_moves_with_its_picture(sample):
    moved = RandomMove(seed=3)(sample, training=True)
    image, mask = np.array(moved["image"]), np.array(moved["mask"])
    assert set(np.unique(mask)) == {0, 1}
    assert (np.abs(mask - sample["mask"]).sum(axis=(1, 2, 3)) > 0).all()
    assert np.array_equal(image[..., :1] >= 0, mask == 1)


def test_flip_turns_some_pictures_over(sample):
    corner = np.zeros((40, 9, 9, 1), np.float32)
    corner[:, 0, 0] = 1
    still = RandomMove(rotation=0, zoom=0, seed=0)
    moved = still({"image": np.repeat(corner, 3, -1), "mask": corner}, training=True)
    right = np.array(moved["mask"])[:, 0, 8, 0]
    assert 8 < right.sum() < 32
    assert np.array(moved["mask"]).sum() == 40


def test_light_leaves_the_mask_and_the_range(sample):
    lit = RandomLight(seed=1)(sample, training=True)
    assert np.array_equal(lit["mask"], sample["mask"])
    image = np.array(lit["image"])
    assert image.min() >= -1 and image.max() <= 1
    assert np.abs(image - sample["image"]).mean() > 0.02


def test_a_rectangle_of_the_picture_before_is_pasted_with_its_mask(sample):
    colors = np.linspace(-1, 1, 6, dtype=np.float32)[:, None, None, None]
    mask = np.broadcast_to(np.arange(6)[:, None, None, None] % 2, (6, 32, 32, 1))
    sample = {"image": np.tile(colors, (1, 32, 32, 3)), "mask": mask}
    pasted = RandomPaste(share=1, seed=2)(sample, training=True)
    image, moved = np.array(pasted["image"]), np.array(pasted["mask"])
    for i in range(6):
        changed = image[i, ..., 0] != sample["image"][i, ..., 0]
        assert (image[i][changed] == colors[i - 1, 0, 0]).all()
        np.testing.assert_array_equal(moved[i, ..., 0] != mask[i, ..., 0], changed)
        splits = changed.any(axis=1).sum(), changed.any(axis=0).sum()
        assert changed.sum() == np.prod(splits)
        assert all(8 <= split <= 25 for split in splits)


def test_a_part_is_cut_from_picture_and_mask_alike():
    place = np.arange(64, dtype=np.float32).reshape(1, 8, 8, 1)
    sample = {"image": np.repeat(place, 3, axis=-1), "mask": place}
    layer, corners = RandomCrop(5, seed=0), set()
    for _ in range(100):
        part = {name: np.array(p) for name, p in layer(sample, training=True).items()}
        top, left = divmod(int(part["mask"][0, 0, 0, 0]), 8)
        corners.add((top, left))
        wanted = place[0, top : top + 5, left : left + 5]
        np.testing.assert_array_equal(part["mask"][0], wanted)
        np.testing.assert_array_equal(part["image"][0, ..., 2:], wanted)
    assert len(corners) == 16  # of 4 x 4


def test_the_share_of_pictures_with_a_rectangle():
    mask = np.broadcast_to(np.arange(400)[:, None, None, None] % 2, (400, 8, 8, 1))
    sample = {"image": np.zeros((400, 8, 8, 3), np.float32), "mask": mask}
    changed = np.array(RandomPaste(0.3, seed=0)(sample, training=True)["mask"]) != mask
    assert 90 < changed.any(axis=(1, 2, 3)).sum() < 150


@pytest.mark.parametrize(
    "layer", [RandomMove, RandomLight, RandomPaste, partial(RandomCrop, 16)]
)
def test_a_step_is_drawn_the_same_after_a_stop(layer, sample):
    def images(layer):
        return np.array(layer(sample, training=True)["image"])

    first, stopped = layer(seed=5), layer(seed=5)
    first.seek(0)
    before = images(first)
    first.seek(1)
    stopped.seek(1)
    after = images(first)
    np.testing.assert_array_equal(after, images(stopped))
    assert not np.array_equal(before, after)


def test_layers_rest_outside_training(sample):
    for layer in (RandomMove(), RandomCrop(8), RandomLight(), RandomPaste()):
        rested = layer(sample)
        assert all(np.array_equal(rested[name], sample[name]) for name in sample)
        again = type(layer).from_config(layer.get_config())
        assert again.get_config() == layer.get_config()


def test_tiles_equal_the_whole(network):
    image = np.random.default_rng(1).integers(0, 256, (90, 141, 3), np.uint8)
    whole = predict.whole_probability(network, image)
    tiles = predict.tiled_probability(network, image, tile=32)
    assert whole.shape == (90, 141)
    assert np.abs(whole - tiles).max() < 1e-5
    seams = predict.tiled_probability(network, image, tile=32, margin=0)
    assert np.abs(whole - seams).max() > 1e-4


def test_a_margin_of_any_size_is_made_to_fit_the_strides(network):
    image = np.random.default_rng(1).integers(0, 256, (64, 96, 3), np.uint8)
    wide, odd = (predict.tiled_probability(network, image, 32, m) for m in (8, 5))
    assert np.array_equal(wide, odd)


def test_the_end_of_an_image_is_mirrored(network):
    image = np.random.default_rng(3).integers(0, 256, (14, 15, 3), np.uint8)
    mirrored = np.concatenate([image, image[-1:-3:-1]])
    mirrored = np.concatenate([mirrored, mirrored[:, -1:]], axis=1)
    whole = predict.whole_probability(network, mirrored)[:14, :15]
    assert np.allclose(predict.whole_probability(network, image), whole, atol=1e-6)


@pytest.mark.parametrize("encoder", [unet.PLAIN, unet.MOBILENET])
def test_network_sees_no_further_than_its_reach(encoder):
    deep = unet.build_unet(depth=2, width=4, encoder=encoder)
    reach, step = unet.reach_of(deep), unet.stride_of(deep)
    assert step == (32 if encoder == unet.MOBILENET else 4)
    length = 2 * step * (-(-2 * reach // (2 * step)) + 1)
    line = np.zeros((1, step, length, 3), np.float32)
    changed = line.copy()
    changed[0, :, length // 2] = 1
    difference = np.abs(np.array(deep(line) - deep(changed))).max(axis=(0, 1, 3))
    seen = np.flatnonzero(difference)
    assert seen.size and np.abs(seen - length // 2).max() <= reach


def test_views_are_turned_back(network):
    image = np.random.default_rng(2).integers(0, 256, (32, 32, 3), np.uint8)
    four = predict.probability(network, image, 32, turns=4)
    turned = predict.probability(network, image[::-1], 32, turns=4)
    assert np.allclose(four, turned[::-1], atol=1e-5)
    assert not np.allclose(four, predict.probability(network, image, 32), atol=1e-5)


def test_answer_has_the_size_of_the_picture(network):
    image = np.zeros((50, 80, 3), np.uint8)
    assert predict.probability(network, image, 32).shape == (50, 80)


def test_weights_for_the_encoder(shared_data):
    path = shared_data / "weights/mobilenet_v2_0.35_224_notop.npz"
    if not path.is_file():
        pytest.skip(f"needs {path.name} in ../shared/data/weights")
    deep = unet.build_unet(encoder=unet.MOBILENET, width=4, weights=path)
    with np.load(path) as stored:
        kernel = deep.get_layer("block_3_expand").get_weights()[0]
        assert np.array_equal(kernel, stored["block_3_expand/kernel"])
        norm = deep.get_layer("block_16_project_BN").get_weights()
        assert np.array_equal(norm[3], stored["block_16_project_BN/moving_variance"])
    features = deep_features.FrozenEncoder(path, size=64)(
        [np.zeros((9, 9, 3), np.uint8)]
    )
    assert features.shape == (1, 1280) and features.max() > 0


def test_wrong_weights_and_settings_are_refused(tmp_path):
    (tmp_path / "x.npz").write_text("no archive")
    np.savez(tmp_path / "y.npz", **{"Conv1/kernel": np.zeros(3)})
    for name, message in (
        ("x", "is not an .npz"),
        ("y", "missing"),
        ("z", "no file of weights"),
    ):
        with pytest.raises(UserError, match=message):
            unet.build_unet(encoder=unet.MOBILENET, weights=tmp_path / f"{name}.npz")
    with pytest.raises(UserError, match="neither"):
        unet.build_unet(encoder="resnet")
    with pytest.raises(UserError, match="weights are for"):
        unet.build_unet(weights=tmp_path / "x.npz")


def test_regions_are_cut_with_a_border():
    image = np.arange(40 * 40 * 3, dtype=np.uint8).reshape(40, 40, 3)
    parts = deep_features.cut_regions(image, [(0, 0, 10, 20), (15, 15, 20, 20)])
    assert [part.shape[:2] for part in parts] == [(15, 25), (13, 13)]


def test_own_encoder_gives_the_coarsest_maps(network):
    extract = deep_features.own_encoder(network, 16)
    assert extract([np.zeros((20, 30, 3), np.uint8)] * 2).shape == (2, 16)


def test_scale_is_from_minus_one_to_one():
    assert batches.scale(np.uint8([0, 255])).tolist() == [-1, 1]
