"""The course's own pipeline.config files, to start from."""

from pathlib import Path

from inspection.common.errors import UserError
from inspection.detection.config import pipeline_config

FOLDER = Path(__file__).parent


def read(name: str) -> pipeline_config.PipelineConfig:
    """Return the `PipelineConfig` of a base model; raise UserError for another name.

    >>> read("ssd_mobilenet_v2_fpnlite_320x320").model.num_classes
    1
    """
    path = FOLDER / f"{name}.config"
    if not path.exists():
        known = ", ".join(sorted(file.stem for file in FOLDER.glob("*.config")))
        raise UserError(f"there is no base config {name!r} (there is: {known})")
    return pipeline_config.read(path)
