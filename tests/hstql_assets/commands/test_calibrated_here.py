"""Raw exposures calibrated by the command: to the lightcurve with its period, and to what lacks."""

import importlib.util
import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest
from astropy.io import fits
from dagster import DagsterEventType, EventLogEntry, deserialize_value

from builders.places import REAL_ARCHIVE
from builders.station import Station, open_station
from hstql_resources.postgres.address import DAGSTER_DATABASE
from hstql_resources.postgres.packed_events import unpack

FIRST, SECOND = "lr000101q", "lr000201q"
REAL = "ldfd01vnq"
pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("calcos") is None, reason="CalCOS is not installed"
)


def write_config(station: Station) -> str:
    path = station.home.parent / "pipeline.yaml"
    path.write_text("calibrated_files: {source: pipeline}\n")
    return str(path)


@pytest.fixture(scope="module")
def calibrated() -> Iterator[Station]:
    """A home on which both raw exposures of the simulated archive were calibrated and measured."""
    for station in open_station(
        HSTQL_SIMULATED_OBSERVATIONS="1", HSTQL_SIMULATED_RAW="2", HSTQL_WORKERS="2"
    ):
        assert station.hstql("discover", "--instrument", "cos").returncode == 0
        config = write_config(station)
        made = station.hstql("materialize", "cos/calibrated_files", "--config", config)
        assert made.returncode == 0, made.stderr
        measured = station.hstql("materialize", "cos/lightcurve_statistics")
        assert measured.returncode == 0, measured.stderr
        yield station


def ask(station: Station, sql: str) -> list[dict[str, object]]:
    answer = station.hstql("query", sql, "--format", "json")
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout)


@pytest.fixture(scope="module")
def truths(calibrated: Station) -> dict[str, dict]:
    """What was put into each raw exposure, by rootname."""
    paths = (calibrated.home / "files").rglob("lr*_truth.json")
    return {path.name[:9]: json.loads(path.read_text()) for path in paths}


@pytest.mark.full
def test_only_what_is_raw_is_made_here(calibrated: Station) -> None:
    rows = ask(calibrated, "SELECT filename, origin FROM files WHERE kind = 'calibrated'")
    here = {str(row["filename"]) for row in rows if row["origin"] == "calcos"}
    kinds = ("corrtag", "counts", "flt", "lampflash", "x1d")
    assert here == {f"{key}_{kind}.fits" for key in (FIRST, SECOND) for kind in kinds}
    assert {row["origin"] for row in rows if str(row["filename"]).startswith("ls")} == {"archive"}


@pytest.mark.full
def test_the_lightcurves_show_the_periods_that_were_put_in(
    calibrated: Station, truths: dict[str, dict]
) -> None:
    rows = ask(calibrated, "SELECT * FROM statistics WHERE rootname LIKE 'lr%'")
    assert {row["rootname"] for row in rows} == {FIRST, SECOND} == set(truths)
    for row in rows:
        period_s = truths[str(row["rootname"])]["variability"]["period_s"]
        found_s, error_s = float(row["best_period_s"]), float(row["best_period_error_s"])
        assert 0 < error_s < 0.02 * period_s
        assert abs(found_s - period_s) < 4 * error_s


@pytest.mark.full
def test_the_header_tables_have_the_shifts_that_were_put_in(
    calibrated: Station, truths: dict[str, dict]
) -> None:
    sql = "SELECT rootname, shift1a, shift1b, shift1c FROM cos_nuv_corrtag_events"
    rows = {str(row.pop("rootname")): row for row in ask(calibrated, sql)}
    for key, truth in truths.items():
        assert len(rows[key]) == 3
        for shift in rows[key].values():
            assert float(shift) == pytest.approx(truth["shift1"], abs=0.2)
    assert abs(truths[FIRST]["shift1"] - truths[SECOND]["shift1"]) > 0.4  # each has its own


@pytest.mark.full
def test_the_trailer_is_in_the_metadata_of_each_materialization(calibrated: Station) -> None:
    found = {}
    for entry in read_materializations(calibrated, "cos/calibrated_files"):
        assert entry.dagster_event is not None
        event = entry.dagster_event.step_materialization_data.materialization
        if "trailer" in event.metadata:
            found[event.partition] = event.metadata
    assert set(found) == {FIRST, SECOND}
    for key, metadata in found.items():
        path = Path(metadata["trailer"].path)
        assert path == calibrated.home / "logs" / "calibration" / f"{key}.tra"
        assert "CALCOS version" in path.read_text()
        last = path.read_text().rstrip().splitlines()[-1]
        assert last in metadata["end_of_trailer"].value
        assert metadata["pipeline"].value.startswith("CalCOS 3.")


def read_materializations(station: Station, asset: str) -> list[EventLogEntry]:
    """Return what Dagster's own database has of an asset."""
    url = station.hstql("database", "url", "--libpq").stdout.strip()
    kind = DagsterEventType.ASSET_MATERIALIZATION.value
    with closing(psycopg2.connect(url.replace("/hstql?", f"/{DAGSTER_DATABASE}?"))) as connection:
        cursor = connection.cursor()
        cursor.execute(
            "SELECT event FROM event_logs WHERE dagster_event_type = %s AND asset_key = %s",
            (kind, json.dumps(asset.split("/"))),
        )
        entries = [deserialize_value(unpack(row[0]), EventLogEntry) for row in cursor.fetchall()]
    assert entries
    return entries


@pytest.mark.skipif(not REAL_ARCHIVE.is_dir(), reason="no real HST files beside the project")
def test_a_real_raw_file_without_its_reference_files_names_all_of_them() -> None:
    raw = REAL_ARCHIVE / REAL[:4] / REAL / f"{REAL}_rawtag_a.fits.gz"
    header = fits.getheader(raw)
    named = {
        f"{value.strip().removeprefix('lref$')} ({keyword})"
        for keyword, value in header.items()
        if isinstance(value, str) and value.startswith("lref$")
    }
    assert len(named) == 20
    for station in open_station(HSTQL_ARCHIVE=str(REAL_ARCHIVE)):
        assert station.hstql("discover", "--rootname", REAL).returncode == 0
        config = write_config(station)
        done = station.hstql(
            "materialize", "cos/calibrated_files", "--rootname", REAL, "--config", config
        )
        assert done.returncode == 1
        assert f"{REAL} cos/calibrated_files missing: " in done.stderr
        assert "Traceback" not in done.stderr
        assert {name for name in named if name in done.stderr} == named
        assert f"{REAL} needs 20 reference files that are nowhere" in done.stderr
        assert not (station.home / "logs" / "calibration").exists()
        assert station.count("SELECT count(*) FROM bad_data") == 0
