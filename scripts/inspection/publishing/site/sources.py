"""What the site is made of: pages and notebooks, laid out as in the repository."""

import base64
import copy
import hashlib
import os
import re
import shutil

import nbformat

from inspection.course import headline, paths
from inspection.publishing import notebook_sync

# of pages and notebooks; the address ends at a title, a heading's name or a bracket
LINK = re.compile(r"\]\((?!\w+:|#)([^)#\s]+)|(?:src|href)=\"(?!\w+:|#)([^\"#]+)")
COLAB_BADGE = re.compile(r"\[!\[(Open in Colab)\]\([^)]*\)\](\([^)]*\))")
ATTACHMENT = re.compile(r"(!\[[^\]]*\]\()attachment:")


def find_pages(root=paths.ROOT):
    """Return the pages that people read, as paths below the repository."""
    places = ("*.md", "docs/**/*.md", "notebooks/*.md")
    return sorted(
        page.relative_to(root) for place in places for page in root.glob(place)
    )


def lay_out(runs, folder, root=paths.ROOT):
    """Put pages, notebooks and the files that they link to below a folder.

    Returns {SHA-256 of a picture: what it shows, in words}.
    """
    alts = {}
    for page in find_pages(root):
        text = (root / page).read_text(encoding="utf-8")
        copy_file(root / page, folder / page)
        copy_linked_files(text, page.parent, folder, root)
    for run in runs:
        alts |= lay_out_notebook(run, folder / "notebooks", root)
    return alts


def lay_out_notebook(run, folder, root):
    """Put a notebook into the folder of the notebooks; return as `lay_out` does."""
    notebook = copy.deepcopy(run.notebook)  # the front page wants it as it is
    notebook_sync.drop_claims(notebook)
    alts = {}
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            copy_linked_files(cell.source, folder.name, folder.parent, root)
            write_attachments(cell, run.name, folder)
            # without its picture, which lies in the web
            cell.source = COLAB_BADGE.sub(r"[\1]\2", cell.source)
        elif cell.cell_type == "code":
            cell.outputs = [o for o in cell.outputs if not notebook_sync.is_bar(o)]
            for output in cell.outputs:  # the front page shows it; a text stands beside
                output.get("data", {}).pop(headline.MIME, None)
            alts |= alt_texts(cell.outputs)
    folder.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, folder / f"{run.name}.ipynb")
    return alts


def copy_linked_files(text, place, folder, root):
    """Copy the files that a text links to; pages and notebooks are there anyway.

    place: the folder of the text, below the repository.
    """
    for link in (one or other for one, other in LINK.findall(text)):
        name = os.path.normpath(os.path.join(place, link))
        source = root / name
        if source.is_file() and source.suffix not in (".md", ".ipynb"):
            copy_file(source, folder / name)


def copy_file(source, target):
    """Copy a file, its folder made where it is missing."""
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def write_attachments(cell, name, folder):
    """Write the pictures of a text cell beside the notebook, and show these."""
    folder.mkdir(parents=True, exist_ok=True)
    for file, kinds in cell.pop("attachments", {}).items():
        for content in kinds.values():
            (folder / f"{name}-{file}").write_bytes(base64.b64decode(content))
    cell.source = ATTACHMENT.sub(rf"\g<1>{name}-", cell.source)


def alt_texts(outputs):
    """Return {SHA-256 of a picture: what it shows, in words} of a cell's outputs."""
    found = {}
    for output in outputs:
        for kind, about in notebook_sync.alt_texts(output.get("metadata", {})).items():
            found[digest(kind, output.data[kind])] = about["alt"]
    return found


def digest(kind, content):
    """Return the SHA-256 of a picture in an output, by which MyST-NB names its file."""
    if kind == "image/svg+xml":
        data = os.linesep.join(content.splitlines()).encode()
    else:
        data = base64.b64decode(content)
    return hashlib.sha256(data).hexdigest()
