"""What the arguments of all commands share: the parser, the types, renamed flags."""

import argparse
import math
import re
import sys

LARGEST_SEED = 2**32 - 1  # what NumPy takes
LARGEST_PORT = 2**16 - 1
ALL = "all"  # of what a mask holds
COLOR = re.compile(r"#?([0-9a-f]{6})", re.I)
RUNNERS = ("local", "dataflow", "flink", "spark")
LARGEST_CAMERA = 99  # what is longer is a slip, or the name of a file


def parser(doc, former=()):
    """Return a parser whose help is the docstring of a command, line by line.

    former: flags that have become the first positionals, in the order of those. They
    are understood as before, and not shown.
    """
    return _Parser(
        description=doc,
        # half a flag could be another one's whole: --label is not --label_map
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        former=former,
    )


class _Parser(argparse.ArgumentParser):
    def __init__(self, former=(), **settings):
        super().__init__(**settings)
        self.former = former

    def parse_known_args(self, args=None, namespace=None):
        words = list(sys.argv[1:] if args is None else args)
        found = {}
        for flag in self.former:
            words, found[flag] = _take(words, flag)
        leading = [value for value in found.values() if value is not None]
        return super().parse_known_args([*leading, *words], namespace)


def _take(words, flag):
    """Return the words without `flag VALUE` or `flag=VALUE`, and the value or None."""
    for place, word in enumerate(words):
        if word == flag and place + 1 < len(words):
            return words[:place] + words[place + 2 :], words[place + 1]
        if word.startswith(f"{flag}="):
            return words[:place] + words[place + 1 :], word[len(flag) + 1 :]
    return words, None


def hide(action, *spellings):
    """Leave older spellings of a flag out of the help; they work as before."""
    for spelling in spellings:
        action.option_strings.remove(spelling)
    return action


def add_output(parser, *former, **settings):
    """Add -o/--output, required unless `settings` say otherwise; hide older spellings."""
    settings = {"required": "default" not in settings, "dest": "output"} | settings
    return hide(parser.add_argument("-o", "--output", *former, **settings), *former)


def add_runner(parser, default=None):
    """Add --runner and --runner_options: where Apache Beam lets the work be done."""
    parser.add_argument(
        "--runner",
        choices=RUNNERS,
        default=default,
        help=f"where Apache Beam runs the work ({default or 'without Beam'})",
    )
    parser.add_argument(
        "--runner_options",
        default="",
        metavar="TEXT",
        help='of the engine, such as "--project hall --region europe-west1"',
    )


def positive_int(text):
    """Return a whole number of at least 1."""
    return _whole(text, 1)


def non_negative_int(text):
    """Return a whole number of at least 0."""
    return _whole(text, 0)


def seed(text):
    """Return what random numbers can begin from, a whole number below 2**32."""
    return _whole(text, 0, LARGEST_SEED)


def port(text):
    """Return the number of a port; 0 asks for a free one."""
    return _whole(text, 0, LARGEST_PORT)


def positive_float(text):
    """Return a finite number above 0, such as a learning rate or seconds."""
    number = _finite(text)
    if number <= 0:
        raise argparse.ArgumentTypeError(f"{text} is not above 0")
    return number


def non_negative_float(text):
    """Return a finite number of at least 0, such as a cost or seconds."""
    number = _finite(text)
    if number < 0:
        raise argparse.ArgumentTypeError(f"{text} is below 0")
    return number


def learning_rate(text):
    """Return a finite number above 0."""
    return positive_float(text)


def threshold(text):
    """Return a score or probability: from 0 to 1, both possible."""
    number = _finite(text)
    if not 0 <= number <= 1:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and 1")
    return number


def share(text):
    """Return a part of a whole: from 0 to less than 1."""
    number = _finite(text)
    if not 0 <= number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not from 0 to less than 1")
    return number


def overlap(text):
    """Return the share of a tile that the next one shows too: from 0.05 to 0.5."""
    number = _finite(text)
    if not 0.05 <= number <= 0.5:
        raise argparse.ArgumentTypeError(f"{text} is not from 0.05 to 0.5")
    return number


def foreground(text):
    """Return what counts in a mask: a value, "all" or a color such as #ff0000."""
    if text == ALL or COLOR.fullmatch(text) and not text.isdigit():
        return text
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no value such as 2, not all, and no color such as #ff0000"
        ) from None


def source(text):
    """Return the number of a camera as int, anything else as the path it is."""
    if not (text.isascii() and text.isdigit()):
        return text
    if int(text) > LARGEST_CAMERA:
        raise argparse.ArgumentTypeError(
            f"{text} is no camera, 0 to {LARGEST_CAMERA}; a folder of this name is "
            f"./{text}"
        )
    return int(text)


def _whole(text, low, high=math.inf):
    try:
        number = int(text)
    except ValueError:
        message = f"{text!r} is not a whole number"
        raise argparse.ArgumentTypeError(message) from None
    if number < low and high == math.inf:
        raise argparse.ArgumentTypeError(f"{text} is not at least {low}")
    if not low <= number <= high:
        raise argparse.ArgumentTypeError(f"{text} is not between {low} and {high}")
    return number


def _finite(text):
    try:
        number = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number") from None
    if not math.isfinite(number):
        raise argparse.ArgumentTypeError(f"{text} is not a finite number")
    return number
