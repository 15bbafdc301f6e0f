"""Find pictures among good parts that look like none of the others."""

import numpy as np

from inspection.datasets.faults import Fault
from inspection.datasets.images.appearance import GROUPS, appearance
from inspection.datasets.images.image_file import read_rgb

LEAST = 20  # pictures, of fewer nobody can say what is usual
FAR = 10  # median deviations from the median
FLOOR = 0.02  # of each figure: smaller differences nobody sees
NAMES = ("good", "ok")  # folders of good parts, in lower case


def odd_good_faults(paths, names):
    """Return a fault for each picture of good parts that is far from the others.

    names: {picture: name to say}. It goes by light, color, sharpness and texture of the
    whole picture: a small defect is not seen, another part or a rusty one is.
    """
    if len(paths) < LEAST:
        return []
    figures = np.array([appearance(read_rgb(path)) for path in paths])
    middle = np.median(figures, axis=0)
    spread = 1.4826 * np.median(np.abs(figures - middle), axis=0) + FLOOR
    off = np.abs(figures - middle) / spread
    return [
        Fault("odd-good", names[paths[i]], f"differs in {_cause(off[i])}", (paths[i],))
        for i in np.flatnonzero(off.max(axis=1) > FAR)
    ]


def _cause(off):
    return max(GROUPS, key=lambda group: off[list(GROUPS[group])].max())
