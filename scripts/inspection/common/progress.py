"""One bar for all that takes longer than a few seconds, silent where asked."""

import os
import sys

from tqdm.auto import tqdm


def is_drawn():
    """Tell whether bars are drawn here: in a notebook, and on a terminal."""
    return "ipykernel" in sys.modules or sys.stderr.isatty()


def bar(things=None, title="", total=None, unit="picture", initial=0, leave=False):
    """Return a progress bar over things, or by hand with `update`.

    Drawn on a terminal and in a notebook, unless TQDM_DISABLE is set. initial: how many
    of `total` were done before. leave: let it stand where it ended.
    """
    # the bar of notebooks does not mind tqdm's own variable
    quiet = not is_drawn() or "TQDM_DISABLE" in os.environ
    return tqdm(
        things,
        title,
        total,
        unit=unit,
        initial=initial,
        disable=quiet,
        leave=leave,
    )
