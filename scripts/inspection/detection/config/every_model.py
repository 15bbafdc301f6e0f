"""Changes that stand elsewhere in the config of each family: size, batch normalization."""

from inspection.detection.config.pipeline_config import PipelineConfig
from inspection.detection.config.textproto_tree import ProtoMessage

RESIZER = "model.ssd.image_resizer"


def set_image_size(config: PipelineConfig, side: int) -> None:
    """Set the side in pixels of what the network sees, for either kind of resizer.

    >>> from inspection.detection.config import base_configs
    >>> config = base_configs.read("efficientdet_d0")
    >>> set_image_size(config, 256)
    >>> config.model.image_height
    256
    """
    kept = f"{RESIZER}.keep_aspect_ratio_resizer"
    if config.message.find(kept):
        paths = [f"{kept}.{field}_dimension" for field in ("min", "max")]
    else:
        paths = [
            f"{RESIZER}.fixed_shape_resizer.{name}" for name in ("height", "width")
        ]
    for path in paths:
        config.set(path, side)


def set_batch_norm_decay(config: PipelineConfig, decay: float) -> None:
    """Set how much of its averages every batch normalization keeps at a step, 0..1.

    The API calls it decay, Keras momentum.

    >>> from inspection.detection.config import base_configs
    >>> config = base_configs.read("efficientdet_d0")
    >>> set_batch_norm_decay(config, 0.95)
    >>> config.model.feature_extractor.conv_hyperparams.batch_norm.decay
    0.95
    """
    for field in config.message.walk():
        if field.name == "batch_norm" and isinstance(field.value, ProtoMessage):
            field.value.set("decay", decay)
