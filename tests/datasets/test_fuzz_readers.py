"""Readers of foreign input read it or refuse it: nothing else comes out of them.

A small part of tests/benchmarks/fuzz_readers.py, the same in every run.
"""

import zlib

import hypothesis
import pytest

from helpers.fuzz import reader_fuzz
from helpers.fuzz.reader_strategies import STRATEGIES, encoded

COUNT = 200  # of a reader of weight 4
READERS = {reader.name: reader for reader in reader_fuzz.make_readers()}


@pytest.fixture(scope="module")
def folder():
    with reader_fuzz.work_folder() as folder:
        yield folder


@pytest.mark.parametrize("name", READERS)
def test_valid_inputs_are_read(name, folder):
    reader = READERS[name]
    outcomes = [reader.run(data, folder) for data in reader.seeds]
    assert outcomes[0] == "read"
    assert set(outcomes) <= {"read", "refused"}


@pytest.mark.parametrize("name", READERS)
def test_spoilt_inputs_are_read_or_refused(name, folder):
    reader = READERS[name]
    outcomes = {
        number: reader.run(reader.case(0, number), folder)
        for number in range(COUNT * reader.weight // 4)
    }
    odd = {n: text for n, text in outcomes.items() if text not in ("read", "refused")}
    # a busy machine is no fault of a reader
    assert {n: text for n, text in odd.items() if not text.startswith("took")} == {}
    assert set(outcomes.values()) >= {"read", "refused"}


@pytest.mark.parametrize("name", STRATEGIES)
def test_well_formed_nonsense_is_read_or_refused(name, folder):
    @hypothesis.settings(
        max_examples=40, deadline=None, database=None, derandomize=True
    )
    @hypothesis.given(data=encoded(name))
    def ask(data):
        outcome = READERS[name].run(data, folder)
        assert outcome in ("read", "refused") or outcome.startswith("took")

    ask()


def test_a_case_comes_back_by_its_number():
    digests = [zlib.crc32(b"".join(reader.seeds)) for reader in READERS.values()]
    again = [zlib.crc32(b"".join(r.seeds)) for r in reader_fuzz.make_readers()]
    assert digests == again
    reader = READERS["VOC XML"]
    assert reader.case(3, 14) == reader.case(3, 14) != reader.case(3, 15)
