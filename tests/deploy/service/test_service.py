"""The service as its clients see it: real models behind a real server."""

import base64
import http.client
import io
import logging
import socket
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from urllib.parse import urlsplit

import cv2
import jsonschema
import numpy as np
import pytest
from PIL import Image

from helpers import tiny_models
from helpers.images import encode, painted, quarters, turned
from helpers.service_client import send, upload
from helpers.waiting import PATIENCE
from inspection.deploy import runtime
from inspection.deploy.results import Segmentation
from inspection.deploy.service.app import create_app
from inspection.deploy.service.server import serving

KINDS = ("classifier", "detector", "segmenter")
RED = encode(painted(red=200, size=(20, 30)))


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """Return a model of each kind, read from a file."""
    folder = tmp_path_factory.mktemp("models")
    for kind in KINDS:
        data = getattr(tiny_models, f"make_{kind}")()
        (folder / f"{kind}.tflite").write_bytes(data)
    return {kind: runtime.load_model(folder / f"{kind}.tflite") for kind in KINDS}


@pytest.fixture(scope="module")
def urls(models):
    """Serve each model; return the addresses."""
    with ExitStack() as stack:
        apps = {kind: create_app(model, kind) for kind, model in models.items()}
        yield {kind: stack.enter_context(serving(app)) for kind, app in apps.items()}


@pytest.fixture(scope="module")
def url(urls):
    return urls["classifier"]


def code_of(answer):
    return answer.body["error"]["code"]


# --- answers


def test_a_classifier_names_the_best_first(url):
    answer = upload(url, RED)
    assert answer.status == 200
    assert answer.body["kind"] == "classifier"
    assert (answer.body["width"], answer.body["height"]) == (30, 20)
    assert [row["label"] for row in answer.body["classes"]][0] == "red"
    assert sum(row["score"] for row in answer.body["classes"]) == pytest.approx(1)
    assert len(upload(url, RED, query="?top=1").body["classes"]) == 1


def test_the_picture_may_be_the_whole_body(url):
    answer = send(url, body=RED, Content_Type="image/png")
    assert (answer.status, answer.body) == (200, upload(url, RED).body)


@pytest.mark.parametrize("image", [painted(red=255), quarters(), painted(3, 2, 255)])
def test_classes_equal_those_of_the_runtime(url, models, image):
    scores = models["classifier"].predict(image).scores
    rows = upload(url, encode(image)).body["classes"]
    found = {row["label"]: row["score"] for row in rows}
    assert found == dict(zip(("red", "green", "blue"), scores.tolist()))


@pytest.mark.parametrize("image", [painted(red=255), painted(blue=255), painted()])
def test_boxes_equal_those_of_the_runtime(urls, models, image):
    expected = models["detector"].predict(image).above(0.3)
    rows = upload(urls["detector"], encode(image), query="?threshold=0.3").body
    rows = rows["detections"]
    labels = [models["detector"].labels[i - 1] for i in expected.class_ids]
    assert [row["label"] for row in rows] == labels
    assert [row["score"] for row in rows] == expected.scores.tolist()
    corners = [
        [row["box"][c] for c in ("ymin", "xmin", "ymax", "xmax")] for row in rows
    ]
    assert corners == expected.boxes.tolist()


def test_the_mask_equals_that_of_the_runtime(urls, models):
    body = upload(urls["segmenter"], encode(quarters())).body
    expected = models["segmenter"].predict(quarters()).mask
    np.testing.assert_array_equal(mask_of(body), expected)
    assert body["classes"][1]["share"] == expected.mean()


def test_the_mask_of_a_large_picture_has_the_size_that_is_shown(urls, models):
    image = quarters(1100, 2100)
    body = upload(urls["segmenter"], encode(image)).body
    mask, whole = mask_of(body), models["segmenter"].predict(image).mask
    assert mask.shape == (536, 1024)
    large = cv2.resize(mask, whole.shape[::-1], interpolation=cv2.INTER_NEAREST)
    assert (large == whole).mean() > 0.99
    assert body["classes"][1]["share"] == pytest.approx(whole.mean(), abs=0.01)


class ManyClasses:
    """A segmenter of 21 classes, as DeepLab's; class i wins in column i."""

    kind, labels, input_size = "segmenter", tuple(map(str, range(21))), (21, 21)

    def predict(self, image):
        scores = np.tile(np.eye(21, dtype=np.float32), (21, 1, 1))
        return Segmentation(scores, image.shape[:2])


