"""The settings of a pipeline.config that the engine understands, as frozen dataclasses.

Field names and defaults are those of the API (object_detection/protos/*.proto), so each
class is filled from the message of the same shape. A setting without a default in the
proto is None here.
"""

import dataclasses
from dataclasses import dataclass


@dataclass(frozen=True)
class Initializer:
    """Normal or truncated normal: `kind` is the name of the proto's field."""

    kind: str = "random_normal_initializer"
    mean: float = 0.0
    stddev: float = 1.0


@dataclass(frozen=True)
class BatchNorm:
    """Of every convolution; `decay` is the momentum of the moving averages."""

    decay: float = 0.999
    center: bool = True
    scale: bool = False
    epsilon: float = 0.001
    train: bool = True


@dataclass(frozen=True)
class Hyperparams:
    """Of the convolutions; l2_weight is the config's, the API applies half of it.

    force_use_bias: give those a bias that stand before a batch norm, too.
    """

    l2_weight: float = 0.0
    initializer: Initializer = Initializer()
    activation: str = "RELU"
    force_use_bias: bool = False
    batch_norm: BatchNorm = BatchNorm()


@dataclass(frozen=True)
class FeaturePyramid:
    """Levels of the pyramid: a map of level n is 2**n times smaller than the picture."""

    min_level: int = 3
    max_level: int = 7
    additional_layer_depth: int = 256


@dataclass(frozen=True)
class WeightedPyramid:
    """A BiFPN: `combine_method` is "fast_attention" or "sum"."""

    min_level: int = 3
    max_level: int = 7
    num_iterations: int = 0
    num_filters: int = 0
    combine_method: str = "fast_attention"


@dataclass(frozen=True)
class FeatureExtractor:
    """Backbone and neck; of the two pyramids that of the type counts."""

    type: str = ""
    depth_multiplier: float = 1.0
    min_depth: int = 16
    use_depthwise: bool = False
    override_base_feature_extractor_hyperparams: bool = False
    fpn: FeaturePyramid = FeaturePyramid()
    bifpn: WeightedPyramid = WeightedPyramid()
    conv_hyperparams: Hyperparams = Hyperparams()


@dataclass(frozen=True)
class BoxCoder:
    """Factors of the four numbers that tell a box from its anchor."""

    y_scale: float = 10.0
    x_scale: float = 10.0
    height_scale: float = 5.0
    width_scale: float = 5.0


@dataclass(frozen=True)
class Matcher:
    """Overlap (IoU) from which on an anchor belongs to an object."""

    matched_threshold: float = 0.5
    unmatched_threshold: float = 0.5  # equal to the matched one: no anchor is ignored
    force_match_for_each_row: bool = False


@dataclass(frozen=True)
class AtssMatcher:
    """Adaptive overlap (ATSS): each object has a threshold of its own.

    Not of the API: its programs cannot read a config that asks for it. nearest_cells: of
    each map, whose anchors are candidates.
    """

    nearest_cells: int = 9
    force_match_for_each_row: bool = True


@dataclass(frozen=True)
class BoxPredictor:
    """The head that all levels share."""

    depth: int = 0
    num_layers_before_predictor: int = 0
    kernel_size: int = 3
    class_prediction_bias_init: float = 0.0
    share_prediction_tower: bool = False
    use_depthwise: bool = False
    use_dropout: bool = False  # before the classes
    dropout_keep_probability: float = 0.8
    conv_hyperparams: Hyperparams = Hyperparams()


@dataclass(frozen=True)
class ConvolutionalPredictor:
    """A head of its own for each map, with nothing before it."""

    kernel_size: int = 0
    class_prediction_bias_init: float = 0.0
    use_depthwise: bool = False
    use_dropout: bool = True
    dropout_keep_probability: float = 0.8
    conv_hyperparams: Hyperparams = Hyperparams()


@dataclass(frozen=True)
class SsdAnchors:
    """The reference boxes of SSD; a scale is a share of the shorter side of the picture.

    scales, where given, stand in place of those between min_scale and max_scale.
    """

    num_layers: int = 6
    min_scale: float = 0.2
    max_scale: float = 0.95
    scales: tuple = ()
    aspect_ratios: tuple = ()
    interpolated_scale_aspect_ratio: float = 1.0
    reduce_boxes_in_lowest_layer: bool = True
    base_anchor_height: float = 1.0
    base_anchor_width: float = 1.0


@dataclass(frozen=True)
class Anchors:
    """The reference boxes; a scale is a multiple of the step of a level."""

    min_level: int = 3
    max_level: int = 7
    anchor_scale: float = 4.0
    aspect_ratios: tuple = ()
    scales_per_octave: int = 2


@dataclass(frozen=True)
class Losses:
    """Focal loss (alpha None: not weighted) and Huber loss with delta."""

    gamma: float = 2.0
    alpha: float | None = None
    delta: float = 1.0
    classification_weight: float = 1.0
    localization_weight: float = 1.0


