import pytest

from inspection.detection.config import pipeline_config


@pytest.fixture
def read(tmp_path):
    def read_text(text):
        path = tmp_path / "pipeline.config"
        path.write_text(text, encoding="utf-8")
        return pipeline_config.read(path)

    return read_text


@pytest.fixture
def zoo_path(shared_data):
    folder = "ssd_mobilenet_v2_fpnlite_320x320_coco17_tpu-8"
    return shared_data / "odapi_reference" / folder / "pipeline.config"
