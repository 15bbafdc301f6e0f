import pytest

from helpers import ROOT


@pytest.fixture(scope="session")
def shared_data():
    """Return the folder of real data sets beside the repository, or skip."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("needs the real data sets in ../shared/data, which are not here")
    return folder