@dataclass(frozen=True)
class PostProcessing:
    """Non-maximum suppression, class by class, of scores that a converter has made."""

    score_threshold: float = 0.0
    iou_threshold: float = 0.6
    max_detections_per_class: int = 100
    max_total_detections: int = 100
    score_converter: str = "SIGMOID"  # or SOFTMAX, over the classes and the background


@dataclass(frozen=True)
class ModelSettings:
    """What the network, its targets, losses and decoding are built from.

    pad_to_square: pictures keep their aspect ratio and are padded at bottom and right.
    add_background_class: whether column 0 of the logits is the background.
    """

    num_classes: int
    image_height: int
    image_width: int
    feature_extractor: FeatureExtractor
    box_coder: BoxCoder
    matcher: Matcher | AtssMatcher
    predictor: BoxPredictor | ConvolutionalPredictor
    anchors: Anchors | SsdAnchors
    losses: Losses
    post_processing: PostProcessing
    normalize_loss_by_num_matches: bool = True
    normalize_loc_loss_by_codesize: bool = False
    freeze_batchnorm: bool = False
    add_background_class: bool = True
    pad_to_square: bool = False

    @property
    def size(self):
        """Return (height, width) of what the network sees, in pixels."""
        return self.image_height, self.image_width

    @property
    def class_columns(self):
        """Return how many logits each anchor has."""
        return self.num_classes + self.first_class

    @property
    def first_class(self):
        """Return the column of the first class: 1 where 0 is the background."""
        return int(self.add_background_class)


@dataclass(frozen=True)
class ConstantLearningRate:
    """The same at every step."""

    learning_rate: float = 0.002


@dataclass(frozen=True)
class CosineDecayLearningRate:
    """A linear warm-up, then half a cosine down to 0."""

    learning_rate_base: float = 0.002
    total_steps: int = 4000000
    warmup_learning_rate: float = 0.0002
    warmup_steps: int = 10000
    hold_base_rate_steps: int = 0


@dataclass(frozen=True)
class ExponentialDecayLearningRate:
    """A factor every so many steps, after a burn-in."""

    initial_learning_rate: float = 0.002
    decay_steps: int = 4000000
    decay_factor: float = 0.95
    staircase: bool = True
    burnin_learning_rate: float = 0.0
    burnin_steps: int = 0
    min_learning_rate: float = 0.0


@dataclass(frozen=True)
class ManualStepLearningRate:
    """`schedule` holds pairs (step from which it counts, learning rate)."""

    initial_learning_rate: float = 0.002
    schedule: tuple = ()
    warmup: bool = False


LEARNING_RATES = {
    "constant_learning_rate": ConstantLearningRate,
    "cosine_decay_learning_rate": CosineDecayLearningRate,
    "exponential_decay_learning_rate": ExponentialDecayLearningRate,
    "manual_step_learning_rate": ManualStepLearningRate,
}


@dataclass(frozen=True)
class OptimizerSettings:
    """`kind` is "momentum", "adam" or "rms_prop", which alone has a decay."""

    kind: str
    learning_rate: object
    momentum: float = 0.0
    epsilon: float = 1e-8
    decay: float = 0.0
    moving_average_decay: float = 0.0  # always: averaged weights are refused


@dataclass(frozen=True)
class Augmentation:
    """`params` holds every parameter, those left out of the file by their default."""

    name: str
    params: dict


@dataclass(frozen=True)
class TrainSettings:
    """How to train."""

    optimizer: OptimizerSettings
    augmentations: tuple = ()
    batch_size: int = 32
    num_steps: int = 0
    fine_tune_checkpoint: str = ""
    fine_tune_checkpoint_type: str = ""
    gradient_clipping_by_norm: float = 0.0
    bias_grad_multiplier: float = 0.0
    update_trainable_variables: tuple = ()
    freeze_variables: tuple = ()
    add_regularization_loss: bool = True
    max_number_of_boxes: int = 100
    unpad_groundtruth_tensors: bool = True


@dataclass(frozen=True)
class InputSettings:
    """`input_path` holds file names and patterns such as `train.record-*`."""

    label_map_path: str = ""
    input_path: tuple = ()
    shuffle: bool = True
    shuffle_buffer_size: int = 2048
    num_epochs: int = 0
    sample_1_of_n_examples: int = 1
    max_number_of_boxes: int = 100


@dataclass(frozen=True)
class EvalSettings:
    """How to evaluate.

    test_time_flip, which the API does not have: look at the mirror image, too.
    """

    metrics_set: tuple = ()
    batch_size: int = 1
    num_visualizations: int = 10
    min_score_threshold: float = 0.5
    max_num_boxes_to_visualize: int = 20
    include_metrics_per_category: bool = False
    test_time_flip: bool = False


REPEATED = {
    "aspect_ratios": float,
    "scales": float,
    "pad_color": float,
}  # the other repeated fields hold text


def defaults(cls):
    """Return the settings of a class that a message gives directly, with defaults."""
    plain = (bool, int, float, str, tuple, float | None)
    return {f.name: f.default for f in dataclasses.fields(cls) if f.type in plain}
