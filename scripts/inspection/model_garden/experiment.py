"""From a pipeline.config to the experiment that Model Garden trains.

Each of our settings has its counterpart, so that both engines answer the same question:
anchors, focal loss, box loss, batch norm, learning rate and crops mean the same in both.
"""

from official.core import exp_factory
from official.vision import registry_imports  # noqa: F401  registers the experiments

from inspection.common.errors import UserError
from inspection.common.suppress_output import suppress_remarks
from inspection.detection.config.pipeline_settings import CosineDecayLearningRate
from inspection.detection.export.tflite_graph import SAFE_CLASSES, Suppression
from inspection.detection.records.tfrecord import expand_paths
from inspection.model_garden import TALKATIVE

LITE = "ssd_mobilenet_v2_fpn_keras"
BACKGROUND = 1  # Model Garden counts a class 0 that is nothing, label maps begin at 1
ACTIVATIONS = {"RELU": "relu", "RELU_6": "relu6"}
LOG_EVERY = 50  # steps between two points of the curves


def make_experiment(config, init_checkpoint=""):
    """Return the `ExperimentConfig` of a `PipelineConfig`, ready for `training.train`.

    `init_checkpoint`: weights of the backbone, as `backbone.write_checkpoint` makes them.
    Raises UserError for settings without a counterpart in Model Garden.
    """
    _refuse_others(config.model)
    experiment = exp_factory.get_exp_config("retinanet")
    task = {
        "model": model_options(config.model),
        "losses": loss_options(config.model),
        "train_data": reader_options(config, training=True),
        "validation_data": reader_options(config, training=False),
        "use_coco_metrics": False,  # the course's own code evaluates both engines
        "init_checkpoint": str(init_checkpoint),
        "init_checkpoint_modules": "backbone",
    }
    runtime = {"mixed_precision_dtype": "float32", "distribution_strategy": "off"}
    options = {"task": task, "trainer": trainer_options(config), "runtime": runtime}
    with suppress_remarks(*TALKATIVE):
        experiment.override(options)
    return experiment


def _refuse_others(model):
    """Raise UserError for a network that is not SSD MobileNetV2 FPNLite."""
    extractor, predictor = model.feature_extractor, model.predictor
    if extractor.type != LITE or not extractor.use_depthwise:
        raise UserError(
            f"Model Garden is set up here as {LITE} with use_depthwise: true, not as "
            f"{extractor.type}"
        )
    if not (predictor.use_depthwise and predictor.share_prediction_tower):
        raise UserError(
            "Model Garden's head is set up here with use_depthwise and "
            "share_prediction_tower: true"
        )


def model_options(model):
    """Return network, anchors and suppression."""
    extractor, anchors = model.feature_extractor, model.anchors
    depth = int(extractor.fpn.additional_layer_depth * extractor.depth_multiplier)
    depth = max(depth, extractor.min_depth)
    norm = extractor.conv_hyperparams.batch_norm
    mobilenet = {
        "model_id": "MobileNetV2",
        "filter_size_scale": extractor.depth_multiplier,
    }
    return {
        "num_classes": model.num_classes + BACKGROUND,
        "input_size": [model.image_height, model.image_width, 3],
        "min_level": anchors.min_level,
        "max_level": anchors.max_level,
        "anchor": {
            "num_scales": anchors.scales_per_octave,
            "aspect_ratios": list(anchors.aspect_ratios),
            "anchor_size": anchors.anchor_scale,
        },
        # the ready experiments have other backbones: SpineNet, ResNet
        "backbone": {"type": "mobilenet", "mobilenet": mobilenet},
        "decoder": {
            "type": "fpn",
            "fpn": {"num_filters": depth, "use_separable_conv": True},
        },
        "head": {
            "num_convs": model.predictor.num_layers_before_predictor,
            "num_filters": model.predictor.depth,
            "use_separable_conv": True,
        },
        "norm_activation": {
            "activation": activation(extractor.conv_hyperparams.activation),
            "use_sync_bn": False,
            "norm_momentum": norm.decay,
            "norm_epsilon": norm.epsilon,
        },
        "detection_generator": suppression_options(model),
    }


def activation(name):
    """Return Model Garden's name of an activation."""
    if name not in ACTIVATIONS:
        raise UserError(f"activation {name} has no counterpart in Model Garden here")
    return ACTIVATIONS[name]


