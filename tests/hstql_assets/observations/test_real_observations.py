"""The steps on the real files of COS, in place and copied, and headers of all instruments."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from builders.lightcurve_reading import read_lightcurve
from builders.pipeline import Pipeline
from hstql_assets.headers.summary import summarize
from hstql_resources.archive.directory import DirectoryArchive
from hstql_resources.filenames import INSTRUMENTS, parse_filename
from hstql_resources.fits.file_headers import FileHeaders, read_headers
from hstql_resources.tables import BadData, File, Lightcurve, Observation, Outcome, Statistics

LIGHTCURVE = "ld9m10ujq"
TABLES = (Observation, File, Lightcurve, Statistics, BadData, Outcome)


def fingerprint(folder: Path) -> list[tuple[str, int, int, str]]:
    """Return name, mode, time of change and content of everything in a folder."""
    return [
        (
            str(path),
            path.lstat().st_mode,
            path.lstat().st_mtime_ns,
            hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "",
        )
        for path in [folder, *sorted(folder.rglob("*"))]
    ]


def test_every_cos_observation_is_decided_and_the_archive_is_left_as_it_was(
    pipeline: Pipeline, real_archive: Path
) -> None:
    before = fingerprint(real_archive)
    archive = DirectoryArchive(real_archive)
    keys = archive.find_rootnames("cos")
    decisions = pipeline.on(archive).run(keys)
    assert {outcome.status for outcome in decisions["header_tables"].values()} == {"made"}
    statuses = {key: outcome.status for key, outcome in decisions["lightcurves"].items()}
    assert statuses.pop(LIGHTCURVE) == "made"
    assert set(statuses.values()) == {"none"}
    assert pipeline.rows(BadData) == []
    assert fingerprint(real_archive) == before
    written = [Path(path).name for path in pipeline.files() if "scripts" not in path]
    endings = (".html", ".png", "_periodogram.png", "_thumb.png", ".fits")
    assert written == [f"{LIGHTCURVE}_curve{ending}" for ending in endings]


def test_the_lightcurve_has_the_counts_of_the_spectrum(
    pipeline: Pipeline, real_archive: Path
) -> None:
    pipeline.on(DirectoryArchive(real_archive)).extract([LIGHTCURVE])
    (row,) = pipeline.rows(Lightcurve)
    assert (row["gross_counts"], row["target"], row["segments"]) == (1362, "gj-436", "FUVA")
    curve = read_lightcurve(Path(str(row["path"])))
    assert np.nansum(curve.bins.gross) == 1362


def test_copied_files_give_the_same_rows_but_for_paths(
    pipeline: Pipeline, real_archive: Path
) -> None:
    keys = [LIGHTCURVE, "ldfd01vlq", "ldfd01vnq"]
    in_place = pipeline.on(DirectoryArchive(real_archive))
    in_place.run(keys)
    rows = [in_place.rows(model, "path") for model in TABLES]
    copied = pipeline.on(DirectoryArchive(real_archive, in_place=False))
    copied.run(keys)
    assert [copied.rows(model, "path") for model in TABLES] == rows
    files = {str(row["path"]) for row in copied.rows(File)}
    assert all(Path(path).is_relative_to(pipeline.home) for path in files)
    assert all(Path(path).stat().st_mode & 0o777 == 0o660 for path in files)


def read_all(archive: DirectoryArchive, rootnames: Sequence[str]) -> dict[str, list[FileHeaders]]:
    return {
        rootname: [
            read_headers(Path(product.location), parse_filename(product.filename).filetype)
            for product in products
        ]
        for rootname, products in archive.list_products(rootnames).items()
    }


@pytest.fixture(scope="module")
def observations(real_archive: Path) -> dict[str, list[FileHeaders]]:
    archive = DirectoryArchive(real_archive)
    found: dict[str, list[FileHeaders]] = {}
    for instrument in INSTRUMENTS.values():
        found |= read_all(archive, archive.find_rootnames(instrument))
    return found


def test_the_time_tag_science_exposures_are_these(
    observations: dict[str, list[FileHeaders]],
) -> None:
    found = {
        name for name, files in observations.items() if summarize(name, files).is_timetag_science
    }
    assert found == {"ld9m10ujq", "ldfd01vnq", "ldfd01vpq", "odlm18040"}


def test_a_wavelength_calibration_does_not_name_the_target(
    observations: dict[str, list[FileHeaders]],
) -> None:
    columns = summarize("odlm18040", observations["odlm18040"]).columns
    assert columns["target_name"] == "GJ849"
    assert columns["ra_deg"] == pytest.approx(332.42, abs=0.1)


@pytest.mark.parametrize(
    ("rootname", "detector"),
    [
        ("ldxe02010", "FUV"),  # a jit only
        ("obri05020", "CCD"),  # a jit only
        ("jbz504010", "SBC"),  # an asn only
        ("ldfd01010", "FUV"),
        ("odlm18040", "FUV-MAMA"),
        ("ibxy01z8q", "IR"),
        ("ldfd01vlq", "NUV"),
    ],
)
def test_the_detector_is_found_in_support_files_too(
    rootname: str, detector: str, observations: dict[str, list[FileHeaders]]
) -> None:
    assert summarize(rootname, observations[rootname]).columns["detector"] == detector


def test_no_observation_is_of_an_unknown_detector_and_each_names_its_instrument(
    observations: dict[str, list[FileHeaders]],
) -> None:
    for rootname, files in observations.items():
        columns = summarize(rootname, files).columns
        assert columns["detector"] != "unknown", rootname
        assert columns["instrument"] == INSTRUMENTS[rootname[0]]
