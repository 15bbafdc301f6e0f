"""The blocks of a pipeline.config as settings of the engine, or refused by name."""

import re
from itertools import pairwise

from inspection.detection.config import pipeline_settings as settings
from inspection.detection.config.augmentation_settings import AUGMENTATIONS
from inspection.detection.config.extractors import EXTRACTORS

INITIALIZERS = ("random_normal_initializer", "truncated_normal_initializer")
ACTIVATIONS = ("NONE", "RELU", "RELU_6", "SWISH")
SCORE_CONVERTERS = ("SIGMOID", "SOFTMAX")
CHECKPOINT_TYPES = ("detection", "full", "classification", "fine_tune")
TO_BE_CONFIGURED = "PATH_TO_BE_CONFIGURED"


def model_settings(section):
    """Read the model block."""
    ssd = section.one_of("ssd")[1]
    ssd.only(
        encode_background_as_zeros=(False, True),
        explicit_background_class=False,
        use_confidences_as_targets=False,
        negative_class_weight=1.0,
    )
    ssd.absent("mask_head_config")
    ssd.section("similarity_calculator").one_of("iou_similarity")
    height, width, padded = resizer(ssd.section("image_resizer"))
    if ssd.field("num_classes") is None:
        ssd.fault("num_classes", "must be at least 1")
    extractor = feature_extractor(ssd.section("feature_extractor"))
    return ssd.fill(
        settings.ModelSettings,
        num_classes=ssd.value("num_classes", 0),
        image_height=height,
        image_width=width,
        pad_to_square=padded,
        feature_extractor=extractor,
        box_coder=box_coder(ssd.section("box_coder")),
        matcher=matcher(ssd.section("matcher")),
        predictor=predictor(ssd.section("box_predictor")),
        anchors=anchors(ssd.section("anchor_generator"), extractor),
        losses=losses(ssd.section("loss")),
        post_processing=post_processing(ssd.section("post_processing")),
    )


def resizer(section):
    """Read the size of what the network sees: (height, width, whether padded)."""
    kind, block = section.one_of("fixed_shape_resizer", "keep_aspect_ratio_resizer")
    block.only(resize_method="BILINEAR", convert_to_grayscale=False)
    if kind == "fixed_shape_resizer":
        return block.value("height", 300), block.value("width", 300), False
    block.only(pad_to_max_dimension=(False, True))
    for channel in block.repeated("per_channel_pad_value", float):
        if channel:
            block.fault("per_channel_pad_value", "must be 0")
    side = block.value("max_dimension", 1024)
    if block.value("min_dimension", 600) != side:
        text = f"must be max_dimension, {side}: the network wants one size"
        block.fault("min_dimension", text)
    return side, side, True


def feature_extractor(section):
    """Read the backbone and its pyramid."""
    name = section.value("type", "")
    if name not in EXTRACTORS:
        supported = ", ".join(EXTRACTORS)
        section.fault("type", f'"{name}" is not supported (supported: {supported})')
    section.only(pad_to_multiple=1, use_explicit_padding=False)
    section.only(replace_preprocessor_with_placeholder=False)
    neck = EXTRACTORS[name].neck if name in EXTRACTORS else "fpn"
    # EfficientNet keeps its own settings, the others take those of the config
    section.only(override_base_feature_extractor_hyperparams=(False, neck != "bifpn"))
    return section.fill(
        settings.FeatureExtractor,
        fpn=section.section("fpn").fill(settings.FeaturePyramid),
        bifpn=weighted_pyramid(section, neck),
        conv_hyperparams=hyperparams(section.section("conv_hyperparams")),
    )


def weighted_pyramid(section, neck):
    """Read the BiFPN, which the type of the extractor needs or cannot have."""
    if neck != "bifpn":
        section.absent("bifpn")
        return settings.WeightedPyramid()
    block = section.section("bifpn")
    view = block.fill(settings.WeightedPyramid)
    if view.combine_method not in ("fast_attention", "sum"):
        block.fault("combine_method", 'must be "fast_attention" or "sum"')
    if (view.min_level, view.max_level) != (3, 7):
        block.fault("min_level", "must be 3, and max_level 7")
    for name in ("num_iterations", "num_filters"):
        if not getattr(view, name):
            block.fault(name, "is missing")
    return view


