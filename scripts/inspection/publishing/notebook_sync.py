"""Keep each notebook in step with its text, notebooks/text/NN_name.py."""

import base64
import hashlib
import io
import os
from pathlib import Path

import jupytext
import nbformat
from PIL import Image

from inspection.course import paths
from inspection.publishing import runner

TEXTS = runner.NOTEBOOKS / "text"
# not beside the notebooks: a build cut off would leave one more among them
HALF_BUILT = paths.ROOT / "build" / "notebooks"
ASSETS = paths.ROOT / "assets"
COVER_TAG = "cover"
CLAIMS_TAG = "claims"  # of cells that hold the prose to the figures
FOLDED = {"jupyter": {"source_hidden": True}}
COVER_SIZE = (760, 760)
WIDGET = "application/vnd.jupyter.widget-view+json"
METADATA = {
    "kernelspec": {
        "display_name": "Python 3",
        "language": "python",
        "name": "python3",
    },
    "language_info": {"name": "python"},
}


class NotebookFault(ValueError):
    """A notebook that cannot be stored as it is."""


def read_text(path):
    """Return the notebook that a text source describes, without outputs."""
    notebook = jupytext.read(path, fmt="py:percent")
    return tidy(notebook)


def build(text, parameters=None, progress=False):
    """Run a text source in quick mode and write its notebook with outputs."""
    output = notebook_of(text)
    work = HALF_BUILT / output.name
    work.parent.mkdir(parents=True, exist_ok=True)
    try:
        nbformat.write(read_text(text), work)
        run = runner.run_notebook(work, work, parameters, progress)
        if run.failure is None:
            notebook = tidy(run.notebook)
            add_cover(notebook, output.stem)
            refuse_noise(notebook, output.name)
            nbformat.write(notebook, work)
            os.replace(work, output)
    finally:
        work.unlink(missing_ok=True)
    return run


def refresh_prose(text):
    """Write changed prose into a stored notebook; its outputs stay.

    Raises NotebookFault where code has changed as well, so that it must run again.
    """
    stored = nbformat.read(notebook_of(text), as_version=4)
    fresh = read_text(text)
    if code_of(stored) != code_of(fresh):
        raise NotebookFault(f"{Path(text).name}: code has changed, too: run it again")
    ran = (cell for cell in stored.cells if cell.cell_type == "code")
    fresh.cells = [next(ran) if c.cell_type == "code" else c for c in fresh.cells]
    if "attachments" in stored.cells[0]:
        fresh.cells[0].attachments = stored.cells[0].attachments
    nbformat.write(fresh, notebook_of(text))


def code_of(notebook):
    """Return tags and source of the code cells."""
    return [cell[1:] for cell in cells_of(notebook) if cell[0] == "code"]


def notebook_of(text):
    """Return the path of the notebook of a text source."""
    return runner.NOTEBOOKS / f"{Path(text).stem}.ipynb"


def is_in_step(text):
    """Return whether a notebook holds exactly the cells of its text source."""
    notebook = notebook_of(text)
    if not notebook.exists():
        return False
    return cells_of(nbformat.read(notebook, 4)) == cells_of(read_text(text))


def cells_of(notebook):
    """Return what a pair has in common: kind, tags and source of each cell."""
    return [
        (cell.cell_type, cell.metadata.get("tags", []), cell.source)
        for cell in notebook.cells
    ]


def tidy(notebook):
    """Drop what differs from run to run, so that a change shows only what changed."""
    notebook.metadata = nbformat.from_dict(METADATA)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    seen = {}
    for cell in notebook.cells:
        cell.metadata = nbformat.from_dict(tidy_metadata(cell))
        cell.id = cell_id(cell, seen)
        if cell.cell_type == "code":
            cell.outputs = tidy_outputs(cell.outputs)
    return notebook


def tidy_metadata(cell):
    """Return the tags of a cell; one of claims is folded, its reader need not see it."""
    tags = list(cell.metadata.get("tags", []))
    folded = FOLDED if holds_claims(cell) else {}
    return ({"tags": tags} if tags else {}) | folded


def holds_claims(cell):
    """Tell whether a cell holds the prose to the figures."""
    return CLAIMS_TAG in cell.metadata.get("tags", [])


def drop_claims(notebook):
    """Remove the cells of claims, which speak of the stored figures alone."""
    notebook.cells = [cell for cell in notebook.cells if not holds_claims(cell)]


def cell_id(cell, seen):
    """Return an id made from the cell's source, numbered where that is repeated."""
    digest = hashlib.sha256(cell.source.encode()).hexdigest()[:8]
    seen[digest] = seen.get(digest, 0) + 1
    return digest if seen[digest] == 1 else f"{digest}-{seen[digest]}"


def tidy_outputs(outputs):
    """Return outputs without blank streams, bars, this machine's folders and metadata.

    Of the metadata stays what a figure shows, in words.
    """
    kept = []
    for output in outputs:
        if is_bar(output):
            continue
        if "metadata" in output:
            output.metadata = nbformat.from_dict(alt_texts(output.metadata))
        if output.output_type == "stream":
            output.text = shorten_paths(output.text)
            if not output.text.strip():
                continue
        for kind, content in output.get("data", {}).items():
            if kind.startswith("text/") and isinstance(content, str):
                output.data[kind] = shorten_paths(content)
        kept.append(output)
    return kept


def is_bar(output):
    """Tell whether an output is a progress bar, stored as it stood at 0 %."""
    return WIDGET in output.get("data", {})


def alt_texts(metadata):
    """Return {kind of picture: {"alt": words}} of an output's metadata."""
    return {
        kind: {"alt": about["alt"]}
        for kind, about in metadata.items()
        if kind.startswith("image/") and "alt" in about
    }


def shorten_paths(text):
    """Return a text without the folders that differ from machine to machine."""
    workspace = os.environ.get(paths.WORKSPACE_VARIABLE)
    if workspace:
        text = text.replace(workspace, paths.WORKSPACE_NAME)
    return text.replace(f"{paths.ROOT}{os.sep}", "")


def refuse_noise(notebook, name):
    """Raise where a cell wrote to stderr: warnings have no place in a lesson."""
    noisy = [
        f"In [{cell.execution_count}]: {output.text.strip().splitlines()[-1]}"
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if output.get("name") == "stderr"
    ]
    if noisy:
        raise NotebookFault(f"{name} writes to stderr:\n  " + "\n  ".join(noisy))


def add_cover(notebook, name):
    """Put the picture of the cell tagged "cover" into the title cell and assets/."""
    image = find_cover(notebook)
    if image is None:
        return
    content = shrink(image)
    ASSETS.mkdir(exist_ok=True)
    (ASSETS / f"{name}.jpg").write_bytes(content)
    encoded = base64.b64encode(content).decode()
    notebook.cells[0].attachments = {"cover.jpg": {"image/jpeg": encoded}}


def find_cover(notebook):
    """Return the bytes of the picture that the cell tagged "cover" shows, or None."""
    for cell in notebook.cells:
        if COVER_TAG in cell.metadata.get("tags", []):
            for output in cell.outputs:
                for kind in ("image/jpeg", "image/png"):
                    if kind in output.get("data", {}):
                        return base64.b64decode(output.data[kind])
    return None


def shrink(data):
    """Return an image file as a small JPEG."""
    image = Image.open(io.BytesIO(data)).convert("RGB")
    image.thumbnail(COVER_SIZE)
    small = io.BytesIO()
    image.save(small, "JPEG", quality=82, optimize=True)
    return small.getvalue()
