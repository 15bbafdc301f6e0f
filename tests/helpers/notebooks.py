"""Small notebooks, as tests of what runs and shows them need."""

import nbformat

from inspection.publishing import notebook_sync


def make_notebook(path, *sources, tags=(), title="# 09 · A try\n\nWhat it is about."):
    """Write a notebook with a title and the given code cells; tags are the first's."""
    cells = [nbformat.v4.new_markdown_cell(title)]
    cells += [nbformat.v4.new_code_cell(source) for source in sources]
    cells[1].metadata["tags"] = list(tags)
    nbformat.write(
        nbformat.v4.new_notebook(cells=cells, metadata=notebook_sync.METADATA), path
    )
    return path