def hyperparams(section):
    """Read the settings of convolutions."""
    l2_weight = 0.0
    if section.message.named("regularizer"):
        regularizer = section.section("regularizer").one_of("l2_regularizer")[1]
        l2_weight = regularizer.value("weight", 1.0)
    kind, initializer = section.section("initializer").one_of(*INITIALIZERS)
    section.absent("group_norm")
    if (activation := section.value("activation", "RELU")) not in ACTIVATIONS:
        known = ", ".join(ACTIVATIONS)
        section.fault("activation", f'"{activation}" is not supported ({known})')
    if not section.message.named("batch_norm"):
        section.fault("batch_norm", "is missing: the network needs one")
    return section.fill(
        settings.Hyperparams,
        l2_weight=l2_weight,
        initializer=initializer.fill(settings.Initializer, kind=kind),
        batch_norm=section.section("batch_norm").fill(settings.BatchNorm),
    )


def box_coder(section):
    """Read how boxes are told from anchors."""
    return section.one_of("faster_rcnn_box_coder")[1].fill(settings.BoxCoder)


def matcher(section):
    """Read when an anchor belongs to an object."""
    kind, argmax = section.one_of("argmax_matcher", "atss_matcher")
    if kind == "atss_matcher":
        return argmax.fill(settings.AtssMatcher)
    argmax.only(ignore_thresholds=False, negatives_lower_than_unmatched=True)
    view = argmax.fill(settings.Matcher)
    if view.unmatched_threshold != view.matched_threshold:
        argmax.fault("unmatched_threshold", "must be equal to matched_threshold here")
    return view


def predictor(section):
    """Read the head, one for all levels or one for each map."""
    kind, head = section.one_of(
        "weight_shared_convolutional_box_predictor", "convolutional_box_predictor"
    )
    head.only(box_code_size=4)
    head.absent("mask_head", "box_encodings_clip_range")
    read = hyperparams(head.section("conv_hyperparams"))
    if kind == "convolutional_box_predictor":
        head.only(num_layers_before_predictor=0, apply_sigmoid_to_scores=False)
        head.only(clip_class_prediction_logits=False)
        return head.fill(settings.ConvolutionalPredictor, conv_hyperparams=read)
    head.only(score_converter="IDENTITY", apply_batch_norm=True)
    return head.fill(settings.BoxPredictor, conv_hyperparams=read)


def anchors(section, extractor):
    """Read the reference boxes; their levels must be those of the pyramid."""
    family = EXTRACTORS.get(extractor.type)
    if family and family.neck == "ssd":
        return ssd_anchors(section.one_of("ssd_anchor_generator")[1])
    pyramid = extractor.bifpn if family and family.neck == "bifpn" else extractor.fpn
    generator = section.one_of("multiscale_anchor_generator")[1]
    generator.only(normalize_coordinates=True)
    view = generator.fill(settings.Anchors)
    for name in ("min_level", "max_level"):
        if getattr(view, name) != getattr(pyramid, name):
            generator.fault(
                name, f"must be that of the pyramid, {getattr(pyramid, name)}"
            )
    if not view.aspect_ratios:
        generator.fault("aspect_ratios", "is missing: without one there is no anchor")
    return view


def ssd_anchors(generator):
    """Read the reference boxes of SSD; their number must be that of its maps."""
    generator.absent("height_stride", "width_stride", "height_offset", "width_offset")
    view = generator.fill(settings.SsdAnchors)
    if view.num_layers != 6:
        generator.fault("num_layers", "must be 6, one for each map")
    if view.scales and len(view.scales) != view.num_layers:
        generator.fault("scales", f"must be {view.num_layers} numbers")
    if not view.aspect_ratios:
        generator.fault("aspect_ratios", "is missing: without one there is no anchor")
    return view


def losses(section):
    """Read the two losses and their weights."""
    kind, chosen = section.section("classification_loss").one_of(
        "weighted_sigmoid_focal", "weighted_sigmoid"
    )
    is_focal = kind == "weighted_sigmoid_focal"
    huber = section.section("localization_loss").one_of("weighted_smooth_l1")[1]
    section.absent("hard_example_miner", "random_example_sampler", "equalization_loss")
    section.only(expected_loss_weights="NONE")
    return section.fill(
        settings.Losses,
        gamma=chosen.value("gamma", 2.0) if is_focal else 0.0,
        alpha=chosen.value("alpha", None) if is_focal else None,
        delta=huber.value("delta", 1.0),
    )


def post_processing(section):
    """Read the suppression of double boxes."""
    section.only(logit_scale=1.0)
    converter = section.value("score_converter", "IDENTITY")
    if converter not in SCORE_CONVERTERS:
        found = section.field("score_converter")
        known = " or ".join(SCORE_CONVERTERS)
        section.fault("score_converter", f"must be {known}", found and found.line)
    section.absent("calibration_config")
    nms = section.section("batch_non_max_suppression")
    nms.only(use_class_agnostic_nms=False, soft_nms_sigma=0.0)
    return nms.fill(settings.PostProcessing, score_converter=converter)


