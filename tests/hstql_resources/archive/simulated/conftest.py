"""The files of simulated cameras that several modules look at."""

from pathlib import Path

import pytest

from hstql_resources.archive.simulated import SimulatedArchive


@pytest.fixture(scope="session")
def camera_files(tmp_path_factory) -> Path:
    """A folder with all files of ACS and WFC3 of an archive of twelve observations."""
    folder = tmp_path_factory.mktemp("cameras")
    archive = SimulatedArchive(12)
    for instrument in ("acs", "wfc3"):
        for products in archive.list_products(archive.find_rootnames(instrument)).values():
            archive.fetch(products, folder)
    return folder
