"""The message of a whole pipeline.config, SSD models alone."""

from inspection.detection.config.proto_messages import message_class

TrainEvalPipelineConfig = message_class("TrainEvalPipelineConfig")
