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
        "data": "the real data set",
        "weights": "pretrained, downloaded",
        "needs": "a GPU",
        "takes": "up to hours",
    },
}


def pick(mode: str, setting: Any) -> Any:
    """Return the value for a mode of {"quick": 300, "full": 20000}, or of one value.

    >>> pick("quick", {"quick": 300, "full": 20_000}), pick("full", 8)
    (300, 8)
    """
    if mode not in MODES:
        raise ValueError(f"MODE is {mode!r}; it must be one of {', '.join(MODES)}")
    if not isinstance(setting, dict):
        return setting
    if mode not in setting:
        raise ValueError(f"no {mode!r} in {setting}: give one value for each mode")
    return setting[mode]
