"""The text of a small pipeline.config, and what is said where it is refused."""

import pytest

from inspection.common.errors import DatasetError

MODEL = """
model { ssd {
  num_classes: 2
  image_resizer { fixed_shape_resizer { height: 256 width: 320 } }
  feature_extractor {
    type: "ssd_mobilenet_v2_fpn_keras" use_depthwise: true
    override_base_feature_extractor_hyperparams: true
    conv_hyperparams { initializer { truncated_normal_initializer { stddev: 0.03 } }
                       batch_norm { } }
  }
  box_coder { faster_rcnn_box_coder { } }
  matcher { argmax_matcher { } }
  similarity_calculator { iou_similarity { } }
  box_predictor { weight_shared_convolutional_box_predictor {
    use_depthwise: true share_prediction_tower: true
    conv_hyperparams { initializer { random_normal_initializer { } }
                       regularizer { l2_regularizer { } } batch_norm { } } } }
  anchor_generator { multiscale_anchor_generator { aspect_ratios: [1, 2] } }
  loss { classification_loss { weighted_sigmoid_focal { } }
         localization_loss { weighted_smooth_l1 { } } }
  post_processing { score_converter: SIGMOID }
  encode_background_as_zeros: true
} }
"""
TRAIN = """
train_config { optimizer { use_moving_average: false
  momentum_optimizer { learning_rate { cosine_decay_learning_rate { } } } } }
"""


def block_of(field):
    """Return a config with a field of train_config or model.ssd in its place."""
    return TRAIN.replace("train_config {", "train_config {\n" + field) + MODEL


def refused(config, view):
    with pytest.raises(DatasetError) as error:
        getattr(config, view)
    return str(error.value)
