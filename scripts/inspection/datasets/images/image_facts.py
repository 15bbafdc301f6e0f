"""Look at every picture of a set once: is it whole, what is it, what is it like."""

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from inspection.common.errors import DatasetError
from inspection.datasets.images import image_file, near_duplicates
from inspection.datasets.images.opened_image import open_image
from inspection.datasets.images.value_range import find_range, range_of


@dataclass(frozen=True)
class ImageFacts:
    """What one file is; `header` and `likeness` are None where `problem` says why.

    problem_kind: the key of faults.KINDS. is_black: no part of it is bright.
    """

    path: Path
    digest: str
    header: image_file.Header | None = None
    likeness: np.ndarray | None = None
    problem: str = ""
    problem_kind: str = "broken-picture"
    is_black: bool = False


def read_facts(paths, title="looking at pictures"):
    """Return {path: ImageFacts}, on all cores, with a progress bar on a terminal."""
    find_range(paths)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        results = pool.map(_look_at, paths)
        shown = tqdm(results, title, len(paths), disable=None, leave=False, delay=1)
        return {facts.path: facts for facts in shown}


def _look_at(path):
    data = path.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    try:
        header = image_file.read_header(data, path.name)
    except DatasetError as error:
        fault = error.faults[0]
        return ImageFacts(path, digest, problem=fault.detail, problem_kind=fault.kind)
    if not image_file.is_complete(data):
        problem = f"is cut off or damaged: not a whole {header.format.upper()}"
        return ImageFacts(path, digest, problem=problem)
    try:
        image = _small(path, data, header)
    except image_file.BROKEN as error:
        problem = f"is a broken {header.format.upper()}: {error}"
        return ImageFacts(path, digest, problem=problem)
    fingerprint = near_duplicates.fingerprint(image)
    is_black = image_file.is_nearly_black(image)
    return ImageFacts(path, digest, header, fingerprint, is_black=is_black)


def _small(path, data, header):
    if header.bits > 8:
        return image_file.decode_rgb(data, range_of(path))
    with open_image(data) as image:
        # JPEG decodes straight to a small size; it still reads to the end
        image.draft("L", (64, 64))
        return image_file.turn_upright(image)