def test_many_classes_on_a_large_picture_take_little_memory():
    image = encode(painted(size=(4000, 6000)), "JPEG")
    client = create_app(ManyClasses()).test_client()
    tracemalloc.start()
    answer = client.post("/api/predict", data=image, content_type="image/jpeg")
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    body = answer.get_json()
    mask = mask_of(body)
    assert mask.shape == (683, 1024) and set(mask[0]) == set(range(21))
    # the picture takes 72 MB, twice while it is read; all scores at its size 2,000
    assert most < 300e6


def test_a_mask_is_that_of_all_scores_enlarged():
    rng = np.random.default_rng(0)
    found = Segmentation(rng.random((9, 7, 5), np.float32), (40, 60))
    whole = cv2.resize(found.scores, (60, 40), interpolation=cv2.INTER_LINEAR)
    np.testing.assert_array_equal(found.mask, whole.argmax(axis=2))


def mask_of(body):
    data = base64.b64decode(body["mask"].removeprefix("data:image/png;base64,"))
    return np.array(Image.open(io.BytesIO(data)))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("orientation", [3, 6, 8])
def test_turned_pictures_get_the_answer_of_the_upright_one(urls, kind, orientation):
    turned_body = upload(urls[kind], turned(orientation, "PNG")).body
    assert turned_body == upload(urls[kind], encode(quarters())).body
    assert (turned_body["width"], turned_body["height"]) == (80, 60)


def test_many_at_once_get_their_own_answers(url):
    colors = [dict(red=255), dict(green=255), dict(blue=255)] * 16
    images = [encode(painted(**color)) for color in colors]
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda image: upload(url, image), images))
    best = [answer.body["classes"][0]["label"] for answer in answers]
    assert best == [next(iter(color)) for color in colors]


@pytest.mark.parametrize("fixed", [False, True], ids=["any", "one"])
def test_batches_answer_as_single_pictures_whatever_the_file_takes(tmp_path, fixed):
    path = tmp_path / "colours.tflite"
    path.write_bytes(tiny_models.make_classifier(fixed_batch=fixed))
    model = runtime.load_model(path)
    images = [painted(red=40 * i, blue=90) for i in range(6)]
    batch = [found.scores.tolist() for found in model.predict_batch(images)]
    assert batch == [model.predict(image).scores.tolist() for image in images]


def test_real_pictures_get_the_answers_of_the_runtime(urls, models, shared_data):
    folder = shared_data / "pavement_cracks"
    paths = sorted(folder.rglob("*.jpg"))[::250]
    assert paths
    from inspection.datasets.images.image_file import read_rgb

    for path in paths:
        scores = models["classifier"].predict(read_rgb(path)).scores
        rows = upload(urls["classifier"], path.read_bytes()).body["classes"]
        assert [row["score"] for row in rows] == sorted(scores.tolist(), reverse=True)


# --- what is refused, and what only looks odd

NAMES = [
    "../../../etc/passwd",
    "..\\..\\windows\\system.ini",
    "C:\\photo.jpg",
    "photo.php",
    "",
    "x" * 5000,
    "\u202egpj.exe",
]


@pytest.mark.parametrize("name", NAMES, ids=lambda name: name[:20])
def test_the_name_of_a_file_changes_nothing(url, name):
    answer = upload(url, RED, filename=name or " ")
    assert (answer.status, answer.body) == (200, upload(url, RED).body)


def test_a_line_break_in_a_name_makes_no_header(url):
    answer = upload(url, RED, filename="a\r\nSet-Cookie: x=1\r\n\r\n.jpg")
    assert answer.status in (200, 400) and "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    "data, status, code",
    [
        (b"", 400, "empty"),
        (b"I am a picture, honestly", 415, "not_a_picture"),
        (encode(painted(), "GIF"), 415, "not_a_picture"),
        (encode(quarters(), "JPEG")[:400], 415, "broken_picture"),
        (b"\xff\xd8\xff" + b"x" * (5 * 2**20 + 1), 413, "too_large"),
        (b"\xff\xd8\xff" + b"x" * (8 * 2**20), 413, "too_large"),
        ([RED] * 20, 400, "several"),
        ([b"x"] * 2000, 413, "too_large"),
    ],
    ids="empty text gif truncated oversized far-oversized twenty two-thousand".split(),
)
def test_refuses(url, data, status, code):
    answer = upload(url, data, filename="photo.jpg")
    assert (answer.status, code_of(answer)) == (status, code)
    assert answer.body["error"]["message"].endswith(".")
    assert upload(url, RED).status == 200, "and goes on"


