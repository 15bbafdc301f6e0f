"""The fields of pipeline.config and label maps, with their types and defaults."""

SCHEMA = """
TrainEvalPipelineConfig: model DetectionModel, train_config TrainConfig,
  train_input_reader InputReader, eval_config EvalConfig, eval_input_reader *InputReader
DetectionModel(model): ^ssd Ssd
Ssd: num_classes int, image_resizer ImageResizer, feature_extractor SsdFeatureExtractor,
  box_coder BoxCoder, matcher Matcher, similarity_calculator SimilarityCalculator,
  box_predictor BoxPredictor, anchor_generator AnchorGenerator,
  post_processing PostProcessing, loss Loss, encode_background_as_zeros bool,
  negative_class_weight float=1, normalize_loss_by_num_matches bool=true,
  normalize_loc_loss_by_codesize bool, freeze_batchnorm bool,
  inplace_batchnorm_update bool, add_background_class bool=true,
  explicit_background_class bool, use_confidences_as_targets bool,
  implicit_example_weight float=1, return_raw_detections_during_predict bool
ImageResizer(image_resizer_oneof): ^keep_aspect_ratio_resizer KeepAspectRatioResizer,
  ^fixed_shape_resizer FixedShapeResizer
KeepAspectRatioResizer: min_dimension int=600, max_dimension int=1024,
  resize_method BILINEAR|NEAREST_NEIGHBOR|BICUBIC|AREA, pad_to_max_dimension bool,
  convert_to_grayscale bool, per_channel_pad_value *float
FixedShapeResizer: height int=300, width int=300, convert_to_grayscale bool,
  resize_method BILINEAR|NEAREST_NEIGHBOR|BICUBIC|AREA
SsdFeatureExtractor: type str, depth_multiplier float=1, min_depth int=16,
  conv_hyperparams Hyperparams, override_base_feature_extractor_hyperparams bool,
  pad_to_multiple int=1, use_explicit_padding bool, use_depthwise bool,
  fpn FeaturePyramid, bifpn WeightedPyramid, num_layers int=6,
  replace_preprocessor_with_placeholder bool
FeaturePyramid: min_level int=3, max_level int=7, additional_layer_depth int=256
WeightedPyramid: min_level int=3, max_level int=7, num_iterations int, num_filters int,
  combine_method str=fast_attention
Hyperparams(normalizer_oneof): op CONV|FC, regularizer Regularizer,
  initializer Initializer, activation NONE|RELU|RELU_6|SWISH=RELU,
  ^batch_norm BatchNorm, ^group_norm Empty, regularize_depthwise bool,
  force_use_bias bool
Regularizer(regularizer_oneof): ^l1_regularizer Weight, ^l2_regularizer Weight
Weight: weight float=1
Initializer(initializer_oneof): ^truncated_normal_initializer Normal,
  ^random_normal_initializer Normal, ^variance_scaling_initializer VarianceScaling
Normal: mean float=0, stddev float=1
VarianceScaling: factor float=2, uniform bool, mode FAN_IN|FAN_OUT|FAN_AVG
BatchNorm: decay float=0.999, center bool=true, scale bool, epsilon float=0.001,
  train bool=true
Empty:
BoxCoder(box_coder_oneof): ^faster_rcnn_box_coder Scales, ^square_box_coder Scales
Scales: y_scale float=10, x_scale float=10, height_scale float=5, width_scale float=5,
  length_scale float=5
Matcher(matcher_oneof): ^argmax_matcher ArgMaxMatcher, ^bipartite_matcher Empty
ArgMaxMatcher: matched_threshold float=0.5, unmatched_threshold float=0.5,
  ignore_thresholds bool, negatives_lower_than_unmatched bool=true,
  force_match_for_each_row bool, use_matmul_gather bool
SimilarityCalculator(region_similarity): ^iou_similarity Empty,
  ^neg_sq_dist_similarity Empty, ^ioa_similarity Empty
BoxPredictor(box_predictor_oneof): ^convolutional_box_predictor OwnHeads,
  ^weight_shared_convolutional_box_predictor SharedHeads
OwnHeads: conv_hyperparams Hyperparams, min_depth int, max_depth int,
  num_layers_before_predictor int, use_dropout bool=true,
  dropout_keep_probability float=0.8, kernel_size int=1, box_code_size int=4,
  apply_sigmoid_to_scores bool, class_prediction_bias_init float, use_depthwise bool
SharedHeads: conv_hyperparams Hyperparams, depth int, num_layers_before_predictor int,
  kernel_size int=3, box_code_size int=4, class_prediction_bias_init float,
  use_dropout bool, dropout_keep_probability float=0.8, share_prediction_tower bool,
  use_depthwise bool, score_converter IDENTITY|SIGMOID, apply_batch_norm bool=true
AnchorGenerator(anchor_generator_oneof): ^ssd_anchor_generator SsdAnchors,
  ^multiscale_anchor_generator Anchors
SsdAnchors: num_layers int=6, min_scale float=0.2, max_scale float=0.95, scales *float,
  aspect_ratios *float, interpolated_scale_aspect_ratio float=1,
  reduce_boxes_in_lowest_layer bool=true, base_anchor_height float=1,
  base_anchor_width float=1, height_stride *int, width_stride *int,
  height_offset *int, width_offset *int
Anchors: min_level int=3, max_level int=7, anchor_scale float=4, aspect_ratios *float,
  scales_per_octave int=2, normalize_coordinates bool=true
PostProcessing: batch_non_max_suppression Suppression, logit_scale float=1,
  score_converter IDENTITY|SIGMOID|SOFTMAX
Suppression: score_threshold float, iou_threshold float=0.6,
  max_detections_per_class int=100, max_total_detections int=100,
  use_static_shapes bool, use_class_agnostic_nms bool, max_classes_per_detection int=1,
  soft_nms_sigma float, use_partitioned_nms bool, use_combined_nms bool,
  change_coordinate_frame bool=true
Loss: localization_loss LocalizationLoss, classification_loss ClassificationLoss,
  hard_example_miner HardExampleMiner, classification_weight float=1,
  localization_weight float=1,
  expected_loss_weights NONE|EXPECTED_SAMPLING|REWEIGHTING_UNMATCHED_ANCHORS
LocalizationLoss(localization_loss): ^weighted_l2 OneLoss, ^weighted_smooth_l1 OneLoss,
  ^weighted_iou Empty, ^weighted_giou Empty
ClassificationLoss(classification_loss): ^weighted_sigmoid OneLoss,
  ^weighted_softmax OneLoss, ^weighted_sigmoid_focal FocalLoss
OneLoss: anchorwise_output bool, delta float=1, logit_scale float=1
FocalLoss: anchorwise_output bool, gamma float=2, alpha float
HardExampleMiner: num_hard_examples int=64, iou_threshold float=0.7,
  loss_type BOTH|CLASSIFICATION|LOCALIZATION, max_negatives_per_positive int,
  min_negatives_per_image int
TrainConfig: batch_size int=32, data_augmentation_options *PreprocessingStep,
  sync_replicas bool, keep_checkpoint_every_n_hours float, optimizer Optimizer,
  gradient_clipping_by_norm float, fine_tune_checkpoint str,
  fine_tune_checkpoint_type str, fine_tune_checkpoint_version UNKNOWN|V1|V2,
  from_detection_checkpoint bool, load_all_detection_checkpoint_vars bool,
  num_steps int, startup_delay_steps float=15, bias_grad_multiplier float,
  update_trainable_variables *str, freeze_variables *str, replicas_to_aggregate int=1,
  batch_queue_capacity int, num_batch_queue_threads int, prefetch_queue_capacity int,
  merge_multiple_label_boxes bool, use_multiclass_scores bool,
  add_regularization_loss bool=true, max_number_of_boxes int=100,
  unpad_groundtruth_tensors bool=true, retain_original_images bool, use_bfloat16 bool,
  summarize_gradients bool
CropOperation: min_object_covered float, min_aspect_ratio float, max_aspect_ratio float,
  min_area float, max_area float, overlap_thresh float, random_coef float
Optimizer(optimizer): ^rms_prop_optimizer RmsProp, ^momentum_optimizer Momentum,
  ^adam_optimizer Adam, use_moving_average bool=true, moving_average_decay float=0.9999
RmsProp: learning_rate LearningRate, momentum_optimizer_value float=0.9,
  decay float=0.9, epsilon float=1
Momentum: learning_rate LearningRate, momentum_optimizer_value float=0.9
Adam: learning_rate LearningRate, epsilon float=1e-8
LearningRate(learning_rate): ^constant_learning_rate ConstantRate,
  ^exponential_decay_learning_rate ExponentialRate,
  ^manual_step_learning_rate ManualRate, ^cosine_decay_learning_rate CosineRate
ConstantRate: learning_rate float=0.002
ExponentialRate: initial_learning_rate float=0.002, decay_steps int=4000000,
  decay_factor float=0.95, staircase bool=true, burnin_learning_rate float,
  burnin_steps int, min_learning_rate float
ManualRate: initial_learning_rate float=0.002, schedule *RateFrom, warmup bool
RateFrom: step int, learning_rate float=0.002
CosineRate: learning_rate_base float=0.002, total_steps int=4000000,
  warmup_learning_rate float=0.0002, warmup_steps int=10000, hold_base_rate_steps int
InputReader(input_reader): name str, label_map_path str, shuffle bool=true,
  shuffle_buffer_size int=2048, filenames_shuffle_buffer_size int=100, num_epochs int,
  sample_1_of_n_examples int=1, num_readers int=64, num_parallel_batches int=8,
  num_prefetch_batches int=2, queue_capacity int=2000, min_after_dequeue int=1000,
  read_block_length int=32, prefetch_size int=512, num_parallel_map_calls int=64,
  max_number_of_boxes int=100, load_instance_masks bool, use_display_name bool,
  mask_type DEFAULT|NUMERICAL_MASKS|PNG_MASKS, include_source_id bool,
  ^tf_record_input_reader TFRecordInputReader
TFRecordInputReader: input_path *str
EvalConfig: batch_size int=1, num_visualizations int=10, num_examples int=5000,
  eval_interval_secs int=300, max_evals int, save_graph bool,
  visualization_export_dir str, metrics_set *str, export_path str,
  ignore_groundtruth bool, use_moving_averages bool, min_score_threshold float=0.5,
  max_num_boxes_to_visualize int=20, skip_scores bool, skip_labels bool,
  visualize_groundtruth_boxes bool, retain_original_images bool=true,
  include_metrics_per_category bool
StringIntLabelMap: item *StringIntLabelMapItem
StringIntLabelMapItem: name str, id int, display_name str
"""
