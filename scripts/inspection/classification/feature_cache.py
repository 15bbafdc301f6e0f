"""Features on disk by the content of their pictures: written once, in shards."""

import hashlib
from pathlib import Path

import numpy as np

from inspection.classification.backbones import weights_digest
from inspection.common.array_files import read_npz
from inspection.common.atomic_files import atomic_write
from inspection.common.errors import DatasetError
from inspection.common.notices import say_once
from inspection.keras_shared.precision import EXACT, policy_of


class FeatureCache:
    """The features that a backbone has computed, {digest of a picture: float32 [C]}.

    Each `append` writes a file of its own, so that 40,000 pictures are written once, not
    again with every few hundred that are added.
    """

    def __init__(self, folder):
        self.folder = Path(folder)
        # version 1 kept all in one file
        self.former = self.folder.with_name(f"{self.folder.name}.npz")

    def read(self):
        """Return all features; what is damaged is left out, and said."""
        known = {}
        for shard in [self.former, *sorted(self.folder.glob("*.npz"))]:
            known.update(read_shard(shard))
        return known

    def append(self, rows):
        """Write {digest: features} beside what is there."""
        if rows:
            name = hashlib.sha256("".join(rows).encode()).hexdigest()[:16]
            write_shard(self.folder / f"{name}.npz", rows)


def cache_of(backbone, cache_dir):
    """Return the `FeatureCache` of a backbone, by its weights, size and precision."""
    policy = policy_of(backbone)  # in 16 bits the features are others
    policy = "" if policy == EXACT else f"_{policy}"
    size = backbone.input_shape[1]
    name = f"{backbone.name}_{size}_{weights_digest(backbone)}{policy}"
    return FeatureCache(Path(cache_dir) / name)


def read_shard(path):
    """Return {digest: features} of a file; none where it is missing or damaged."""
    if not path.exists():
        return {}
    try:
        stored = read_npz(path)
        digests, rows = stored["digests"].astype(str).tolist(), stored["features"]
        return dict(zip(digests, rows, strict=True))
    except (DatasetError, KeyError, TypeError, ValueError) as error:
        say_once(f"{path} is damaged ({error}): its features are computed anew")
        return {}


def write_shard(path, rows):
    """Write {digest: features} as a file, whole or not at all."""
    # as bytes: four times smaller than text
    digests = np.array(list(rows), np.bytes_)
    with atomic_write(path) as temporary, open(temporary, "wb") as file:
        np.savez(file, digests=digests, features=np.stack(list(rows.values())))