def train_settings(section):
    """Read the train_config block."""
    kind = section.value("fine_tune_checkpoint_type", "")
    if not kind:  # what the API takes in its place
        old = section.value("from_detection_checkpoint", False)
        kind = "detection" if old else "classification"
    if kind not in CHECKPOINT_TYPES:
        section.fault("fine_tune_checkpoint_type", f'"{kind}" is not known')
    section.only(merge_multiple_label_boxes=False, use_multiclass_scores=False)
    _check_patterns(section)
    return section.fill(
        settings.TrainSettings,
        optimizer=optimizer(section.section("optimizer")),
        augmentations=augmentations(section),
        fine_tune_checkpoint=section.value("fine_tune_checkpoint", ""),
        fine_tune_checkpoint_type=kind,
    )


def _check_patterns(section):
    """Refuse patterns of variables that are none, or that would have no effect."""
    if section.repeated("update_trainable_variables", str):
        text = "is not supported: name the others in freeze_variables"
        section.fault("update_trainable_variables", text)
    for pattern in section.repeated("freeze_variables", str):
        try:
            re.compile(pattern)
        except re.error as error:
            section.fault("freeze_variables", f"{pattern!r} is no pattern: {error}")


def optimizer(section):
    """Read the optimizer and its learning rate."""
    kind, chosen = section.one_of(
        "momentum_optimizer", "adam_optimizer", "rms_prop_optimizer"
    )
    if section.value("use_moving_average", True):
        found = section.field("use_moving_average")
        text = "must be false, and is true where it is not given: no averages are kept"
        section.fault("use_moving_average", text, found.line if found else None)
    section.value("moving_average_decay", 0.9999)
    kind, adam = kind.removesuffix("_optimizer"), kind == "adam_optimizer"
    rms_prop = kind == "rms_prop"
    return settings.OptimizerSettings(
        kind=kind,
        learning_rate=learning_rate(chosen.section("learning_rate")),
        momentum=0.0 if adam else chosen.value("momentum_optimizer_value", 0.9),
        epsilon=chosen.value("epsilon", 1.0 if rms_prop else 1e-8),
        decay=chosen.value("decay", 0.9) if rms_prop else 0.0,
    )


def learning_rate(section):
    """Read one of the four schedules."""
    name, rate = section.one_of(*settings.LEARNING_RATES)
    if name != "manual_step_learning_rate":
        return rate.fill(settings.LEARNING_RATES[name])
    schedule = tuple(
        (part.value("step", 0), part.value("learning_rate", 0.002))
        for part in rate.blocks("schedule")
    )
    if any(one >= other for (one, _), (other, _) in pairwise(schedule)):
        rate.fault("schedule", "must have rising steps")
    return rate.fill(settings.ManualStepLearningRate, schedule=schedule)


def augmentations(section):
    """Read the list of data_augmentation_options, each one block."""
    found = []
    for option in section.blocks("data_augmentation_options"):
        name, block = option.one_of(*AUGMENTATIONS)
        defaults = AUGMENTATIONS[name]
        params = {n: block.value(n, default) for n, default in defaults.items()}
        block.check_order(params)
        block.absent("operations")  # of ssd_random_crop
        if len(params.get("pad_color", ())) not in (0, 3):
            block.fault("pad_color", "must be three numbers")
        if params.get("color_ordering", 0) not in (0, 1):
            block.fault("color_ordering", "must be 0 or 1")
        found.append(settings.Augmentation(name, params))
    return tuple(found)


def input_settings(section):
    """Read an input reader: a path still to be filled in is refused."""
    records = section.one_of("tf_record_input_reader")[1]
    paths = records.repeated("input_path", str)
    label_map = section.value("label_map_path", "")
    if not paths:
        records.fault("input_path", "is missing")
    _check_path(section, "label_map_path", label_map)
    for path in paths:
        _check_path(records, "input_path", path)
    return section.fill(settings.InputSettings, input_path=paths)


def _check_path(section, name, value):
    found = section.message.named(name)
    line = found[0].line if found else None
    if not value or value.startswith(TO_BE_CONFIGURED):
        section.fault(name, "is not filled in yet", line)


def eval_settings(section):
    """Read the eval_config block."""
    return section.fill(settings.EvalSettings)
