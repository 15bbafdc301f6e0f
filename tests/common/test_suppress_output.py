"""What is kept back, and that afterwards all is as it was."""

import logging
import os
import threading
import warnings

import pytest

from inspection.common.suppress_output import (
    suppress_lines,
    suppress_log,
    suppress_output,
    suppress_remarks,
)


def test_both_streams_are_silent_inside_and_speak_afterwards(capfd):
    with pytest.raises(ZeroDivisionError), suppress_output():
        os.write(1, b"out ")
        os.write(2, b"err ")
        raise ZeroDivisionError
    os.write(1, b"after")
    os.write(2, b"wards")
    assert capfd.readouterr() == ("after", "wards")


def test_only_lines_with_the_text_are_lost(capfd):
    with pytest.raises(ZeroDivisionError), suppress_lines("greeting"):
        os.write(2, b"INFO: a greeting of the library\nof another thread\n")
        os.write(1, b"out")
        raise ZeroDivisionError
    assert capfd.readouterr() == ("out", "of another thread\n")


@pytest.mark.parametrize("suppress", [suppress_output, lambda: suppress_lines("x")])
def test_threads_do_not_leave_a_stream_silent(capfd, suppress):
    """One that begins inside another's block must not take its place for the stream."""
    inside, begun = threading.Event(), threading.Event()

    def first():
        with suppress():
            inside.set()
            begun.wait(0.5)

    def second():
        inside.wait()
        begun.set()
        with suppress():
            pass

    threads = [threading.Thread(target=job) for job in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    os.write(2, b"heard")
    assert capfd.readouterr().err == "heard"


def test_blocks_may_stand_in_each_other(capfd):
    with suppress_output(), suppress_lines("x"), suppress_output():
        os.write(2, b"nothing\n")
    os.write(2, b"heard")
    assert capfd.readouterr().err == "heard"


def test_loggers_keep_errors_and_get_their_level_back(caplog):
    logger = logging.getLogger("talkative")
    logger.setLevel(logging.INFO)
    with suppress_log("talkative"):
        logger.warning("a remark")
        logger.error("an error")
    assert caplog.messages == ["an error"]
    assert logger.level == logging.INFO


def test_remarks_are_prints_and_user_warnings_too(capsys):
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        with suppress_remarks("talkative"):
            print("a remark")
            warnings.warn("another", stacklevel=1)
        warnings.warn("heard", stacklevel=1)
    assert [str(warning.message) for warning in heard] == ["heard"]
    assert capsys.readouterr().out == ""
