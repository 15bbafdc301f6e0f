"""A few patches that stand for all: the greedy coreset of PatchCore."""

import numpy as np

POOL = 20_000  # patches it is chosen from; more change it little and take long


def choose_coreset(
    patches: np.ndarray, count: int, rng: np.random.Generator
) -> np.ndarray:
    """Return the places of at most `count` patches [N, C] such that none is far from all.

    Each next one is the patch farthest from those chosen so far, which is at most twice
    as far off as the best choice would leave it (Gonzalez 1985; Roth et al. 2022,
    algorithm 1).

    >>> line = np.float32([[0], [1], [2], [10]])
    >>> sorted(choose_coreset(line, 2, np.random.default_rng(0)).tolist())[-1]
    3
    """
    pool = np.arange(len(patches))
    if len(pool) > POOL:
        pool = np.sort(rng.choice(pool, POOL, replace=False))
    candidates = np.ascontiguousarray(patches[pool], np.float32)
    norms = np.square(candidates).sum(axis=1)
    chosen = [int(rng.integers(len(pool)))]
    nearest = np.full(len(pool), np.inf, np.float32)
    while len(chosen) < min(count, len(pool)):
        last = candidates[chosen[-1]]
        distance = norms - 2 * (candidates @ last) + norms[chosen[-1]]
        np.minimum(nearest, distance, out=nearest)
        nearest[chosen[-1]] = -np.inf
        chosen.append(int(nearest.argmax()))
    return pool[chosen]
