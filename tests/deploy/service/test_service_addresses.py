"""The page, the description, the health and the log of the service."""

import logging

import jsonschema
import pytest

from helpers.images import encode, painted
from helpers.service_client import KINDS, send, upload
from inspection.deploy.service.app import create_app

RED = encode(painted(red=200, size=(20, 30)))


@pytest.mark.parametrize("kind", KINDS)
def test_the_page_names_the_model_and_loads_nothing_from_elsewhere(urls, kind):
    answer = send(urls[kind], "GET", "/")
    assert f"a {kind} of" in answer.body
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    assert not [word for word in answer.body.split() if word.startswith('src="http')]


@pytest.mark.parametrize("kind", KINDS)
def test_version_describes_the_model(urls, models, kind):
    facts = send(urls[kind], "GET", "/version").body
    assert facts["model"]["kind"] == kind
    assert facts["model"]["labels"] == list(models[kind].labels)
    assert facts["model"]["input_size"] == {"height": 8, "width": 8}
    assert facts["limits"]["bytes"] == 5 * 2**20


@pytest.mark.parametrize("kind", KINDS)
def test_answers_are_as_described(urls, kind):
    described = send(urls[kind], "GET", "/openapi.json").body
    operation = described["paths"]["/api/predict"]["post"]

    answers = {
        200: [upload(urls[kind], RED), upload(urls[kind], RED, query="?threshold=0")],
        400: [upload(urls[kind], RED, query="?top=0")],
        415: [upload(urls[kind], b"no picture")],
    }
    for status, given in answers.items():
        assert [answer.status for answer in given] == [status] * len(given)
        content = operation["responses"][str(status)]["content"]
        schema = content["application/json"]["schema"]
        for answer in given:
            # raises where the answer is not as described
            jsonschema.validate(answer.body, {**schema, **described})


def test_health_tells_when_the_model_no_longer_answers(models):
    app = create_app(models["classifier"])
    client = app.test_client()
    assert client.get("/health").get_json() == {"status": "ok"}
    app.extensions["predictor"].close()
    answer = client.get("/health")
    assert (answer.status_code, answer.get_json()) == (503, {"status": "dead"})


class BrokenModel:
    kind, labels, input_size = "classifier", ("a", "b"), (8, 8)

    def predict(self, image):
        raise RuntimeError("out of tensors")


def test_a_failing_model_is_logged_and_not_shown(caplog):
    client = create_app(BrokenModel()).test_client()
    answer = client.post("/api/predict", data=RED, content_type="image/png")
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (500, "failed")
    assert b"tensors" not in answer.data
    assert "out of tensors" in caplog.text
    assert client.get("/health").status_code == 200


def test_the_log_holds_nothing_that_a_client_wrote(url, caplog):
    caplog.set_level(logging.INFO)
    upload(url, RED, filename="secret.jpg", query="?note=secret")
    upload(url, b"secret", filename="secret.jpg")
    send(url, "GET", "/secret")
    send(url, "SECRET", "/secret")
    lines = [record.getMessage() for record in caplog.records]
    assert lines == [
        "POST /api/predict 200",
        "POST /api/predict 415",
        "GET unknown path 404",
        "other unknown path 404",
    ]
    assert "secret" not in caplog.text.lower()
