"""Notebook 08 where Model Garden is not installed: it says so and goes on."""

from inspection.course import paths
from inspection.publishing import notebook_sync, runner

# what find_spec then answers: there is no such package
HIDDEN = "import sys\nsys.modules['official'] = None\n"
SMALL = {
    "STEPS": {"quick": 4},
    "IMAGE_SIZE": {"quick": 128},
    "BATCH_SIZE": {"quick": 2},
}


def test_without_model_garden_one_line_tells_how_to_get_it(tmp_path, monkeypatch):
    (tmp_path / "sitecustomize.py").write_text(HIDDEN)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    (text,) = runner.find_notebooks(["08"], notebook_sync.TEXTS, ".py")
    source = notebook_sync.notebook_of(text)
    with runner.separate_workspace(tmp_path / paths.WORKSPACE_NAME):
        done = runner.run_notebook(source, tmp_path / source.name, SMALL)
    assert done.failure is None, done.failure.reason + done.failure.traceback
    said = printed(done.notebook)
    (line,) = [line for line in said.splitlines() if "Model Garden is missing" in line]
    assert line.endswith("pip install --use-pep517 -r requirements-modelgarden.txt")
    assert "Traceback" not in said


def printed(notebook):
    """Return what the cells of a notebook wrote."""
    outputs = [o for c in notebook.cells if c.cell_type == "code" for o in c.outputs]
    return "".join(o.get("text", "") for o in outputs)
