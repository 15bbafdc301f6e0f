"""The front page of the site: a card for each notebook, and the order of all pages."""

import os
import platform
from importlib.metadata import version
from pathlib import Path

import jinja2
import nbformat
import psutil

from inspection.common.atomic_files import write_text
from inspection.course import headline
from inspection.publishing import notebook_sync, reading, runner, usage
from inspection.publishing.site import sources

FOLDER = Path(__file__).parent
TEMPLATE = FOLDER / "front.md.j2"
COVERS = "covers"
# what a reader asks for first; pages that are not named here follow
GUIDES = (
    "setup",
    "own_pictures",
    "full_mode",
    "results",
    "glossary",
    "commands",
    "errors",
)
ABOUT = ("README", "notebooks/README", "CHANGELOG", "CONTRIBUTING", "SECURITY")


def all_notebooks(runs):
    """Return the runs of all notebooks in order, those without one as they are stored."""
    ran = {run.name: run for run in runs}
    found = runner.find_notebooks()
    return [ran.get(path.stem) or stored_run(path) for path in found]


def stored_run(path):
    """Return the run of which a notebook still holds the outputs."""
    return runner.NotebookRun(path.stem, nbformat.read(path, as_version=4), usage=None)


def write_front(runs, mode, folder):
    """Write index.md, and the pictures of its cards, below the sources of the site."""
    write_covers(runs, folder / COVERS)
    environment = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    template = environment.from_string(TEMPLATE.read_text(encoding="utf-8"))
    ran = [run for run in runs if run.usage is not None]
    page = template.render(
        cards=[card(run) for run in runs],
        ran=len(ran),
        failed=sum(run.failure is not None for run in ran),
        mode=mode,
        seconds=usage.write_seconds(sum(run.usage.seconds for run in ran)),
        machine=machine_line(),
        chapters=chapters(runs),
    )
    write_text(folder / "index.md", page)


def write_covers(runs, folder):
    """Write what each notebook shows at its end as NAME.jpg."""
    folder.mkdir()
    for run in runs:
        cover = notebook_sync.find_cover(run.notebook)
        if cover is not None:
            (folder / f"{run.name}.jpg").write_bytes(notebook_sync.shrink(cover))


def card(run):
    """Return what the page shows of one run."""
    return {
        "name": run.name,
        "title": reading.title_of(run.notebook),
        "lead": reading.lead_of(run.notebook),
        "cover": notebook_sync.find_cover(run.notebook) is not None,
        "alt": reading.cover_text(run.notebook),
        "facts": " · ".join(facts(run)),
        "figures": headline.collect(run.notebook),
        "failure": run.failure,
    }


def facts(run):
    """Return how long a notebook takes to read, and what its run took."""
    found = [f"{reading.minutes(run.notebook)} minutes to read", f"{run.cells} cells"]
    if run.usage is not None:
        found.append(usage.write_seconds(run.usage.seconds))
        found.append(f"{usage.write_bytes(run.usage.peak_bytes)} at most")
    return found


def chapters(runs):
    """Return {heading: pages in the order in which a reader comes to them}."""
    pages = [page.with_suffix("").as_posix() for page in sources.find_pages()]
    guides = [page for page in pages if page.startswith("docs/")]
    about = [page for page in pages if page not in guides]
    return {
        "The notebooks": [f"notebooks/{run.name}" for run in runs],
        "Guides": in_order(guides, [f"docs/{name}" for name in GUIDES]),
        "About the course": in_order(about, ABOUT),
    }


def in_order(pages, order):
    """Return pages in a given order, those that it does not name last."""
    return sorted(pages, key=lambda p: order.index(p) if p in order else len(order))


def machine_line():
    """Return one line about the machine and the versions that matter."""
    memory = usage.write_bytes(psutil.virtual_memory().total)
    return (
        f"{os.cpu_count()} processor cores, {memory} of memory, "
        f"Python {platform.python_version()}, TensorFlow {version('tensorflow')}, "
        f"Keras {version('keras')}"
    )
