"""pyvo on real exposures: they are catalogued and served, then found, and one file is fetched."""

import re
import shutil
import subprocess
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
import pyvo
from astropy import units as u
from astropy.coordinates import SkyCoord
from astropy.io import fits

from builders.pipeline import open_pipeline
from builders.served_site import serve
from builders.site_rows import EXPOSURES, Station
from hstql_resources.archive.directory import DirectoryArchive
from hstql_resources.workers import LocalWorkers

CHOSEN = {
    "acs": ("j8bt05njq", "jbz504ejq"),
    "wfc3": ("ibxy01z8q",),
    "cos": ("ld9m10ujq", "ldfd01vnq"),
    "stis": ("ocmv0lw6q", "obri05010"),
}
NO_DATA = ("_spt.fits", "_jit.fits")  # their headers have no time of an exposure
ROOTNAMES = [name for names in CHOSEN.values() for name in names]


@pytest.fixture(scope="module")
def served(station: Station, real_archive: Path) -> Iterator[pyvo.dal.TAPService]:
    with LocalWorkers(1) as workers:
        pipeline = open_pipeline(station.home, station.database, workers)
        for instrument, names in CHOSEN.items():
            pipeline.on(DirectoryArchive(real_archive)).ingest(instrument, names)
    with serve(station) as address, warnings.catch_warnings(action="ignore"):
        yield pyvo.dal.TAPService(f"{address}/tap")


def find_files(archive: Path, rootname: str) -> dict[str, Path]:
    """Return the files of an exposure by the names that the catalogue has, without .gz."""
    paths = (archive / rootname[:4] / rootname).glob("*.fits*")
    return {path.name.removesuffix(".gz"): path for path in paths}


def ask(served: pyvo.dal.TAPService, where: str) -> dict[str, dict[str, object]]:
    """Return the rows of ObsCore by the names of files, without those that are no real ones."""
    with warnings.catch_warnings(action="ignore"):
        found = served.run_sync(f"SELECT * FROM ivoa.obscore WHERE {where}")
    rows = [{name: row[name] for name in found.fieldnames} for row in found]
    return {
        str(row["obs_publisher_did"]).partition("?")[2]: row
        for row in rows
        if row["obs_id"] not in EXPOSURES
    }


@pytest.mark.parametrize("rootname", ROOTNAMES)
def test_an_exposure_is_found_by_cone_time_and_instrument(
    served: pyvo.dal.TAPService, real_archive: Path, rootname: str
) -> None:
    """What is asked for is what astropy reads of one of its headers."""
    files = find_files(real_archive, rootname)
    path = next(path for name, path in files.items() if not name.endswith(NO_DATA))
    header = fits.getheader(path) + fits.getheader(path, 1)
    instrument = f"{header['INSTRUME']}/{header['DETECTOR']}"
    place = SkyCoord(header["RA_TARG"] * u.deg, header["DEC_TARG"] * u.deg)
    near = place.directional_offset_by(40 * u.deg, 0.01 * u.deg)
    conditions = (
        f"1 = CONTAINS(POINT('ICRS', s_ra, s_dec), CIRCLE('ICRS', {near.ra.deg:.9f}, "
        f"{near.dec.deg:.9f}, 0.0101))",
        f"t_min BETWEEN {header['EXPSTART'] - 0.001:.9f} AND {header['EXPSTART'] + 0.001:.9f}",
        f"instrument_name = '{instrument}'",
    )
    for where in (*conditions, " AND ".join(conditions)):
        found = ask(served, where)
        assert found.keys() >= files.keys(), where
    assert {row["obs_id"] for row in found.values()} == {rootname}
    row = found[path.name.removesuffix(".gz")]
    assert row["t_min"] == header["EXPSTART"]
    assert row["target_name"] == header["TARGNAME"]
    assert row["access_estsize"] == -(-path.stat().st_size // 1000)
    missed = ask(served, conditions[0].replace("0.0101", "0.0099"))
    assert rootname not in {row["obs_id"] for row in missed.values()}


def test_a_file_comes_byte_for_byte(served: pyvo.dal.TAPService, real_archive: Path) -> None:
    name = "ld9m10ujq_x1d.fits"
    row = ask(served, "obs_id = 'ld9m10ujq' AND dataproduct_type = 'spectrum'")[name]
    answer = served._session.get(str(row["access_url"]))
    assert answer.content == find_files(real_archive, "ld9m10ujq")[name].read_bytes()


@pytest.mark.full
def test_taplint_finds_no_error(served: pyvo.dal.TAPService) -> None:
    """The validator of stilts: TAP, VOSI, UWS, ADQL, TAP_SCHEMA, ObsCore."""
    if shutil.which("stilts") is None:
        pytest.skip("stilts is not installed")
    command = ["stilts", "taplint", f"tapurl={served.baseurl}", "report=ES"]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    assert re.search("^S-OBS-", said, re.MULTILINE), said
    assert not re.search("^E-", said, re.MULTILINE), said