def test_five_megabytes_are_taken(url):
    data = RED + b"\0" * (5 * 2**20 - len(RED))
    assert upload(url, data).status == 200
    assert send(url, body=data, Content_Type="image/png").status == 200


def test_the_server_hangs_up_on_what_is_far_too_large(url):
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=PATIENCE)
    connection.putrequest("POST", "/api/predict")
    connection.putheader("Content-Type", "image/png")
    connection.putheader("Content-Length", str(10**9))
    connection.endheaders()
    assert connection.getresponse().status == 413
    connection.close()


def test_a_body_in_chunks_is_counted_too(url):
    chunks = (b"x" * 2**20 for _ in range(7))
    answer = send(url, body=chunks, Content_Type="image/png")
    assert (answer.status, code_of(answer)) == (413, "too_large")


FORM = "multipart/form-data"


@pytest.mark.parametrize(
    "kind, body, status, code",
    [
        (None, b"", 400, "missing"),
        (None, RED, 415, "wrong_content_type"),
        ("text/plain", RED, 415, "wrong_content_type"),
        ("application/json", b"{}", 415, "wrong_content_type"),
        ("application/x-www-form-urlencoded", b"picture=1", 415, "wrong_content_type"),
        ("image/png", b"", 400, "empty"),
        (FORM, b"", 400, "missing"),
        (FORM, b"--x\r\n", 400, "missing"),
        (f"{FORM}; boundary=", b"--\r\n", 400, "missing"),
        (f"{FORM}; boundary=x", b"", 400, "missing"),
        (f"{FORM}; boundary=x", b"--x\r\nContent-Dispo", 400, "missing"),
        (f"{FORM}; boundary=x", b"--y\r\n\r\n--y--", 400, "missing"),
        (f"{FORM}; boundary=x", b"--x\r\n\r\nhello\r\n--x--\r\n", 400, "missing"),
        (f"{FORM}; boundary=" + "x" * 9000, b"--x", 400, "missing"),
    ],
    ids=range(14),
)
def test_refuses_malformed_requests(url, kind, body, status, code):
    headers = {"Content_Type": kind} if kind else {}
    answer = send(url, body=body, **headers)
    assert (answer.status, code_of(answer)) == (status, code)


def test_the_picture_must_be_a_file_of_its_field(url):
    assert code_of(upload(url, RED, field="image")) == "missing"
    body = (
        b'--x\r\nContent-Disposition: form-data; name="picture"\r\n\r\nhi\r\n--x--\r\n'
    )
    answer = send(url, body=body, Content_Type="multipart/form-data; boundary=x")
    assert (answer.status, code_of(answer)) == (400, "missing")


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH", "TRACE"])
def test_other_methods_are_not_allowed(url, method):
    answer = send(url, method)
    assert answer.status == 405
    assert "POST" in answer.headers["Allow"]
    assert method == "HEAD" or code_of(answer) == "method_not_allowed"


@pytest.mark.parametrize(
    "query",
    ["top=0", "top=-1", "top=1001", "top=x", "top=", "top=%D9%A3", "top=5_0"]
    + ["threshold=2", "threshold=-0.1", "threshold=nan", "threshold=inf", "threshold="],
)
def test_refuses_wrong_settings(url, query):
    answer = upload(url, RED, query=f"?{query}")
    assert (answer.status, code_of(answer)) == (400, "wrong_setting")


@pytest.mark.parametrize("path", ["/no", "/static/../app.py", "/static/%2e%2e/app.py"])
def test_unknown_addresses(url, path):
    answer = send(url, "GET", path)
    assert (answer.status, code_of(answer)) == (404, "not_found")


@pytest.mark.parametrize(
    "raw",
    [
        b"\0\xff\r\n\r\n",
        b"POST /api/predict HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
        b"POST /api/predict HTTP/1.1\r\nContent-Length: many\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"X: " + b"y" * 300_000 + b"\r\n\r\n",
    ],
)
def test_what_is_no_http_is_refused(url, raw):
    host, port = urlsplit(url).netloc.split(":")
    with socket.create_connection((host, int(port)), timeout=PATIENCE) as connection:
        connection.sendall(raw)
        assert connection.recv(100).split()[1] in (b"400", b"431")
    assert send(url, "GET", "/health").status == 200


# --- the other addresses


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
