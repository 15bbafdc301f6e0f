"""Inspect an archive of pictures into tables of Parquet, on one machine or on many.

    python scripts/inspect_archive.py leaks.tflite /archive/2026 -o build/inspected
    python scripts/inspect_archive.py leaks.tflite gs://archive/2026 \\
        -o gs://archive/inspected --runner dataflow \\
        --runner_options "--project hall --region europe-west1"

findings-*.parquet has a row for each finding, pictures-*.parquet one for each picture,
bad_pictures.csv those that could not be looked at, each with its reason. A run that was
stopped goes on where it was, shard by shard, when it is begun again in the same way.
Needs requirements-beam.txt; docs/at_scale.md shows what to ask the tables.
"""

from inspection.common import arguments as flags
from inspection.common.errors import SHOWN, UserError, exit_on_error
from inspection.common.text import plural


def parse_arguments():
    parser = flags.parser(__doc__)
    add = parser.add_argument
    add("model", metavar="MODEL", help=".tflite: detector, classifier or segmenter")
    add("sources", nargs="+", metavar="SOURCE", help="pictures, folders, addresses")
    flags.add_output(parser, metavar="DIR", help="folder or address of the tables")
    add(
        "--threshold",
        type=flags.threshold,
        help="least score of a box (0.5); of detectors alone",
    )
    add(
        "--shard_size",
        type=flags.positive_int,
        default=1000,
        metavar="N",
        help="pictures of a shard (1000), which a run that goes on does again",
    )
    add(
        "--threads",
        type=flags.positive_int,
        default=2,
        help="processor threads of a worker (2)",
    )
    flags.add_runner(parser, "local")
    return parser.parse_args()


@exit_on_error()
def main():
    arguments = parse_arguments()
    from inspection.at_scale.archive import inspect_archive
    from inspection.at_scale.inspector import LEAST_SCORE
    from inspection.deploy.model_file import read_model_file

    file = read_model_file(arguments.model)
    if arguments.threshold is not None and file.kind != "detector":
        raise UserError(
            f"--threshold is for detectors; {arguments.model} is a {file.kind}"
        )
    found = inspect_archive(
        file,
        arguments.sources,
        arguments.output,
        LEAST_SCORE if arguments.threshold is None else arguments.threshold,
        arguments.shard_size,
        arguments.threads,
        arguments.runner,
        arguments.runner_options,
    )
    print(*lines_of(found), f"wrote {arguments.output}", sep="\n")


def lines_of(found):
    """Yield what a run has found, and the first of the pictures that were bad."""
    done = f", {found.done_before:,} done before" if found.done_before else ""
    shards = f"{plural(found.shards, 'shard')}{done}"
    yield f"{plural(found.pictures, 'picture')} in {shards}"
    by_class = ", ".join(f"{name} {n:,}" for name, n in sorted(found.found.items()))
    yield f"{plural(found.found.total(), 'finding')}: {by_class or 'none'}"
    if found.bad:
        yield f"{plural(len(found.bad), 'picture')} could not be looked at:"
        yield from (f"  {reason}" for _, reason in found.bad[:SHOWN])
    if len(found.bad) > SHOWN:
        yield f"  ... and {len(found.bad) - SHOWN:,} more, see bad_pictures.csv"


if __name__ == "__main__":
    main()
