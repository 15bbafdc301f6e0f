"""A leak that starts while a hand-held camera looks on, as a stream of frames."""

from collections.abc import Iterator

import numpy as np

from inspection.synthetic.leaks.image import Stage
from inspection.synthetic.leaks.photo import develop, draw_lens
from inspection.synthetic.leaks.scene import HEIGHT, WIDTH, compose
from inspection.synthetic.noise import fractal

SWAY = 24  # pixels that the camera may move to each side
FILL_TIME = 8.0  # seconds until the puddle has its full size


def leak_frames(
    seed: int,
    number: int,
    seconds: float = 10.0,
    fps: float = 25,
    start: float = 3.0,
) -> Iterator[np.ndarray]:
    """Yield uint8 RGB frames [480, 640, 3] of a numbered scene; it leaks from `start`.

    Not every scene leaks: `leaks.render` with the same numbers shows a similar one.

    >>> next(leak_frames(seed=2026, number=14, seconds=0.04)).shape
    (480, 640, 3)
    """
    rng = np.random.default_rng([seed, number])
    stage = Stage(compose(rng, WIDTH + 2 * SWAY, HEIGHT + 2 * SWAY))
    lens = draw_lens(rng)
    count = round(seconds * fps)
    sway = fractal(rng, (2, count), (9, fps), octaves=3)
    sway = np.clip(SWAY + 0.4 * SWAY * sway, 0, 2 * SWAY).round().astype(int)
    for frame, (top, left) in enumerate(sway.T):
        since = frame / fps - start
        grown = np.clip(1.3 * since / FILL_TIME - 0.3, 0, 1)
        color, _ = stage.draw(frame / fps, since, grown)
        yield develop(color[top : top + HEIGHT, left : left + WIDTH], lens, rng)
