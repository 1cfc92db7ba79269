"""The command on real HST files, read in place."""

import json
from collections.abc import Iterator

import pytest

from builders.places import REAL_ARCHIVE
from builders.station import Station, open_station

pytestmark = pytest.mark.skipif(
    not REAL_ARCHIVE.is_dir(), reason="no real HST files beside the project"
)

TOLD = (
    f"{REAL_ARCHIVE.resolve()}: 193 files of 99 observations were taken.\n"
    "  Nothing was left aside.\n"
)


@pytest.fixture(scope="module")
def real() -> Iterator[Station]:
    for station in open_station(HSTQL_ARCHIVE=str(REAL_ARCHIVE)):
        found = station.hstql("discover")
        assert found.stdout == (
            "cos: 21 new, 21 registered.\nstis: 69 new, 69 registered.\n"
            "acs: 8 new, 8 registered.\nwfc3: 1 new, 1 registered.\n" + TOLD
        )
        assert station.hstql("discover").stdout.endswith("0 new, 1 registered.\n" + TOLD)
        made = station.hstql("materialize", "lightcurve_plots", "composite_plots", "summary_plots")
        assert made.returncode == 1, made.stderr
        assert "odlm18040 stis/lightcurves bad: " in made.stderr
        assert len(made.stderr.split(" bad: ")) == 2
        yield station


def test_the_gross_counts_are_those_of_the_archives_own_spectrum(real: Station) -> None:
    assert real.count("SELECT gross_counts FROM lightcurves WHERE rootname = 'ld9m10ujq'") == 1362


def test_exposures_without_events_have_no_lightcurve_and_stop_nothing(real: Station) -> None:
    assert real.count("SELECT count(*) FROM observations") == 90
    assert real.count("SELECT count(*) FROM lightcurves") == 1
    assert real.count("SELECT count(*) FROM composites") == 1
    assert real.count("SELECT gross_counts FROM composites") == 1362
    none = "SELECT count(*) FROM outcomes WHERE asset = 'cos/lightcurves' AND status = 'none'"
    assert real.count(none) == 2


def test_an_exposure_of_no_length_ends_as_a_row_that_says_so(real: Station) -> None:
    (row,) = json.loads(real.hstql("query", "SELECT * FROM bad_data", "--format", "json").stdout)
    assert (row["rootname"], row["reason"]) == ("odlm18040", "Short Exposure")
    assert row["detail"] == (
        "EXPTIME is 0 s, less than 1 s, and the GTI table is empty, although the table has "
        "162,916 events from 0.060 to 2726.186 s."
    )


def test_a_key_that_can_have_no_lightcurve_is_named(real: Station) -> None:
    done = real.hstql("materialize", "lightcurves", "--rootname", "ldfd01vlq")
    assert done.returncode == 1
    assert "ldfd01vlq cos/lightcurves not made: It is not in cos_timetag_rootname" in done.stderr


@pytest.mark.full
def test_dagster_makes_one_key_with_two_settings_only(real: Station) -> None:
    done = real.run(
        "dagster", "asset", "materialize", "-m", "hstql_assets.definitions",
        "--select", "cos/lightcurves", "--partition", "ld9m10ujq",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


@pytest.mark.full
def test_dagster_says_what_to_materialize_first(real: Station) -> None:
    assert real.hstql("reset", "database", "outcomes", "--yes").returncode == 0
    refused = real.run(
        "dagster", "asset", "materialize", "-m", "hstql_assets.definitions",
        "--select", "cos/lightcurves", "--partition", "ld9m10ujq",
    )  # fmt: skip
    assert refused.returncode == 1
    assert (
        "cos/header_tables has not been made for ld9m10ujq: materialize it first "
        "(hstql materialize cos/header_tables --rootname ld9m10ujq)."
    ) in refused.stderr
