"""Micro-batches: what waits together is asked together, and each gets its own answer."""

import threading
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import numpy as np
import pytest

from helpers.images import painted
from helpers.waiting import PATIENCE, wait_until
from inspection.deploy.service.batching import BatchingPredictor
from inspection.deploy.service.refusals import Refusal


class Echo:
    """Answer the first pixel of a picture; the gate holds it back until opened."""

    labels = ("value",)
    input_size = (8, 8)

    def __init__(self, kind="classifier"):
        self.kind = kind
        self.gate = threading.Event()
        self.batches = []

    def predict(self, image):
        return self.predict_batch([image])[0]

    def predict_batch(self, images):
        self.batches.append(len(images))
        self.gate.wait(PATIENCE)
        if any(image[0, 0, 2] for image in images):
            raise RuntimeError("blue breaks it")
        return [SimpleNamespace(scores=image[0, 0]) for image in images]


@pytest.fixture(params=["classifier"])
def echo(request):
    model = Echo(request.param)
    predictor = BatchingPredictor(model, max_batch=16)
    yield model, predictor
    model.gate.set()
    predictor.close()


def ask_while_busy(model, predictor, images):
    """Send the first picture, the others while the model works on it; all answers."""
    with ThreadPoolExecutor(len(images)) as pool:
        first = pool.submit(predictor.predict, images[0])
        wait_until(lambda: model.batches)
        others = [pool.submit(predictor.predict, image) for image in images[1:]]
        wait_until(lambda: predictor.waiting == len(others))
        model.gate.set()
        return [future.result().scores for future in (first, *others)]


def test_waiting_pictures_go_together(echo):
    model, predictor = echo
    answers = ask_while_busy(model, predictor, [painted(i) for i in range(21)])
    assert model.batches == [1, 16, 4]
    np.testing.assert_array_equal([a[0] for a in answers], range(21))


@pytest.mark.parametrize("echo", ["detector", "segmenter"], indirect=True)
def test_only_classifiers_get_batches(echo):
    model, predictor = echo
    answers = ask_while_busy(model, predictor, [painted(i) for i in range(4)])
    assert model.batches == [1, 1, 1, 1]
    np.testing.assert_array_equal([a[0] for a in answers], range(4))


def test_a_failing_model_fails_its_batch_only(echo):
    model, predictor = echo
    model.gate.set()
    with pytest.raises(RuntimeError, match="blue"):
        predictor.predict(painted(blue=1))
    assert predictor.alive
    assert predictor.predict(painted(7)).scores[0] == 7


def test_whoever_waits_too_long_is_told(echo):
    model, predictor = echo
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(predictor.predict, painted(1), PATIENCE)
        wait_until(lambda: model.batches)
        with pytest.raises(Refusal) as caught:
            predictor.predict(painted(2), timeout=0)
        assert (caught.value.status, caught.value.code) == (503, "busy")
        model.gate.set()
        assert first.result().scores[0] == 1
    assert predictor.predict(painted(3), PATIENCE).scores[0] == 3
    assert model.batches == [1, 1], "who has gone away is not worked for"


def test_closing_answers_what_waits_and_ends(echo):
    model, predictor = echo
    with ThreadPoolExecutor(2) as pool:
        waiting = [pool.submit(predictor.predict, painted(i)) for i in (1, 2)]
        wait_until(lambda: sum(model.batches) + predictor.waiting == 2)
        model.gate.set()
        predictor.close()
        assert [future.result().scores[0] for future in waiting] == [1, 2]
    assert not predictor.alive
