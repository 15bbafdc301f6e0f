"""The two modes of a notebook: quick for a look, full for the real thing."""

MODES = {
    "quick": "bundled data, two processor cores, offline, a few minutes",
    "full": "the real data set and pretrained weights, on a GPU",
}


def pick(mode, setting):
    """Return the value for a mode of {"quick": 300, "full": 20000}, or of one value."""
    if mode not in MODES:
        raise ValueError(f"MODE is {mode!r}; it must be one of {', '.join(MODES)}")
    if not isinstance(setting, dict):
        return setting
    if mode not in setting:
        raise ValueError(f"no {mode!r} in {setting}: give one value for each mode")
    return setting[mode]


def describe(mode):
    """Say in one line what a mode means."""
    return f"{mode}: {pick(mode, MODES)}"
