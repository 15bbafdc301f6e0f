"""What the API's checkpoints call each layer of a network."""

import re

from inspection.detection.config.extractors import EXTRACTORS
from inspection.detection.model.necks import BACKBONE_TOP_LEVEL

EXTRACTOR = "_feature_extractor"
BACKBONE = f"{EXTRACTOR}/classification_backbone"
EFFICIENTNET = f"{EXTRACTOR}/_efficientnet"  # of its layers that pictures run through
FPN = f"{EXTRACTOR}/_fpn_features_generator"
BIFPN = f"{EXTRACTOR}/_bifpn_stage"
PREDICTOR = "_box_predictor"
HEADS = {"box": "box_encodings", "class": "class_predictions_with_background"}
CLASS_LAYERS = "_class_predictor_layers"
DROPOUT = "class_dropout_"  # a layer before the class heads, which the API counts
SPARE = "spare"  # the layer that carries those no picture runs through

# layers behind the backbone
PATTERNS = {
    "extra": r"extra_(\d+)_(1x1|3x3)_(conv|batchnorm)",
    "pyramid": r"(projection|smoothing|coarse)_(\d+)(?:_(conv|batchnorm))?",
    "bifpn": r"bifpn_(\d+)_(input_conv|input_batchnorm|combine|conv|batchnorm)",
    "tower": r"(?:(box|class)_)?tower_(\d+)_(?:conv|batchnorm_level_(\d+))",
    "head": r"(box|class)_head(?:_(\d+))?",
}
NODE_PARTS = {
    "input_conv": "node_input_blocks/{}/0/1/0",
    "input_batchnorm": "node_input_blocks/{}/0/1/1",
    "combine": "node_combine_op/{}",
    "conv": "node_post_combine_block/{}/1",
    "batchnorm": "node_post_combine_block/{}/2",
}


def layer_keys(network):
    """Return {layer: key} for every layer of the network that has variables."""
    levels = [re.search(r"_level_(\d+)$", layer.name) for layer in network.layers]
    first = min((int(match.group(1)) for match in levels if match), default=0)
    keys = {}
    for layer in network.layers:
        kind, match = _kind(layer.name)
        if kind and layer.weights:
            keys[layer] = _KEYS[kind](match, first)
    if any(layer.name.startswith(DROPOUT) for layer in network.layers):
        first, behind = (f"/{CLASS_LAYERS}/{number}" for number in (0, 1))
        keys = {layer: key.replace(first, behind) for layer, key in keys.items()}
    return keys | _backbone_keys(network)


def backbone_layers(network):
    """Return the layers of the backbone that have variables, in the API's order."""
    run, spare = _backbone_parts(network)
    return run + spare


def _backbone_parts(network):
    weighted = [layer for layer in network.layers if layer.weights]
    spare = [layer for layer in weighted if layer.name == SPARE]
    run = [k for k in weighted if not _kind(k.name)[0] and k.name != SPARE]
    return run, [k for carrier in spare for k in carrier.layers]


def _backbone_keys(network):
    run, spare = _backbone_parts(network)
    efficient = EXTRACTORS[network.name].backbone.startswith("efficientnet")
    prefixes = [EFFICIENTNET if efficient else BACKBONE] * len(run)
    prefixes += [BACKBONE] * len(spare)
    return {
        layer: f"{prefix}/layer_with_weights-{number}"
        for number, (layer, prefix) in enumerate(zip(run + spare, prefixes))
    }


def _kind(name):
    for kind, pattern in PATTERNS.items():
        if match := re.fullmatch(pattern, name):
            return kind, match
    return None, None


def _extra_key(match, _):
    number, part, layer = match.groups()
    place = {"1x1": 0, "3x3": 3}[part] + {"conv": 0, "batchnorm": 1}[layer]
    return f"{EXTRACTOR}/feature_map_generator/convolutions/{number}/{place}"


def _pyramid_key(match, min_level):
    # the original lists the levels from coarse to fine, our numbers rise with them
    kind, number, part = match.groups()
    number, laterals = int(number), BACKBONE_TOP_LEVEL - min_level
    index = {"conv": 0, "batchnorm": 1}.get(part)
    if kind == "coarse":
        level = number - BACKBONE_TOP_LEVEL - 1
        return f"{EXTRACTOR}/_coarse_feature_layers/{level}/{index}"
    if kind == "smoothing":
        return f"{FPN}/conv_layers/{laterals - number}/{index}"
    if number > laterals:
        return f"{FPN}/top_layers/0"
    return f"{FPN}/residual_blocks/{laterals - number}/0"


def _bifpn_key(match, _):
    number, part = match.groups()
    return f"{BIFPN}/{NODE_PARTS[part].format(number)}"


def _tower_key(match, min_level):
    head, layer, level = match.groups()
    if level is None:
        tower = {None: "", "box": "Box", "class": "Class"}[head] + "PredictionTower"
        return f"{PREDICTOR}/_head_scope_conv_layers/{tower}/{layer}"
    # the list counts conv, batch norm, activation for each layer of the tower
    towers = f"{PREDICTOR}/_base_tower_layers_for_heads/{HEADS[head or 'box']}"
    return f"{towers}/{int(level) - min_level}/{3 * int(layer) + 1}"


def _head_key(match, _):
    head, number = match.groups()
    encoder = {"box": "_box_encoder_layers/0", "class": f"{CLASS_LAYERS}/0"}
    if number is not None:
        return f"{PREDICTOR}/_prediction_heads/{HEADS[head]}/{number}/{encoder[head]}"
    if head == "box":
        return f"{PREDICTOR}/_box_prediction_head/{encoder[head]}"
    return f"{PREDICTOR}/_prediction_heads/{HEADS[head]}/{encoder[head]}"


_KEYS = {
    "extra": _extra_key,
    "pyramid": _pyramid_key,
    "bifpn": _bifpn_key,
    "tower": _tower_key,
    "head": _head_key,
}
