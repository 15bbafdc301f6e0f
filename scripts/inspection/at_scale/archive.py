"""Inspect an archive of pictures, shard by shard, into two tables of Parquet.

    OUT/run.json                           what the run was begun with
    OUT/findings-00003-of-00010.parquet    one row a finding
    OUT/pictures-00003-of-00010.parquet    one row a picture, written last: shard 3 is done
    OUT/bad_pictures.csv                   the pictures that could not be looked at

What is done stays: a run that was stopped goes on with the shards that are missing.
"""

import csv
import io
import json
from collections import Counter
from dataclasses import dataclass

from inspection.at_scale import places, tables
from inspection.at_scale.engines import LOCAL, run_each
from inspection.at_scale.inspector import LEAST_SCORE, Shard, ShardInspector
from inspection.common.errors import UserError
from inspection.common.run_identity import differences, digest_bytes

RUN, BAD = "run.json", "bad_pictures.csv"


@dataclass(frozen=True)
class Summary:
    """What a run has found in an archive, over all its shards.

    done_before: shards of an earlier run. found: findings by class. bad: rows of
    (image, reason).
    """

    pictures: int
    shards: int
    done_before: int
    found: Counter
    bad: list


def inspect_archive(
    model_file,
    sources,
    folder,
    threshold=LEAST_SCORE,
    shard_size=1000,
    threads=2,
    runner=LOCAL,
    options="",
):
    """Run a model on all pictures of the sources; return the Summary.

    model_file: of `model_file.read_model_file`. sources: files, folders, addresses in
    object storage. threshold: least score of a box. runner, options: see `run_each`.

    Raises UserError for a folder of something else, or of a run that was begun with
    another model, other pictures or settings.
    """
    tables.load_parquet()
    found = places.find_pictures(sources)
    folder = str(folder).rstrip("/")
    _begin(folder, _identity(model_file, found, threshold, shard_size))
    shards = make_shards(list(found), shard_size)
    there = places.names_in(folder)
    missing = [shard for shard in shards if shard.file(tables.PICTURES) not in there]
    if missing:
        inspector = ShardInspector(model_file, folder, threshold, threads)
        run_each(inspector, missing, runner, options)
    return _summarize(folder, shards, len(shards) - len(missing))


def make_shards(pictures: list, size: int) -> "list[Shard]":
    """Return the Shards of a list of pictures, each of `size` but for the last.

    >>> [shard.pictures for shard in make_shards(["a", "b", "c"], 2)]
    [('a', 'b'), ('c',)]
    """
    parts = [tuple(pictures[i : i + size]) for i in range(0, len(pictures), size)]
    return [Shard(number, len(parts), part) for number, part in enumerate(parts)]


def _identity(model_file, found, threshold, shard_size):
    listed = json.dumps(list(found.items())).encode()
    return {
        "settings": {"threshold": threshold, "shard_size": shard_size},
        "weights": digest_bytes(model_file.data),
        "data": {"pictures": {f"{len(found):,} files": digest_bytes(listed)}},
    }


def _begin(folder, identity):
    """Note what a run is begun with, or hold it against that of the one begun."""
    place, names = f"{folder}/{RUN}", places.names_in(folder)
    if RUN not in names:
        if names:
            raise UserError(
                f"{folder} is there already and holds no {RUN} of an inspection: name "
                "a new folder for the results"
            )
        places.write_bytes(place, json.dumps(identity, indent=1).encode())
        return
    try:
        stored = json.loads(places.read_bytes(place))
        changed = differences(stored, identity)
    except (ValueError, AttributeError):
        changed = [f"{RUN} is damaged"]
    if changed:
        raise UserError(
            f"{folder} holds an inspection with another model, other pictures or "
            f"settings ({'; '.join(changed)}): name a new folder, or delete this one"
        )


def _summarize(folder, shards, done_before):
    """Return the Summary of all shards, and write the list of the bad pictures."""
    found, bad = Counter(), []
    for shard in shards:
        found += tables.count_classes(f"{folder}/{shard.file(tables.FINDINGS)}")
        bad += tables.faults_in(f"{folder}/{shard.file(tables.PICTURES)}")
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerows([("image", "reason"), *bad])
    places.write_bytes(f"{folder}/{BAD}", text.getvalue().encode())
    count = sum(len(shard.pictures) for shard in shards)
    return Summary(count, len(shards), done_before, found, bad)
