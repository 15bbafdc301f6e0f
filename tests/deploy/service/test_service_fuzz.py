"""No bytes whatever make the service fail; the long fuzz is benchmarks/service/serve_fuzz.py."""

import hypothesis
import pytest

from helpers import tiny_models
from helpers.fuzz import service_fuzz as fuzz
from inspection.deploy import runtime
from inspection.deploy.service.app import create_app


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "segmenter.tflite"
    path.write_bytes(tiny_models.make_segmenter())
    return create_app(runtime.load_model(path)).test_client()


@hypothesis.settings(max_examples=200, deadline=None, database=None, derandomize=True)
@hypothesis.given(request=fuzz.requests())
def test_any_request_is_answered_or_refused(client, request):
    query, kind, body = request
    answer = client.post(f"/api/predict{query}", data=body, content_type=kind)
    assert fuzz.fault_of(answer.status_code, answer.data) == ""
