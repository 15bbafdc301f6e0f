"""The address of a fork, in every file that names the course's own."""

import shutil

import nbformat
import pytest

from inspection.common.errors import UserError
from inspection.course import paths
from inspection.publishing import notebook_sync, repository, runner

FORK = "https://github.com/me/our-course"
# two of them, for the stored ones are large; all have the same set-up cell
TEXTS = runner.find_notebooks(["00", "01b"], notebook_sync.TEXTS, ".py")


@pytest.fixture
def copy(tmp_path):
    for name in ("notebooks/text", "scripts/inspection/course", "docs"):
        (tmp_path / name).mkdir(parents=True)
    for path in [*TEXTS, *map(notebook_sync.notebook_of, TEXTS)]:
        shutil.copy(path, tmp_path / path.relative_to(paths.ROOT))
    shutil.copy(paths.__file__, tmp_path / repository.PATHS)
    page = f"See {paths.REPOSITORY}/issues and {paths.REPOSITORY}-old.\n"
    (tmp_path / "docs/setup.md").write_text(page)
    return tmp_path


@pytest.mark.parametrize("branch", ["", "autumn/2026"])
def test_every_text_and_notebook_names_the_fork(copy, branch):
    changed = repository.set_repository(f"{FORK}.git", branch, copy)
    assert len(changed) == 2 * len(TEXTS) + 2
    for path in (copy / "notebooks").rglob("*.*"):
        if path.suffix == ".ipynb":
            cells = nbformat.read(path, as_version=4).cells
            text = "\n".join(cell.source for cell in cells)
        else:
            text = path.read_text(encoding="utf-8")
        assert f'REPOSITORY = "{FORK}"' in text
        badge = f"/github/me/our-course/blob/{branch or 'main'}/notebooks/{path.stem}"
        assert badge in text
        assert paths.REPOSITORY not in text
        if path.suffix == ".py":
            assert f'BRANCH = "{branch}"  # "" for' in text
    known = {}
    exec(
        (copy / repository.PATHS).read_text(),
        known | {"__file__": paths.__file__},
        known,
    )
    assert (known["REPOSITORY"], known["BRANCH"]) == (FORK, branch)
    assert known["NAME"] == "our-course"
    page = (copy / "docs/setup.md").read_text()
    assert page == f"See {FORK}/issues and {paths.REPOSITORY}-old.\n"


def test_a_second_fork_takes_the_place_of_the_first(copy):
    repository.set_repository(FORK, "autumn", copy)
    repository.set_repository(paths.REPOSITORY, "main", copy)
    for path in TEXTS:
        there = copy / path.relative_to(paths.ROOT)
        assert there.read_text(encoding="utf-8") == path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "url", ["https://gitlab.com/me/course", "me/course", "https://github.com/me", "x"]
)
def test_other_addresses_are_refused(copy, url):
    with pytest.raises(UserError, match="no repository on GitHub"):
        repository.set_repository(url, root=copy)


def test_a_branch_that_is_an_option_is_refused(copy):
    with pytest.raises(UserError, match="no name of a branch"):
        repository.set_repository(FORK, "--force", copy)
