"""The page that `make course` writes: one card for each notebook, and the notebooks."""

import base64
import copy
import os
import platform
import re
from importlib.metadata import version
from pathlib import Path
from urllib.parse import quote

import jinja2
import psutil
from nbconvert import HTMLExporter

from inspection.common.atomic_files import write_text
from inspection.course import headline, paths
from inspection.publishing import notebook_sync, usage

TEMPLATE = Path(__file__).with_name("page.html.j2")
NOTEBOOK_LINK = re.compile(r"\]\((\d\d[a-z]?_\w+)\.ipynb")
# of a picture, and of a file that is no notebook
IMAGE_LINK = re.compile(r"(!\[[^\]]*\]\()\.\./")
COURSE_LINK = re.compile(r"(\[[^\]]*\]\()\.\./")
BADGE = re.compile(r"\[!\[Open in Colab\].*?\)\]\(.*?\)\s*·?\s*")

# the notebook page needs neither require.js nor mermaid, and gets a way back
NOTEBOOK_TEMPLATE = """
{%- extends 'lab/index.html.j2' -%}
{%- block html_head_js -%}{%- endblock -%}
{%- block html_head_js_mermaidjs -%}{%- endblock -%}
{%- block html_head_css -%}
<style>
  main { max-width: 62rem; margin: 0 auto; }
  .jp-RenderedHTMLCommon pre, details { margin-bottom: 1em; }
  .back { margin: 1em 0 0 5rem; font: 1rem system-ui, sans-serif; }
</style>
{%- endblock -%}
{%- block body_header -%}
{{ super() }}
<p class="back"><a href="index.html">All notebooks</a></p>
{%- endblock -%}
"""


def write_notebook_page(run, folder):
    """Write a notebook as an HTML page that needs nothing beside it."""
    notebook = copy.deepcopy(run.notebook)  # the index wants it as it is
    notebook_sync.drop_claims(notebook)
    course = quote(Path(os.path.relpath(paths.ROOT, folder)).as_posix())
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            text = NOTEBOOK_LINK.sub(r"](\1.html", BADGE.sub("", cell.source))
            text = IMAGE_LINK.sub(r"\1", text)
            cell.source = COURSE_LINK.sub(rf"\g<1>{course}/", text)
        elif cell.cell_type == "code":
            cell.outputs = [o for o in cell.outputs if not notebook_sync.is_bar(o)]
    exporter = HTMLExporter(raw_template=NOTEBOOK_TEMPLATE, embed_images=True)
    # nbconvert takes into the page what lies below this path
    resources = {"metadata": {"name": title_of(run.notebook), "path": str(paths.ROOT)}}
    body, _ = exporter.from_notebook_node(notebook, resources=resources)
    write_text(folder / f"{run.name}.html", body)


def write_index(runs, mode, folder):
    """Write index.html with a card for each run, and return its path."""
    environment = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    template = environment.from_string(TEMPLATE.read_text(encoding="utf-8"))
    page = template.render(
        cards=[card(run) for run in runs],
        failed=sum(run.failure is not None for run in runs),
        mode=mode,
        seconds=usage.write_seconds(sum(run.usage.seconds for run in runs)),
        machine=machine_line(),
    )
    path = folder / "index.html"
    write_text(path, page)
    return path


def card(run):
    """Return what the page shows of one run."""
    return {
        "name": run.name,
        "title": title_of(run.notebook),
        "lead": lead_of(run.notebook),
        "picture": image_of(run.notebook),
        "cells": run.cells,
        "seconds": usage.write_seconds(run.usage.seconds),
        "memory": usage.write_bytes(run.usage.peak_bytes),
        "figures": headline.collect(run.notebook),
        "failure": run.failure,
    }


def title_of(notebook):
    """Return the first heading of a notebook."""
    for line in first_text(notebook).splitlines():
        if line.startswith("# "):
            return line[2:].strip()
    return "Notebook"


def lead_of(notebook):
    """Return the first plain paragraph of a notebook: what it is about."""
    for paragraph in first_text(notebook).split("\n\n"):
        plain = paragraph.strip()
        if plain.lstrip('"')[:1].isalpha():
            return plain.replace("\n", " ").replace("**", "").replace("`", "")
    return ""


def first_text(notebook):
    """Return the source of the title cell; a failed run has a banner before it."""
    cells = [cell for cell in notebook.cells if cell.source.lstrip().startswith("# ")]
    return cells[0].source if cells else ""


def image_of(notebook):
    """Return the cover of a notebook as a data address, or nothing."""
    cover = notebook_sync.find_cover(notebook)
    if cover is None:
        return ""
    return (
        "data:image/jpeg;base64,"
        + base64.b64encode(notebook_sync.shrink(cover)).decode()
    )


def machine_line():
    """Return one line about the machine and the versions that matter."""
    memory = usage.write_bytes(psutil.virtual_memory().total)
    return (
        f"{os.cpu_count()} processor cores, {memory} of memory, "
        f"Python {platform.python_version()}, TensorFlow {version('tensorflow')}, "
        f"Keras {version('keras')}"
    )
