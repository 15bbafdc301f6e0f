"""The service as its clients see it: real models behind a real server."""

import base64
import io
import tracemalloc
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest
from PIL import Image

from helpers import tiny_models
from helpers.images import encode, painted, quarters, turned
from helpers.service_client import KINDS, send, upload
from inspection.deploy import runtime
from inspection.deploy.results import Segmentation
from inspection.deploy.service.app import create_app

RED = encode(painted(red=200, size=(20, 30)))


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
