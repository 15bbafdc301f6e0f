"""Where downloads are kept."""

import os
from pathlib import Path

CACHE_VARIABLE = "VISUAL_INSPECTION_CACHE"


def cache_folder() -> Path:
    """Return where downloads are kept: VISUAL_INSPECTION_CACHE, or ~/.cache/..."""
    chosen = os.environ.get(CACHE_VARIABLE)
    return Path(chosen) if chosen else Path.home() / ".cache" / "visual-inspection"
