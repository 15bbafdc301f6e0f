"""Where work runs: here, or on Dataflow, Flink or Spark, by Apache Beam."""

import logging
import shlex

from inspection.common.errors import UserError

ENGINES = {"dataflow": "DataflowRunner", "flink": "FlinkRunner", "spark": "SparkRunner"}
LOCAL = "local"
MARK = "\0"  # around the message of a mistake, in all that an engine adds to it


def load_beam():
    """Return the module apache_beam; raise UserError where it is not installed."""
    try:
        import apache_beam
    except ImportError:
        raise UserError(
            "Apache Beam is not installed: pip install -r requirements-beam.txt"
        ) from None
    return apache_beam


def run_each(work, items, runner=LOCAL, options=""):
    """Call `work` once with each item, on an engine; return when all are done.

    work: can be pickled, takes an item twice without harm, for engines try again, and
    keeps its results itself: what it returns is dropped. runner: "local", or a key of
    ENGINES. options: of the engine, as on a command line.

    Raises UserError where the work meets a mistake of the user, and RuntimeError where
    it fails otherwise.
    """
    beam = load_beam()
    from apache_beam.options.pipeline_options import PipelineOptions

    # every start: "apitools not found", which only Google's engine wants
    logging.getLogger().addFilter(_is_no_advice)
    settings = PipelineOptions(shlex.split(options))
    try:
        with beam.Pipeline(runner=_make_runner(runner), options=settings) as pipeline:
            found = pipeline | "items" >> beam.Create(items)
            # one item may be minutes of work: each may go to another worker
            spread = found | "spread" >> beam.Reshuffle()
            _ = spread | "work" >> beam.Map(_Work(work))
    except RuntimeError as error:
        parts = str(error).split(MARK)
        if len(parts) < 3:
            raise
        raise UserError(parts[1]) from error


def _make_runner(name):
    if name != LOCAL:
        from apache_beam.runners.runner import create_runner

        return create_runner(ENGINES[name])
    # by its class: the name "DirectRunner" looks for a program in the internet first
    from apache_beam.runners.portability.fn_api_runner import FnApiRunner

    return FnApiRunner()


def _is_no_advice(record):
    return "apitools not found" not in record.getMessage()


class _Work:
    """Work that says of a mistake of the user what it is, through any engine."""

    def __init__(self, work):
        self._work = work

    def __call__(self, item):
        try:
            self._work(item)
        except (UserError, OSError) as error:
            raise RuntimeError(f"{MARK}{error}{MARK}") from error
