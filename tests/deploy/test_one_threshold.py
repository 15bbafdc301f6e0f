"""One score from which on a box is shown, in the file: command, service and page."""

import json

import pytest
from PIL import Image

from helpers import tiny_models as tiny
from helpers.commands import run_python
from helpers.images import encode, painted
from inspection.course import paths
from inspection.deploy import runtime
from inspection.deploy.service.app import create_app
from inspection.deploy.web.server import model_entry
from inspection.tflite.metadata import add_metadata

RED = painted(255, 0, 0, (48, 64))  # a leak with a score of .9


@pytest.fixture
def model_path(tmp_path, request):
    plain = tiny.make_detector(metadata=False)
    labels = ["leak", "puddle"]
    data = add_metadata(
        plain, "detector", labels, "a", "b", 0, 255, threshold=request.param
    )
    path = tmp_path / "tiny.tflite"
    path.write_bytes(data)
    return path


told = pytest.mark.parametrize("model_path", [None, 0.37, 0.97], indirect=True)
SHOWN = {0.5: 1, 0.37: 1, 0.97: 0}


@told
def test_a_file_that_tells_none_means_one_half(model_path):
    model = runtime.load_model(model_path)
    stored = model.file.threshold
    assert model.threshold == (0.5 if stored is None else stored)
    assert len(model.predict(RED).above(0.5)) == 1


@told
def test_the_command_shows_what_the_file_says(model_path, tmp_path):
    Image.fromarray(RED).save(tmp_path / "wet.png")
    command = [paths.ROOT / "scripts/detect.py", model_path, tmp_path / "wet.png", "-o"]
    threshold = runtime.load_model(model_path).threshold
    done = run_python(*command, tmp_path / "own", cwd=tmp_path)
    found = "1 leak" if SHOWN[threshold] else "nothing found"
    assert done.stdout.startswith(f"1 picture: {found}"), done.stderr
    done = run_python(*command, tmp_path / "o", "--threshold", "0.2", cwd=tmp_path)
    assert done.stdout.startswith("1 picture: 1 leak"), done.stderr


@told
def test_the_service_answers_by_it(model_path):
    model = runtime.load_model(model_path)
    client = create_app(model).test_client()

    def count(query):
        kind = {"content_type": "image/png"}
        answer = client.post(f"/api/predict{query}", data=encode(RED), **kind)
        return len(answer.json["detections"])

    assert count("") == SHOWN[model.threshold]
    assert count("?threshold=0.2") == 1 and count("?threshold=0.99") == 0
    assert client.get("/version").json["model"]["threshold"] == model.threshold
    (operation,) = client.get("/openapi.json").json["paths"]["/api/predict"].values()
    default = {one["name"]: one["schema"]["default"] for one in operation["parameters"]}
    assert default["threshold"] == model.threshold
    assert f'value="{round(100 * model.threshold)}"' in client.get("/").text


@told
def test_the_page_is_told_it(model_path):
    model = runtime.load_model(model_path)
    entry = json.loads(json.dumps(model_entry(0, model.file)))
    assert entry["threshold"] == model.file.threshold
