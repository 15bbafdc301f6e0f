from contextlib import ExitStack

import pytest

from helpers import tiny_models
from helpers.service_client import KINDS
from inspection.deploy import runtime
from inspection.deploy.service.app import create_app
from inspection.deploy.service.server import serving


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """Return a model of each kind, read from a file."""
    folder = tmp_path_factory.mktemp("models")
    for kind in KINDS:
        data = getattr(tiny_models, f"make_{kind}")()
        (folder / f"{kind}.tflite").write_bytes(data)
    return {kind: runtime.load_model(folder / f"{kind}.tflite") for kind in KINDS}


@pytest.fixture(scope="module")
def urls(models):
    """Serve each model; return the addresses."""
    with ExitStack() as stack:
        apps = {kind: create_app(model, kind) for kind, model in models.items()}
        yield {kind: stack.enter_context(serving(app)) for kind, app in apps.items()}


@pytest.fixture(scope="module")
def url(urls):
    return urls["classifier"]
