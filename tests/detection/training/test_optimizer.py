"""Learning rates step by step, against the formulas of the API's learning_schedules."""

import math

import keras
import pytest

from helpers.tiny_detector import tiny_config
from inspection.common.errors import UserError
from inspection.detection.config import pipeline_settings as settings
from inspection.detection.training.optimizer import learning_rate, make_optimizer


def rates(schedule, steps):
    return [float(schedule(step)) for step in steps]


def test_cosine_with_warm_up():
    wanted = settings.CosineDecayLearningRate(0.08, 1000, 0.02, 100)
    schedule = learning_rate(wanted)
    assert rates(schedule, [0, 25, 50, 99]) == pytest.approx(
        [0.02, 0.035, 0.05, 0.0794]
    )
    steps = [100, 101, 325, 550, 775, 999, 1000]
    cosine = [0.5 * 0.08 * (1 + math.cos(math.pi * (s - 100) / 900)) for s in steps]
    assert rates(schedule, steps) == pytest.approx(cosine, rel=1e-4, abs=1e-8)
    assert rates(schedule, [1001, 5000]) == pytest.approx([0, 0], abs=1e-8)


def test_cosine_without_warm_up():
    schedule = learning_rate(settings.CosineDecayLearningRate(0.08, 1000, 0.02, 0))
    assert rates(schedule, [0, 500, 1000]) == pytest.approx([0.08, 0.04, 0], abs=1e-8)


def test_a_manual_step_counts_from_its_own_step():
    schedule = ((5, 0.1), (9, 0.01))
    schedule = learning_rate(settings.ManualStepLearningRate(1.0, schedule))
    wanted = [1, 1, 0.1, 0.1, 0.01, 0.01]
    assert rates(schedule, [0, 4, 5, 8, 9, 100]) == pytest.approx(wanted)


def test_a_manual_schedule_may_begin_at_once_or_be_empty():
    schedule = learning_rate(settings.ManualStepLearningRate(1.0, ((0, 0.5), (2, 0.1))))
    assert rates(schedule, [0, 1, 2]) == pytest.approx([0.5, 0.5, 0.1])
    assert learning_rate(settings.ManualStepLearningRate(0.3)) == 0.3


@pytest.mark.parametrize("staircase", [True, False])
def test_exponential(staircase):
    wanted = settings.ExponentialDecayLearningRate(0.1, 10, 0.5, staircase)
    exponents = [s // 10 if staircase else s / 10 for s in (0, 9, 10, 25)]
    ours = rates(learning_rate(wanted), [0, 9, 10, 25])
    assert ours == pytest.approx([0.1 * 0.5**e for e in exponents], rel=1e-5)


@pytest.mark.parametrize(
    ("rate", "name"),
    [
        (
            settings.CosineDecayLearningRate(hold_base_rate_steps=5),
            "hold_base_rate_steps",
        ),
        (settings.ExponentialDecayLearningRate(burnin_steps=5), "burnin_steps"),
        (
            settings.ExponentialDecayLearningRate(min_learning_rate=0.1),
            "min_learning_rate",
        ),
        (settings.ManualStepLearningRate(warmup=True), "warmup"),
    ],
)
def test_what_is_not_supported_is_refused_by_name(rate, name):
    with pytest.raises(UserError, match=rf"pipeline.config: {name} .*\(supported: "):
        learning_rate(rate)


def test_a_moving_average_of_the_weights_is_refused():
    config = tiny_config(train_config__optimizer__use_moving_average=True)
    with pytest.raises(
        UserError, match=r"line \d+: .*use_moving_average must be false"
    ):
        make_optimizer(config.train)


def test_momentum_of_the_config():
    config = tiny_config(train_config__gradient_clipping_by_norm=10.0)
    optimizer = make_optimizer(config.train)
    assert isinstance(optimizer, keras.optimizers.SGD)
    assert optimizer.momentum == pytest.approx(0.9)
    assert not optimizer.nesterov
    assert optimizer.global_clipnorm == 10
    assert make_optimizer(tiny_config().train).global_clipnorm is None


def test_adam_of_the_config():
    config = tiny_config()
    adam = "adam_optimizer.learning_rate.constant_learning_rate.learning_rate"
    config.message.find("train_config.optimizer")[0].value.fields.clear()
    config.set(f"train_config.optimizer.{adam}", 0.004)
    config.set("train_config.optimizer.use_moving_average", False)
    optimizer = make_optimizer(config.train)
    assert isinstance(optimizer, keras.optimizers.Adam)
    assert float(optimizer.learning_rate) == pytest.approx(0.004)
    assert optimizer.epsilon == pytest.approx(1e-8)


def test_rms_prop_of_the_config():
    config = tiny_config()
    config.message.find("train_config.optimizer")[0].value.fields.clear()
    rate = "learning_rate.constant_learning_rate.learning_rate"
    fields = {rate: 0.004, "decay": 0.8, "momentum_optimizer_value": 0.7}
    for name, value in fields.items():
        config.set(f"train_config.optimizer.rms_prop_optimizer.{name}", value)
    config.set("train_config.optimizer.use_moving_average", False)
    optimizer = make_optimizer(config.train)
    assert isinstance(optimizer, keras.optimizers.RMSprop)
    found = optimizer.rho, optimizer.momentum, optimizer.epsilon
    assert found == pytest.approx((0.8, 0.7, 1.0))
    assert float(optimizer.learning_rate) == pytest.approx(0.004)
