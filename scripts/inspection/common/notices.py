"""Tell a user what was seen and is no error: on stderr, each thing once."""

import sys

_said = set()


def say_once(text, about=None):
    """Print a line to stderr, once in a process; once about a thing, where it is named."""
    if (about or text) not in _said:
        _said.add(about or text)
        print(text, file=sys.stderr, flush=True)


def warn_once(text, about=None):
    """Print `warning: text` to stderr, once in a process."""
    say_once(f"warning: {text}", about)
