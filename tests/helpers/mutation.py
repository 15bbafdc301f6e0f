"""Spoil valid inputs by chance: each case is told by a name, a seed and its number."""

import random
import re
import zlib

BYTES = (0, 1, 9, 10, 13, 32, 34, 47, 60, 62, 127, 128, 192, 239, 254, 255)
NUMBERS = (
    *(b"0", b"-1", b"-0", b"1e999", b"nan", b"inf", b"-inf", b"1e-400", b"0x10"),
    *(b"2147483648", b"4294967295", b"9223372036854775808", b"1_0", b"9" * 400),
    *(b".", b"1.", b"\xd9\xa1", b"\xc2\xb2", b""),
)
LONGEST = 65_536  # bytes of a spoilt input; only what is large by itself grows more
NUMBER = re.compile(rb"\d+(?:\.\d+)?")
RARE = 0.02  # of the changes make an input very long
MOST = 5  # changes of one input


def case(name, seed, number, seeds, tokens=()):
    """Return the bytes of one case: a valid input, sometimes as it is, mostly spoilt.

    seeds: valid inputs. tokens: words of their language.
    """
    rng = random.Random(f"{name} {seed} {number}")
    data = rng.choice(seeds)
    limit = max(LONGEST, 2 * len(data))
    for _ in range(rng.randint(0, MOST)):
        change = rng.choice(CHANGES)
        data = change(data, rng, seeds, tokens)[:limit]
    return mend_png(data) if rng.random() < 0.5 else data


def _place(data, rng):
    """Return a place in the data; in headers most of the faults that matter lie."""
    last = rng.choice((64, len(data)))
    return rng.randrange(max(1, min(last, len(data))))


def _flip(data, rng, *_):
    place = _place(data, rng)
    changed = bytes(byte ^ 1 << rng.randrange(8) for byte in data[place : place + 1])
    return data[:place] + changed + data[place + 1 :]


def _set(data, rng, *_):
    place, length = _place(data, rng), rng.choice((1, 1, 2, 4, 8))
    new = bytes(rng.choice(BYTES) for _ in range(length))
    return data[:place] + new + data[place + length :]


def _cut_off(data, rng, *_):
    return data[: rng.randrange(len(data) + 1)]


def _leave_out(data, rng, *_):
    place = _place(data, rng)
    return data[:place] + data[place + rng.choice((1, 2, 4, 16, 200)) :]


def _double(data, rng, *_):
    place, length = _place(data, rng), rng.choice((1, 4, 16, 200, len(data)))
    times = 2000 if rng.random() < RARE else rng.choice((1, 1, 2, 20))
    part = data[place : place + length] * times
    return data[:place] + part[:LONGEST] + data[place:]


def _splice(data, rng, seeds, _):
    other = rng.choice(seeds)
    return data[: _place(data, rng)] + other[_place(other, rng) :]


def _insert(data, rng, _, tokens):
    place = _place(data, rng)
    times = 3000 if rng.random() < RARE else rng.choice((1, 1, 2))
    token = rng.choice(tokens or (b"",)) * times
    return (
        data[:place] + token[:LONGEST] + data[place + rng.choice((0, 0, len(token))) :]
    )


def _number(data, rng, *_):
    found = list(NUMBER.finditer(data[:LONGEST]))
    if not found:
        return data
    one = rng.choice(found)
    return data[: one.start()] + rng.choice(NUMBERS) + data[one.end() :]


CHANGES = (_flip, _set, _set, _cut_off, _leave_out, _double, _splice, _insert, _number)


def mend_png(data):
    """Return a PNG whose chunks have right checksums, so that their content counts."""
    data, start = bytearray(data), 8
    while data.startswith(b"\x89PNG") and start + 12 <= len(data):
        end = start + 8 + int.from_bytes(data[start : start + 4], "big")
        data[end : end + 4] = zlib.crc32(data[start + 4 : end]).to_bytes(4, "big")
        start = end + 4
    return bytes(data)
