"""Flags of the Object Detection API's programs that ours take without effect, or refuse.

A command copied from a tutorial runs as it stands; what it cannot have is told by name.
"""

import argparse
import difflib

from inspection.common.notices import warn_once

ALIKE = 0.88  # of the letters of two flags, from which on one is a slip of the other
SWITCHES = ("alsologtostderr", "logtostderr", "showprefixforinfo")  # of absl's logging
VALUES = ("stderrthreshold", "verbosity", "log_dir")
TRUE, FALSE = ("true", "t", "1", "yes", "y"), ("false", "f", "0", "no", "n")


def truth(text):
    """Return true or false as absl's flags spell them, for argparse."""
    if text.lower() in TRUE:
        return True
    if text.lower() in FALSE:
        return False
    raise argparse.ArgumentTypeError(f"{text} is neither true nor false")


def add_logging_flags(parser):
    """Take the flags of absl's logging: progress always shows."""
    for name in SWITCHES:
        add_switch(parser, name)
    for name in VALUES:
        parser.add_argument(f"--{name}", help=argparse.SUPPRESS)


def add_override(parser):
    """Take --config_override, the text of a pipeline.config that is merged into the file's."""
    parser.add_argument(
        "--config_override",
        default="",
        metavar="TEXT",
        help="fields of a pipeline.config that replace those of the file",
    )


def add_switch(parser, name, wanted=None, reason=""):
    """Take --NAME, --NAME=true and --noNAME; refuse another truth than `wanted`."""

    def read(text):
        value = truth(text)
        if wanted not in (None, value):
            raise argparse.ArgumentTypeError(reason)
        return value

    hidden = {"nargs": "?", "type": read, "help": argparse.SUPPRESS, "dest": name}
    # argparse reads a const that is text as it reads a value
    parser.add_argument(f"--{name}", const="true", **hidden)
    parser.add_argument(f"--no{name}", const="false", **hidden)


def add_value(parser, name, wanted, reason):
    """Take --NAME with one of the texts that change nothing; refuse others."""

    def read(text):
        if text not in wanted:
            raise argparse.ArgumentTypeError(reason)
        return text

    parser.add_argument(f"--{name}", type=read, help=argparse.SUPPRESS)


def parse_passing(parser):
    """Return the arguments; flags that nobody knows are passed over with a warning.

    So do the API's programs. A slip of a flag that is known stops the command, as does
    a word that belongs to no flag.
    """
    arguments, rest = parser.parse_known_args()
    known = [flag for action in parser._actions for flag in action.option_strings]
    takes_word = False
    for word in rest:
        flag = word.partition("=")[0]
        if word.startswith("-"):
            if meant := difflib.get_close_matches(flag, known, 1, ALIKE):
                parser.error(f"there is no flag {flag}, the nearest is {meant[0]}")
            warn_once(f"{flag} is not known here: passed over")
        elif not takes_word:
            parser.error(f"unrecognized arguments: {word}")
        takes_word = word.startswith("-") and "=" not in word
    return arguments
