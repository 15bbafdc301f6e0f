"""One bar for all that takes longer than a few seconds, silent where asked."""

import os
import sys

from tqdm.auto import tqdm


def bar(things=None, title="", total=None, unit="picture"):
    """Return a progress bar over things, or by hand with `update`.

    Drawn on a terminal and in a notebook, unless TQDM_DISABLE is set.
    """
    drawn = "ipykernel" in sys.modules or sys.stderr.isatty()
    # the bar of notebooks does not mind tqdm's own variable
    quiet = not drawn or "TQDM_DISABLE" in os.environ
    return tqdm(things, title, total, unit=unit, disable=quiet, leave=False)
