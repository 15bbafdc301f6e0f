"""Write records of growing sets: the command alone, and by Apache Beam where it is.

    python tests/benchmarks/growth/records_growth.py --counts 100 1000 10000

Whole processes, pictures of 96x72 with two boxes. With requirements-beam.txt installed,
both write the largest set once more, and their shards are compared byte by byte. Kept in
assets/results/growth.json.
"""

import importlib.util
import time

from archive_set import make_annotated
from slope import describe, keep

import bootstrap  # noqa: F401
import measure
from inspection.common import arguments as flags

MAP = measure.ROOT / "data/leaks/label_map.pbtxt"
SHARDS = 4


def convert(count, *more):
    """Write the records of a set of `count`; return (wall seconds, bytes by shard)."""
    images, xml = make_annotated(count)
    out = images.parent / f"all{'_beam' if more else ''}.record"
    script = measure.SCRIPTS / "generate_tfrecord.py"
    words = ("-x", xml, "-i", images, "-l", MAP, "-o", out, "--num_shards", SHARDS)
    begun = time.perf_counter()
    measure.run_process(script, *words, *more)
    took = time.perf_counter() - begun
    return took, [p.read_bytes() for p in sorted(out.parent.glob(f"{out.name}-*"))]


def compare(counts):
    alone = [convert(count) for count in counts]
    result = {
        "what": "96x72 JPEG, XML to four shards, whole processes",
        "generate_tfrecord": describe(counts, [seconds for seconds, _ in alone]),
    }
    if importlib.util.find_spec("apache_beam"):
        by_beam = [convert(count, "--runner", "local") for count in counts]
        result["with_runner_local"] = describe(counts, [s for s, _ in by_beam])
        result["records_are_equal"] = [f for _, f in alone] == [f for _, f in by_beam]
    return result


def main():
    parser = flags.parser(__doc__)
    parser.add_argument(
        "--counts", type=flags.positive_int, nargs="+", default=[100, 1000, 10000]
    )
    keep("records", compare(parser.parse_args().counts))


if __name__ == "__main__":
    main()