def suppression_options(model):
    """Return how boxes are decoded and doubles dropped."""
    nms, coder = model.post_processing, model.box_coder
    y, x, h, w = coder.y_scale, coder.x_scale, coder.height_scale, coder.width_scale
    return {
        "nms_version": "batched",
        "pre_nms_score_threshold": nms.score_threshold,
        "nms_iou_threshold": nms.iou_threshold,
        "max_num_detections": nms.max_total_detections,
        "box_coder_weights": [y, x, h, w],
        "tflite_post_processing": {
            "max_detections": nms.max_total_detections,
            "max_classes_per_detection": 1,
            # on several threads LiteRT loses classes of more, and background is one
            "use_regular_nms": model.num_classes + BACKGROUND <= SAFE_CLASSES,
            "detections_per_class": nms.max_detections_per_class,
            "nms_score_threshold": Suppression().score_threshold,
            "nms_iou_threshold": nms.iou_threshold,
            "normalize_anchor_coordinates": True,
            "y_scale": y,
            "x_scale": x,
            "h_scale": h,
            "w_scale": w,
        },
    }


def loss_options(model):
    """Return the two losses: Model Garden averages a box's four numbers, as we do."""
    losses = model.losses
    return {
        "focal_loss_alpha": losses.alpha,
        "focal_loss_gamma": losses.gamma,
        "huber_loss_delta": losses.delta,
        "box_loss_weight": int(losses.localization_weight),
        "l2_weight_decay": model.feature_extractor.conv_hyperparams.l2_weight,
    }


def reader_options(config, training):
    """Return where the records are and what is done to a picture."""
    reader = config.train_input if training else config.eval_input
    train = config.train
    parser = {
        # padding to a multiple of 128 would make 384 of 320 pixels, for which the
        # network was not built
        "pad": False,
        "keep_aspect_ratio": False,  # squeezed to the square, as ours
        "max_num_instances": train.max_number_of_boxes,
    }
    if training:
        parser |= augmentation_options(train.augmentations)
    return {
        "input_path": ",".join(str(path) for path in expand_paths(reader.input_path)),
        "is_training": training,
        "global_batch_size": train.batch_size if training else config.eval.batch_size,
        "dtype": "float32",
        "shuffle_buffer_size": reader.shuffle_buffer_size,
        "parser": parser,
        # our records name a picture by its file; Model Garden wants a number
        "decoder": {"simple_decoder": {"regenerate_source_id": True}},
    }


def augmentation_options(augmentations):
    """Return flips and crops; Model Garden has no counterpart of our colour changes."""
    known = {wanted.name: wanted.params for wanted in augmentations}
    options = {"aug_rand_hflip": "random_horizontal_flip" in known}
    if "random_crop_image" in known:
        options["aug_type"] = crop_options(known["random_crop_image"])
    return options


def crop_options(crop):
    """Return the crop of SSD with the limits of our `random_crop_image`."""
    case = {
        "min_object_covered": crop["min_object_covered"],
        "min_box_overlap": crop["overlap_thresh"],
        "prob_to_apply": 1 - crop["random_coef"],
    }
    ranges = {
        "aspect_ratio_range": [crop["min_aspect_ratio"], crop["max_aspect_ratio"]],
        "area_range": [crop["min_area"], crop["max_area"]],
    }
    return {
        "type": "ssd_random_crop",
        "ssd_random_crop": {"ssd_random_crop_params": [case], **ranges},
    }


def trainer_options(config):
    """Return steps and optimizer: momentum, and a cosine after a linear warm-up."""
    steps, wanted = config.train.num_steps, config.train.optimizer
    rate = wanted.learning_rate
    if wanted.kind != "momentum" or not isinstance(rate, CosineDecayLearningRate):
        raise UserError(
            "Model Garden beside ours: momentum with a cosine, nothing else"
        )
    cosine = {
        "initial_learning_rate": rate.learning_rate_base,
        "decay_steps": max(rate.total_steps - rate.warmup_steps, 1),
        "offset": rate.warmup_steps,
    }
    warmup = {
        "warmup_learning_rate": rate.warmup_learning_rate,
        "warmup_steps": rate.warmup_steps,
    }
    clip = {"global_clipnorm": config.train.gradient_clipping_by_norm or None}
    optimizer = {
        "optimizer": {"type": "sgd", "sgd": {"momentum": wanted.momentum, **clip}},
        "learning_rate": {"type": "cosine", "cosine": cosine},
        "warmup": {"type": "linear", "linear": warmup},
    }
    return {
        "train_steps": steps,
        "steps_per_loop": min(steps, LOG_EVERY),
        "summary_interval": min(steps, LOG_EVERY),
        "checkpoint_interval": steps,
        "optimizer_config": optimizer,
    }
