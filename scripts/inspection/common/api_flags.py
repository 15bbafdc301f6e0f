"""Flags of the Object Detection API's programs that ours take without effect, or refuse.

A command copied from a tutorial runs as it stands; what it cannot have is told by name.
"""

import argparse

SWITCHES = ("alsologtostderr", "logtostderr", "showprefixforinfo")  # of absl's logging
VALUES = ("stderrthreshold", "verbosity", "log_dir")
CHANGE = "write the change into the file: make_pipeline_config.py --base CONFIG --set"
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
