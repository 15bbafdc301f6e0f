"""The optimizers and learning-rate schedules that a pipeline.config can ask for."""

import keras

from inspection.common.errors import UserError
from inspection.detection.config import pipeline_settings as settings

schedules = keras.optimizers.schedules


def _refuse(rate, **wanted):
    for name, value in wanted.items():
        if getattr(rate, name) != value:
            raise UserError(
                f"pipeline.config: {name} of the learning rate is not supported"
                f" (supported: {value})"
            )


def _cosine(rate):
    _refuse(rate, hold_base_rate_steps=0)
    return schedules.CosineDecay(
        rate.warmup_learning_rate if rate.warmup_steps else rate.learning_rate_base,
        decay_steps=max(rate.total_steps - rate.warmup_steps, 1),
        warmup_target=rate.learning_rate_base if rate.warmup_steps else None,
        warmup_steps=rate.warmup_steps,
    )


def _exponential(rate):
    _refuse(rate, burnin_steps=0, min_learning_rate=0.0)
    return schedules.ExponentialDecay(
        rate.initial_learning_rate, rate.decay_steps, rate.decay_factor, rate.staircase
    )


def _manual(rate):
    _refuse(rate, warmup=False)
    if not rate.schedule:
        return rate.initial_learning_rate
    steps, values = zip(*rate.schedule)
    # Keras names the last step of the old rate, the config the first step of the new
    return schedules.PiecewiseConstantDecay(
        [step - 1 for step in steps], [rate.initial_learning_rate, *values]
    )


def learning_rate(rate):
    """Return the Keras schedule (or the constant) of a learning rate of the settings."""
    makers = {
        settings.CosineDecayLearningRate: _cosine,
        settings.ExponentialDecayLearningRate: _exponential,
        settings.ManualStepLearningRate: _manual,
        settings.ConstantLearningRate: lambda constant: constant.learning_rate,
    }
    return makers[type(rate)](rate)


def make_optimizer(train):
    """Return the Keras optimizer of a `TrainSettings`."""
    wanted = train.optimizer
    shared = {
        "learning_rate": learning_rate(wanted.learning_rate),
        "global_clipnorm": train.gradient_clipping_by_norm or None,
    }
    if wanted.kind == "adam":
        return keras.optimizers.Adam(epsilon=wanted.epsilon, **shared)
    if wanted.kind == "rms_prop":
        # the API hands its decay to the learning rate, not to the squares it is meant for
        return keras.optimizers.RMSprop(
            rho=wanted.decay,
            momentum=wanted.momentum,
            epsilon=wanted.epsilon,
            **shared,
        )
    return keras.optimizers.SGD(momentum=wanted.momentum, **shared)
