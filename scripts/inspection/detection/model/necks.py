"""From the backbone's maps to those that are searched for objects: SSD's, or a pyramid.

Liu et al. 2016 (SSD, arXiv:1512.02325), Lin et al. 2017 (FPN, arXiv:1612.03144).
"""

import keras

from inspection.detection.model.layers import NearestUpsampling

BACKBONE_TOP_LEVEL = 5
WIDE_MAP = "block_13_expand_relu"  # of MobileNetV2, 1/16 of the size
# channels of the maps behind the backbone's
SSD_DEPTHS = (512, 256, 256, 128)


def fit(x, like, name):
    """Cut the row and column that doubling an odd size adds."""
    rows, columns = x.shape[1] - like.shape[1], x.shape[2] - like.shape[2]
    if not (rows or columns):
        return x
    return keras.layers.Cropping2D(((0, rows), (0, columns)), name=name)(x)


def build_ssd_maps(images, maps, extractor, make):
    """Return six maps {number: map}, the first two out of MobileNetV2."""
    backbone = keras.Model(images, maps[BACKBONE_TOP_LEVEL])
    x = maps[BACKBONE_TOP_LEVEL]
    found = {0: backbone.get_layer(WIDE_MAP).output, 1: x}
    for number, depth in enumerate(SSD_DEPTHS, 2):
        for part, share, kernel, strides in (("1x1", 2, 1, 1), ("3x3", 1, 3, 2)):
            scaled = int(depth // share * extractor.depth_multiplier)
            width = max(scaled, extractor.min_depth)
            name = f"extra_{number}_{part}"
            x = make.conv(width, kernel, f"{name}_conv", strides)(x)
            x = make.batch_norm(f"{name}_batchnorm")(x)
            x = make.activation(f"{name}_relu")(x)
        found[number] = x
    return found


def _top_down(maps, min_level, depth, make):
    """Return the FPN maps {level: map} for the levels that the backbone reaches.

    The top level is a bare projection; each finer one adds the doubled map above it,
    which is already smoothed and activated, and is smoothed in turn.
    """
    top = BACKBONE_TOP_LEVEL
    number = top - min_level + 1
    x = make.conv(depth, 1, f"projection_{number}", use_bias=True)(maps[top])
    pyramid = {top: x}
    for level in range(top - 1, min_level - 1, -1):
        number = level - min_level + 1
        project = make.conv(depth, 1, f"projection_{number}", use_bias=True)
        lateral = project(maps[level])
        x = NearestUpsampling(name=f"upsampling_{number}")(x)
        x = fit(x, lateral, f"crop_{number}")
        x = keras.layers.Add(name=f"top_down_{number}")([x, lateral])
        x = make.spatial(depth, 3, f"smoothing_{number}_conv")(x)
        x = make.batch_norm(f"smoothing_{number}_batchnorm")(x)
        pyramid[level] = x = make.activation(f"smoothing_{number}_relu")(x)
    return pyramid


def build_pyramid(maps, extractor, make):
    """Return the maps {level: map} of a feature pyramid, of equal depth."""
    fpn = extractor.fpn
    scaled = int(fpn.additional_layer_depth * extractor.depth_multiplier)
    depth = max(scaled, extractor.min_depth)
    pyramid = _top_down(maps, fpn.min_level, depth, make)
    for level in range(BACKBONE_TOP_LEVEL + 1, fpn.max_level + 1):
        x = make.spatial(depth, 3, f"coarse_{level}_conv", 2)(pyramid[level - 1])
        x = make.batch_norm(f"coarse_{level}_batchnorm")(x)
        pyramid[level] = make.activation(f"coarse_{level}_relu")(x)
    return pyramid
