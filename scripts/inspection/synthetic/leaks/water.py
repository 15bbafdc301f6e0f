"""Water in the air of the leak scenes: what flies where, at any moment.

Every drop has a birth time and flies a parabola, and is born again when its life ends,
so one leak can be drawn at any `time`: stills and video come from the same functions.
"""

from dataclasses import dataclass

import numpy as np

GRAVITY = np.array([0.0, -9.81, 0.0])
DOWN = np.array([0.0, -1.0, 0.0])


@dataclass
class Leak:
    """Water that leaves a pipe at `source`: drops in flight, and threads that hang."""

    kind: str  # jet, pour or drip
    source: np.ndarray
    start: np.ndarray  # [n, 3] places where drops are born
    velocity: np.ndarray  # [n, 3] in m/s
    birth: np.ndarray  # [n] in 0..1 of a life
    life: np.ndarray  # [n] seconds
    width: np.ndarray  # [n] metres
    exposure: float  # seconds; how far a drop smears
    opacity: float  # of one drop
    threads: list  # what hangs from the joint: (centre line [m, 3], widths [m])
    seed: int

    def fly(self, time, since=np.inf):
        """Return places [n, 3] at opening and closing of the shutter, and age in 0..1.

        `since` is how long it has been leaking; drops older than that do not exist yet
        and get an age of 1.
        """
        share = (time / self.life + self.birth) % 1.0
        age = (share * self.life)[:, None]
        later = age + self.exposure
        first = self.start + self.velocity * age + 0.5 * GRAVITY * age**2
        last = self.start + self.velocity * later + 0.5 * GRAVITY * later**2
        return first, last, np.where(share * self.life < since, share, 1.0)


def make_jet(rng, source, normal, axis):
    """Return a jet that sprays from a crack along `normal`, in one to three plumes."""
    count, plumes = 3600, rng.integers(1, 4)
    aims = (
        normal
        + rng.normal(0, 0.25, (plumes, 3))
        + axis * rng.normal(0, 0.3, (plumes, 1))
    )
    aims /= np.linalg.norm(aims, axis=1, keepdims=True)
    pick = rng.choice(plumes, count, p=rng.dirichlet(np.full(plumes, 4.0)))
    tight = rng.uniform(0.03, 0.09, plumes)[pick] * rng.choice([1, 1, 1.6, 3], count)
    aim = aims[pick] + rng.normal(0, 1, (count, 3)) * tight[:, None]
    pace = rng.uniform(1.7, 3.3) * np.clip(rng.normal(1, 0.12, count), 0.5, 1.35)
    return Leak(
        kind="jet",
        source=source,
        start=source + axis * rng.normal(0, 0.003, (count, 1)),
        velocity=aim * pace[:, None],
        birth=rng.random(count),
        life=rng.uniform(0.17, 0.3) * rng.uniform(0.45, 1.3, count),
        width=0.0009 * rng.lognormal(0, 0.45, count),
        exposure=rng.uniform(0.010, 0.026),
        opacity=rng.uniform(0.2, 0.32),
        threads=[],
        seed=int(rng.integers(1 << 30)),
    )


def make_pour(rng, source, axis, half):
    """Return water that pours from under a joint and breaks up as it falls."""
    count, strands = 2600, rng.integers(2, 5)
    pick = rng.integers(0, strands, count)
    along = rng.uniform(-half, half, strands)[pick, None]
    push = axis * rng.normal(0, 0.12, (strands, 1)) + rng.uniform(0.1, 0.7) * np.array(
        [0, 0, 1]
    )
    scatter = rng.normal(0, 1, (count, 3)) * rng.choice([0.03, 0.06, 0.16], (count, 1))
    fall = np.sqrt(2 * max(source[1], 0.05) / 9.81)
    leak = Leak(
        kind="pour",
        source=source,
        start=source + axis * along + rng.normal(0, 0.002, (count, 3)),
        velocity=push[pick] + scatter + 0.25 * DOWN,
        birth=rng.random(count),
        life=np.full(count, min(fall, 0.5)) * rng.uniform(0.85, 1.0, count),
        width=0.0013 * rng.lognormal(0, 0.45, count),
        exposure=rng.uniform(0.010, 0.022),
        opacity=rng.uniform(0.24, 0.34),
        threads=[],
        seed=int(rng.integers(1 << 30)),
    )
    return _splash(rng, leak, fall, push[pick])


def _splash(rng, leak, fall, push):
    """Let every eighth drop start again from the floor where the others land."""
    again = np.arange(0, len(leak.life), 8)
    landing = leak.start[again] + push[again] * fall
    landing[:, 1] = 0.003
    leak.start[again] = landing
    leak.velocity[again] = rng.normal(0, 0.35, (len(again), 3)) + [0, 0.8, 0.1]
    leak.life[again] = rng.uniform(0.08, 0.17, len(again))
    return leak


def make_drip(rng, source, axis, half):
    """Return threads of water under a joint that break into falling drops."""
    strands, each, half = rng.integers(2, 4), 3, max(half, 0.016)
    along = np.linspace(-half, half, strands + 2)[1:-1] + rng.normal(
        0, 0.15 * half, strands
    )
    length = rng.uniform(0.02, 0.1) * rng.uniform(0.6, 1.3, strands)
    pick = np.repeat(np.arange(strands), each)
    tips = source + axis * along[:, None] + DOWN * length[:, None]
    birth = np.tile(np.arange(each) / each, strands) + rng.random(strands)[pick]
    width = rng.uniform(0.007, 0.010)
    return Leak(
        kind="drip",
        source=source,
        start=tips[pick] + axis * rng.normal(0, 0.001, (strands * each, 1)),
        velocity=np.tile(0.3 * DOWN, (strands * each, 1)),
        birth=birth,
        life=np.full(strands * each, rng.uniform(0.09, 0.15)),
        width=width * rng.uniform(0.65, 1.15, strands * each),
        exposure=rng.uniform(0.003, 0.008),
        opacity=1.0,
        threads=_hang(rng, source, axis, half, along, length, width),
        seed=int(rng.integers(1 << 30)),
    )


def _hang(rng, source, axis, half, along, length, width):
    """Return the film under the joint and the threads below it, [(points, width)]."""
    span = np.linspace(along[0] - 0.5 * half, along[-1] + 0.5 * half, 15)[:, None]
    film = width * 0.8 * np.sqrt(np.hanning(17)[1:-1])
    threads = [(source + axis * span + 0.2 * film[:, None] * DOWN, film)]
    for place, reach in zip(along, length, strict=True):
        share = np.linspace(0, 1, 16)[:, None]
        wobble = (
            axis
            * 0.0015
            * share
            * np.sin(share * rng.uniform(5, 12) + rng.uniform(0, 6))
        )
        points = source + axis * place + DOWN * reach * share + wobble
        neck = (
            0.42
            + 0.75 * np.exp(-share[:, 0] * 7)
            + 0.5 * np.exp(-np.square(share[:, 0] * 5 - 4.6))
        )
        threads.append((points, width * neck * np.minimum(1, 6 * (1.06 - share[:, 0]))))
    return threads
