"""Run notebooks, measured, away from the reader's own workspace."""

import contextlib
import os
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
import papermill
from nbclient.exceptions import DeadKernelError

from inspection.course import paths
from inspection.publishing.usage import Usage, measure, write_bytes, write_seconds

NOTEBOOKS = paths.ROOT / "notebooks"
ANSI_COLORS = re.compile(r"\x1b\[[0-9;]*m")


@dataclass
class Failure:
    """Where and why a notebook stopped."""

    cell: int  # as in In [3]; 0 where no cell is known
    source: str
    reason: str
    traceback: str = ""


@dataclass
class NotebookRun:
    """What came of running one notebook."""

    name: str
    notebook: nbformat.NotebookNode
    usage: Usage | None = field(default_factory=Usage)  # None: read as it was stored
    failure: Failure | None = None

    @property
    def cells(self):
        """Return the number of code cells."""
        return sum(cell.cell_type == "code" for cell in self.notebook.cells)


def find_notebooks(beginnings=(), folder=NOTEBOOKS, suffix=".ipynb"):
    """Return the numbered notebooks in order, all or those with given beginnings.

    A whole number means its own notebook alone: 01 is not 01b.
    """
    found = sorted(folder.glob(f"[0-9]*{suffix}"))
    numbers = {number_of(path) for path in found}
    for beginning in beginnings:
        if not any(path.name.startswith(beginning) for path in found):
            names = ", ".join(path.stem for path in found) or "none"
            raise ValueError(f"no notebook begins with {beginning}; there are: {names}")
    wanted = tuple(f"{b}_" if b in numbers else b for b in beginnings)
    return [p for p in found if not wanted or p.name.startswith(wanted)]


def number_of(path: str | Path) -> str:
    """Return the number that the name of a notebook or text begins with.

    >>> number_of("01b_detector_in_eighty_lines.ipynb")
    '01b'
    """
    return Path(path).stem.split("_")[0]


@contextlib.contextmanager
def separate_workspace(folder):
    """Give the notebooks of a block an empty workspace of their own, and no bars."""
    shutil.rmtree(folder, ignore_errors=True)
    before = os.environ.copy()
    os.environ[paths.WORKSPACE_VARIABLE] = str(folder)
    os.environ["TQDM_DISABLE"] = "1"
    try:
        yield folder
    finally:
        os.environ.clear()
        os.environ.update(before)


def run_notebook(source, output, parameters=None, progress=False):
    """Run a notebook from top to bottom, write it with its outputs, return the NotebookRun.

    parameters: {name: value} in place of those in the settings cell.
    progress: show a bar of the cells while it runs.
    """
    failure = None
    with measure() as used:
        try:
            execute(source, output, parameters, progress)
        except papermill.PapermillExecutionError as error:
            failure = failure_of(error)
        except DeadKernelError:
            failure = Failure(
                0, "", "the kernel died; the usual cause is lack of memory"
            )
    notebook = nbformat.read(output, as_version=4)
    return NotebookRun(Path(source).stem, notebook, used, failure)


def execute(source, output, parameters=None, progress=False):
    """Let papermill run a notebook in the folder of the notebooks."""
    papermill.execute_notebook(
        source,
        output,
        parameters or {},
        kernel_name="python3",
        cwd=NOTEBOOKS,
        progress_bar={"desc": Path(source).stem, "leave": False} if progress else False,
        coalesce_streams=True,
        # the kernel would remark on its transport, which is local, and on being stopped;
        # what goes wrong in a cell stands in the notebook
        extra_arguments=["--IPKernelApp.log_level=50"],
    )


def failure_of(error):
    """Return the Failure that papermill's error tells of."""
    return Failure(
        cell=error.exec_count or 0,
        source=error.source,
        reason=f"{error.ename}: {error.evalue}",
        traceback=ANSI_COLORS.sub("", "\n".join(error.traceback)),
    )


def progress_line(run):
    """Return name, cells, time and memory of a run, and where it stopped if it did."""
    seconds = write_seconds(run.usage.seconds)
    memory = write_bytes(run.usage.peak_bytes)
    line = f"{run.name:32} {run.cells:3} cells  {seconds:>12}  {memory:>8}"
    if run.failure is None:
        return line
    where = f" in cell [{run.failure.cell}]" if run.failure.cell else ""
    return f"{line}  stopped{where}: {run.failure.reason}"
