"""The set-up cell where the course is not there, or lies where nothing can be written."""

import json
import os
import shutil
import subprocess

import pytest

from helpers.commands import run_python
from inspection.common.errors import UserError
from inspection.course import hosts, paths, setup
from inspection.publishing import notebook_sync, runner

TEXT = runner.find_notebooks((), notebook_sync.TEXTS, ".py")[0]
PACKAGE = "scripts/inspection/course"
STAND_IN = """
def prepare(use_drive):
    print("prepared")
"""
HOSTS = ("KAGGLE_KERNEL", "SAGEMAKER_", "VSCODE_")


def cell_of(**lines):
    """Return the code of the set-up cell with other values, {name: value}."""
    cells = notebook_sync.read_text(TEXT).cells
    source = next(cell.source for cell in cells if cell.cell_type == "code")
    for name, value in lines.items():
        old = next(k for k in source.splitlines() if k.startswith(f"{name} = "))
        source = source.replace(old, f"{name} = {value!r}")
    return source


@pytest.fixture
def fork(tmp_path):
    """Return the address of a repository that holds a course of two files, as a fork."""
    work = tmp_path / "work"
    (work / PACKAGE).mkdir(parents=True)
    (work / PACKAGE / "setup.py").write_text(STAND_IN)
    for command in (
        ["git", "init", "-q", "-b", "main"],
        ["git", "add", "-A"],
        ["git", "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "all"],
        ["git", "branch", "autumn"],
    ):
        subprocess.run(command, cwd=work, check=True)
    bare = tmp_path / "forks" / "our-course.git"
    subprocess.run(["git", "clone", "-q", "--bare", work, bare], check=True)
    return bare.as_uri()


def run_cell(code, folder, **environment):
    folder.mkdir(exist_ok=True)
    code = f"import sys; sys.modules.pop('inspection', None)\n{code}"
    return run_python("-c", code, cwd=folder, **environment)


@pytest.mark.parametrize("ending", ["", "/"])
@pytest.mark.parametrize("branch", ["", "autumn"])
def test_a_fork_whose_address_ends_in_git(fork, tmp_path, ending, branch):
    code = cell_of(REPOSITORY=fork + ending, BRANCH=branch)
    for _ in range(2):  # the second time it is there already
        done = run_cell(code, tmp_path / "session")
        assert done.returncode == 0, done.stderr
        assert done.stdout.split() == ["prepared"]
    assert (tmp_path / "session/our-course/scripts/inspection").is_dir()
    head = tmp_path / "session/our-course/.git/HEAD"
    assert head.read_text().strip().endswith(branch or "main")


def failed(done):
    assert done.returncode != 0
    return done.stderr.strip().splitlines()[-1]


def test_half_a_clone_is_named(fork, tmp_path):
    (tmp_path / "session/our-course/.git").mkdir(parents=True)
    said = failed(run_cell(cell_of(REPOSITORY=fork), tmp_path / "session"))
    assert "our-course holds no whole course: delete it" in said


def test_without_network_it_says_what_to_do(fork, tmp_path):
    done = run_cell(cell_of(REPOSITORY=f"{fork}-gone"), tmp_path / "session")
    said = failed(done)
    assert "RuntimeError: git could not fetch" in said and "No network?" in said
    assert "On Kaggle switch Internet on" in said and "/archive/HEAD.zip" in said


def test_without_git_it_says_what_to_do(fork, tmp_path):
    done = run_cell(cell_of(REPOSITORY=fork, BRANCH="b"), tmp_path / "session", PATH="")
    said = failed(done)
    assert "git is not installed: install it" in said
    assert f"{fork[:-4]}/archive/b.zip to " in said and "by hand" in said


def test_vs_code_says_where_the_notebook_lies(fork, tmp_path):
    run_cell(cell_of(REPOSITORY=fork), tmp_path / "session")
    notebook = tmp_path / "session/our-course/notebooks/a.ipynb"
    code = f"__vsc_ipynb_file__ = {str(notebook)!r}\n" + cell_of(REPOSITORY=fork)
    done = run_cell(code, tmp_path / "elsewhere")
    assert done.returncode == 0, done.stderr
    assert list((tmp_path / "elsewhere").iterdir()) == [], "nothing is fetched again"


@pytest.fixture
def no_host(monkeypatch):
    for name in [n for n in os.environ if n.startswith(HOSTS)]:
        monkeypatch.delenv(name)
    monkeypatch.setattr(hosts, "on_colab", lambda: False)
    return monkeypatch


@pytest.mark.parametrize(
    "variable, host, mend",
    [
        ("KAGGLE_KERNEL_RUN_TYPE", "Kaggle", "switch Internet on"),
        ("SAGEMAKER_APP_TYPE", "SageMaker", "python scripts/setup_env.py"),
        ("VSCODE_PID", "VS Code", "Select Kernel"),
        ("KAGGLE_KEY", "", "make lab"),  # of Kaggle's commands, anywhere
        ("HOME_OFFICE", "", "make lab"),
    ],
)
def test_a_python_without_libraries_is_told_the_way(no_host, variable, host, mend):
    no_host.setenv(variable, "1")
    assert hosts.name() == host
    no_host.setattr(setup, "has_module", lambda module: module != "cv2")
    with pytest.raises(UserError, match=f"no opencv-python: .*{mend}"):
        setup.check_versions()


def test_the_cell_says_so_before_it_imports_them(tmp_path):
    code = (
        "import sys\n"
        f"sys.path.insert(0, {str(paths.ROOT / 'scripts')!r})\n"
        "class Absent:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.split('.')[0] in ('pandas', 'matplotlib', 'tensorflow'):\n"
        "            raise ModuleNotFoundError(name=name)\n"
        "sys.meta_path.insert(0, Absent())\n"
        "from inspection.course import setup\n"
        "setup.has_module = lambda module: module != 'pandas'\n"
        "setup.prepare()\n"
    )
    done = run_python("-c", code, cwd=tmp_path)
    assert "UserError: this Python has no pandas" in done.stderr


@pytest.mark.parametrize("package", ["opencv-python", "opencv-python-headless"])
def test_the_module_decides_not_the_name_of_the_package(no_host, package, capsys):
    there = {"cv2": [package], "tensorflow": ["tensorflow-cpu"]}
    metadata = setup.importlib.metadata
    no_host.setattr(metadata, "packages_distributions", lambda: there)
    pin = setup.read_pins()["opencv-python"].split("==")[1]
    known = {package: pin, "tensorflow-cpu": "1.2.3"}
    no_host.setattr(setup, "version_of", known.get)
    setup.check_versions()
    said = capsys.readouterr().out
    assert "opencv" not in said and "tensorflow 1.2.3 (here tested" in said


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root writes anywhere")
def test_a_folder_that_takes_no_files_is_refused(no_host, tmp_path):
    tmp_path.chmod(0o500)
    refused(no_host, tmp_path)


def test_a_read_only_course_says_where_to_copy_it(no_host, tmp_path):
    def read_only(folder):
        raise OSError(30, "Read-only file system", str(folder))

    no_host.setattr(paths, "make_folders", read_only)
    no_host.setenv("KAGGLE_KERNEL_RUN_TYPE", "Batch")
    assert "on Kaggle /kaggle/working can be written" in refused(no_host, tmp_path)


def refused(patch, folder):
    patch.delenv(paths.WORKSPACE_VARIABLE, raising=False)
    patch.setattr(paths, "ROOT", folder)
    with pytest.raises(
        UserError, match="takes no files .* Copy the whole folder"
    ) as said:
        paths.workspace()
    return str(said.value)


def test_packages_that_cannot_be_installed(no_host, capfd):
    done = subprocess.CompletedProcess([], 1)
    no_host.setattr(setup.subprocess, "run", lambda *_, **__: done)
    with pytest.raises(UserError, match="waitress==.* could not be installed.*Kaggle"):
        setup.install(["waitress"])


def test_the_cell_is_the_same_in_all_texts():
    cells = set()
    for text in runner.find_notebooks((), notebook_sync.TEXTS, ".py"):
        code = (
            c.source
            for c in notebook_sync.read_text(text).cells
            if c.cell_type == "code"
        )
        cells.add(next(code))
    assert len(cells) == 1 and f'"{paths.REPOSITORY}"' in json.dumps(
        cells.pop()
    ).replace("\\", "")
    assert shutil.which("git")
