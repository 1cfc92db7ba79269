"""Reference files: in the user's folder, at home, or in the archive, in this order."""

import gzip
import pickle
from pathlib import Path

import pytest

from hstql_resources.archive.directory import DirectoryArchive
from hstql_resources.filesystem import Filesystem
from hstql_resources.references import References
from hstql_resources.settings import Settings


@pytest.fixture
def references(tmp_path: Path) -> References:
    """Three places, none of which holds anything yet."""
    for name in ("archive/references", "oref", "home"):
        (tmp_path / name).mkdir(parents=True)
    archive = DirectoryArchive(tmp_path / "archive")
    return References(archive, Filesystem(tmp_path / "home"), oref=tmp_path / "oref")


def archived(references: References) -> Path:
    assert isinstance(references.archive, DirectoryArchive)
    return references.archive.folder / "references"


def test_the_archive_is_asked_once_and_its_file_kept_at_home(references: References) -> None:
    (archived(references) / "a_pfl.fits").write_bytes(b"archive")
    found = references.find("oref$a_pfl.fits")
    assert found == references.filesystem.home / "references" / "a_pfl.fits"
    (archived(references) / "a_pfl.fits").unlink()
    assert references.find("oref$a_pfl.fits") == found
    assert found.read_bytes() == b"archive"
    assert not list((references.filesystem.home / "scratch").rglob("*.fits"))


def test_the_folder_of_the_user_comes_first_and_nothing_is_written_there(
    references: References,
) -> None:
    assert references.oref is not None
    (archived(references) / "a_pfl.fits").write_bytes(b"archive")
    references.find("oref$a_pfl.fits")
    (references.oref / "a_pfl.fits.gz").write_bytes(b"own")
    assert references.find("oref$a_pfl.fits") == references.oref / "a_pfl.fits.gz"
    # A name with another variable is not looked for there.
    assert references.find("lref$a_pfl.fits") != references.oref / "a_pfl.fits.gz"
    assert [path.name for path in references.oref.iterdir()] == ["a_pfl.fits.gz"]


def test_a_gzipped_reference_of_the_archive_is_unpacked(references: References) -> None:
    (archived(references) / "b_bpx.fits.gz").write_bytes(gzip.compress(b"table"))
    (archived(references) / "c_bpx.fits.gz").write_bytes(gzip.compress(bytes(range(250)))[:100])
    found = references.find("oref$b_bpx.fits")
    assert found is not None
    assert found.read_bytes() == b"table"
    assert references.find("oref$c_bpx.fits") is None


@pytest.mark.parametrize(
    "value",
    ["", "N/A", "oref$../../etc/passwd", "oref$", "oref$a.txt", "/x.fits", "oref$none.fits"],
)
def test_what_is_no_name_of_a_file_is_nowhere(references: References, value: str) -> None:
    assert references.find(value) is None


def test_it_goes_to_a_worker(references: References) -> None:
    assert pickle.loads(pickle.dumps(references)) == references


def test_each_instrument_has_a_folder_of_the_user(tmp_path: Path) -> None:
    variables = ("oref", "lref", "jref", "iref")
    for name in (*variables, "archive"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a_flt.fits").write_bytes(name.encode())
    settings = Settings(home=tmp_path / "home", **{name: tmp_path / name for name in variables})
    references = References.from_settings(
        settings, DirectoryArchive(tmp_path / "archive"), Filesystem(settings.home)
    )
    for name in variables:
        assert references.find(f"{name}$a_flt.fits") == tmp_path / name / "a_flt.fits"
