"""The weighted pyramid of EfficientDet, which goes down and up again several times.

Tan et al. 2020 (BiFPN, arXiv:1911.09070). Levels 3 to 7; the backbone gives 3, 4 and 5.
"""

from dataclasses import dataclass

import keras

from inspection.detection.model.layers import NearestUpsampling, WeightedFusion
from inspection.detection.model.necks import fit

LEVELS = (3, 4, 5, 6, 7)
BACKBONE_LEVELS = (3, 4, 5)
START = 2  # nodes before the first round: levels 6 and 7 out of level 5


@dataclass(frozen=True)
class Node:
    """One map of the pyramid: its level, and the maps that it is made of, by name."""

    name: str
    level: int
    inputs: tuple[str, ...]


def nodes(rounds):
    """Return the `Node`s of a BiFPN in the order in which the original numbers them."""
    found = [Node("0_up_6", 6, ("0_up_5",)), Node("0_up_7", 7, ("0_up_6",))]
    for t in range(1, rounds + 1):
        for level in (6, 5, 4, 3):
            # level 3 has no map of the way up: its last one is that of the way down
            way = "dn" if level == 3 and t > 1 else "up"
            inputs = (f"{t - 1}_{way}_{level}", found[-1].name)
            if level == 6:
                inputs = (f"{t - 1}_up_6", f"{t - 1}_up_7")
            found.append(Node(f"{t}_dn_{level}", level, inputs))
        for level in (4, 5, 6, 7):
            own = (f"{t}_dn_{level}",) if level < 7 else ()
            inputs = (f"{t - 1}_up_{level}", *own, found[-1].name)
            found.append(Node(f"{t}_up_{level}", level, inputs))
    return found


class _Builder:
    """Make the nodes one by one; `maps` holds (level, tensor) by name."""

    def __init__(self, backbone_maps, settings, make):
        self.settings, self.make = settings, make
        self.maps = {f"0_up_{n}": (n, backbone_maps[n]) for n in BACKBONE_LEVELS}

    def add(self, number, node):
        name = f"bifpn_{number}"
        parts = []
        for place, source in enumerate(node.inputs):
            level, x = self.maps[source]
            if source in {f"0_up_{n}" for n in BACKBONE_LEVELS}:
                x = self.project(x, name)
            parts.append(self.resample(x, level, node.level, f"{name}_input_{place}"))
        parts = [fit(x, parts[0], f"{name}_crop") for x in parts]
        x = parts[0] if number < START else self.combine(parts, name)
        self.maps[node.name] = (node.level, x)

    def project(self, x, name):
        """Bring a map of the backbone to the pyramid's depth, anew for each use."""
        make, bias = self.make, self.make.hyperparams.force_use_bias
        depth = self.settings.num_filters
        x = make.conv(depth, 1, f"{name}_input_conv", use_bias=bias)(x)
        return make.batch_norm(f"{name}_input_batchnorm")(x)

    def resample(self, x, level, wanted, name):
        if wanted > level:
            return keras.layers.MaxPooling2D(3, 2, "same", name=f"{name}_pool")(x)
        return NearestUpsampling(name=f"{name}_up")(x) if wanted < level else x

    def combine(self, parts, name):
        """Return the shared sum of maps, activated, convolved and normalized."""
        weighted = self.settings.combine_method == "fast_attention"
        kind = WeightedFusion if weighted else keras.layers.Add
        x = kind(name=f"{name}_combine")(parts)
        make, bias = self.make, self.make.hyperparams.force_use_bias
        x = make.activation(f"{name}_activation")(x)
        depth, options = self.settings.num_filters, {"use_bias": bias}
        x = make.separable(depth, 3, f"{name}_conv", pointwise=True, **options)(x)
        return make.batch_norm(f"{name}_batchnorm")(x)


def build_bifpn(backbone_maps, settings, make):
    """Return the maps {level: map}; settings: the `WeightedPyramid` of the config."""
    builder, rounds = _Builder(backbone_maps, settings, make), settings.num_iterations
    for number, node in enumerate(nodes(rounds)):
        builder.add(number, node)
    last = {3: f"{rounds}_dn_3"} | {n: f"{rounds}_up_{n}" for n in (4, 5, 6, 7)}
    return {level: builder.maps[name][1] for level, name in last.items()}
