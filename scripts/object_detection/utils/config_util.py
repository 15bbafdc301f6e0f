"""A pipeline.config as a dict of its parts, and back into a file."""

from pathlib import Path

from google.protobuf import text_format

from inspection.common.atomic_files import write_text
from inspection.common.text_files import read_text
from object_detection import refuse_others
from object_detection.protos import pipeline_pb2

__getattr__ = refuse_others(__name__)

PARTS = {
    "model": "model",
    "train_config": "train_config",
    "train_input_config": "train_input_reader",
    "eval_config": "eval_config",
}
READERS = "eval_input_configs"


def get_configs_from_pipeline_file(pipeline_config_path, config_override=None):
    """Return {"model": ..., "train_config": ..., ...} of a file.

    config_override: text of a pipeline.config that is merged into it.
    """
    config = pipeline_pb2.TrainEvalPipelineConfig()
    for text in (read_text(pipeline_config_path), config_override or ""):
        text_format.Merge(text, config)
    return create_configs_from_pipeline_proto(config)


def create_configs_from_pipeline_proto(pipeline_config):
    """Return the parts of a TrainEvalPipelineConfig by the names of the API."""
    configs = {part: getattr(pipeline_config, field) for part, field in PARTS.items()}
    configs[READERS] = pipeline_config.eval_input_reader
    if configs[READERS]:
        configs["eval_input_config"] = configs[READERS][0]
    return configs


def create_pipeline_proto_from_configs(configs):
    """Return the TrainEvalPipelineConfig of such parts."""
    config = pipeline_pb2.TrainEvalPipelineConfig()
    for part, field in PARTS.items():
        if part in configs:
            getattr(config, field).CopyFrom(configs[part])
    config.eval_input_reader.extend(configs.get(READERS, []))
    return config


def save_pipeline_config(pipeline_config, directory):
    """Write a TrainEvalPipelineConfig as pipeline.config into a folder, made if absent."""
    text = text_format.MessageToString(pipeline_config)
    write_text(Path(directory, "pipeline.config"), text)
