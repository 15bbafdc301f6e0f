"""The two modes of a notebook: quick for a look, full for the real thing."""

from typing import Any

MODES = {
    "quick": {
        "data": "bundled",
        "weights": "none, or small ones",
        "needs": "two processor cores",
        "takes": "minutes",
    },
    "full": {
        "data": "public photographs, downloaded",
        "weights": "pretrained, downloaded",
        "needs": "a GPU",
        "takes": "up to hours",
    },
}


def pick(mode: str, *settings: Any) -> Any:
    """Return the value for a mode of {"quick": 300, "full": 20000}, or of one value.

    Of several settings it is a list.

    >>> pick("quick", {"quick": 300, "full": 20_000}), pick("full", 8)
    (300, 8)
    >>> pick("full", {"quick": 300, "full": 20_000}, "images.zip")
    [20000, 'images.zip']
    """
    picked = [_pick(mode, setting) for setting in settings]
    return picked[0] if len(picked) == 1 else picked


def named(mode: str, name: Any) -> str:
    """Return the name of a folder that the two modes do not share.

    What quick mode trained would stop full mode, whose settings are others.

    >>> named("quick", "leaks"), named("full", {"quick": "leaks", "full": "cells"})
    ('leaks', 'cells_full')
    """
    name = _pick(mode, name)
    return name if mode == "quick" else f"{name}_{mode}"


def _pick(mode, setting):
    if mode not in MODES:
        raise ValueError(f"MODE is {mode!r}; it must be one of {', '.join(MODES)}")
    if not isinstance(setting, dict):
        return setting
    if mode not in setting:
        raise ValueError(f"no {mode!r} in {setting}: give one value for each mode")
    return setting[mode]
