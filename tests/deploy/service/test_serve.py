"""The command, as it runs from a shell and in a container."""

import json
import re
import shutil
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from importlib.metadata import packages_distributions, requires

import pytest
from packaging.requirements import Requirement

from helpers import ROOT, tiny_models
from helpers.commands import run_python
from helpers.images import encode, painted
from helpers.service_client import send, upload
from helpers.waiting import PATIENCE

RED = encode(painted(red=255))
# imported where it happens to be installed: by Python's start, by Pillow
UNASKED = {"setuptools", "defusedxml"}


@pytest.fixture
def model(tmp_path):
    folder = tmp_path / "my models ü"
    folder.mkdir()
    path = folder / "colours.tflite"
    path.write_bytes(tiny_models.make_classifier())
    return path


@contextmanager
def served(*arguments, root=ROOT, cwd=None):
    """Run serve.py on a free port; yield (process, address)."""
    command = [sys.executable, root / "scripts/serve.py", "--port", "0", *arguments]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    process = subprocess.Popen(list(map(str, command)), cwd=cwd, **pipes)
    try:
        printed = [process.stdout.readline(), process.stdout.readline()]
        yield process, re.search(r"http://\S+", printed[1])[0]
    finally:
        process.kill()
        process.communicate()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no SIGTERM")
def test_serves_the_named_model_and_ends_when_told(model, tmp_path):
    with served("--model", model, cwd=tmp_path) as (process, url):
        assert upload(url, RED).body["classes"][0]["label"] == "red"
        facts = send(url, "GET", "/version").body
        assert facts["model"]["name"] == "colours"
        process.send_signal(signal.SIGTERM)
        _, log = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    lines = [json.loads(line) for line in log.splitlines()]
    assert [(one["method"], one["route"], one["status"]) for one in lines] == [
        ("POST", "/api/predict", 200),
        ("GET", "/version", 200),
    ]
    assert all(one["ms"] > 0 and one["level"] == "info" for one in lines)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", lines[0]["time"])


def test_a_container_has_all_files(model, tmp_path):
    image = tmp_path / "image"
    last_stage = (ROOT / "Dockerfile").read_text().split("\nFROM ")[-1]
    for source, target in re.findall(r"^COPY (\S+) (\S+)$", last_stage, re.MULTILINE):
        if target.endswith("/"):
            (image / target).mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / source, image / target)
        else:
            shutil.copytree(ROOT / source, image / target)
    with served("--model", model, root=image) as (_, url):
        assert upload(url, RED).status == 200
        assert send(url, "GET", "/static/page.js").status == 200
    assert re.search(r"^USER (?!root)\w+$", last_stage, re.MULTILINE)


def test_the_short_requirements_are_enough(model):
    code = f"""
import sys
sys.path[:0] = {[str(ROOT / "scripts"), str(ROOT / "tests")]!r}
from inspection.deploy import runtime
from inspection.deploy.service import app, server
service = app.create_app(runtime.load_model({str(model)!r})).test_client()
assert service.get("/").status_code == 200
assert service.get("/openapi.json").status_code == 200
answer = service.post("/api/predict", data={RED!r}, content_type="image/png")
assert answer.status_code == 200
print(*{{name.split(".")[0] for name in sys.modules}})
"""
    done = run_python("-c", code)
    assert done.returncode == 0, done.stderr
    owners = packages_distributions()
    used = {owner for name in done.stdout.split() for owner in owners.get(name, ())}
    assert {plain(name) for name in used} - UNASKED <= listed()


def plain(name):
    """Return one name for the flavours of a package."""
    return re.sub(r"[-_.]+", "-", name).lower().removesuffix("-headless")


def listed():
    """Return what requirements-serve.txt installs: its lines and what they require."""
    lines = (ROOT / "requirements-serve.txt").read_text().splitlines()
    found, new = set(), {line.split("==")[0] for line in lines if "==" in line}
    while new:
        found |= {plain(name) for name in new}
        needs = {Requirement(r) for name in found for r in requires(name) or ()}
        needs = {
            n.name for n in needs if not n.marker or n.marker.evaluate({"extra": ""})
        }
        new = {name for name in needs if plain(name) not in found}
    return found


def test_pins_are_those_of_the_course():
    pins = (ROOT / "constraints.txt").read_text().replace("-headless", "")
    lines = (ROOT / "requirements-serve.txt").read_text().splitlines()
    wanted = [line.split("#")[0].strip() for line in lines if "==" in line]
    assert wanted
    for pin in wanted:
        assert pin.replace("-headless", "") in pins


@pytest.mark.parametrize(
    "content, words",
    [
        (b"", "is empty"),
        (b"hello, I am text", "is no .tflite model"),
        (None, "is no file"),
    ],
)
def test_refuses_what_is_no_model(tmp_path, content, words):
    path = tmp_path / "model.tflite"
    if content is not None:
        path.write_bytes(content)
    done = run("--model", path)
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert done.stderr.startswith("error: ") and words in done.stderr


def test_says_that_the_port_is_taken(model):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run("--model", model, "--port", port)
    assert done.returncode == 2
    assert f"error: cannot listen on 127.0.0.1, port {port}" in done.stderr


@pytest.mark.parametrize(
    "flag, value, words",
    [
        ("--host", "no.such.host.invalid", "error: cannot listen on no.such.host"),
        ("--port", "70000", "argument --port: 70000 is not between 0 and 65535"),
        ("--batch", "0", "error: argument --batch: 0 is not at least 1"),
        ("--threads", "two", "error: argument --threads: 'two' is not a whole number"),
    ],
)
def test_says_which_setting_is_wrong(model, flag, value, words):
    done = run("--model", model, flag, value)
    assert done.returncode == 2 and words in done.stderr


@pytest.mark.parametrize("host", ["localhost", "0.0.0.0"])
def test_prints_an_address_that_opens(model, host):
    with served("--model", model, "--host", host) as (_, url):
        assert url.startswith("http://localhost:")
        assert send(url, "GET", "/health").status == 200


def run(*arguments):
    return run_python(ROOT / "scripts/serve.py", *arguments)
