"""Versions of the gain-sag reference file: written once, compared, and never written over."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from astropy.io import fits

from hstql_assets.monitors.framework.monitor import TrendContext
from hstql_assets.monitors.framework.report import TrendReport
from hstql_assets.monitors.gain.gain_sag.read import read_rows
from hstql_assets.monitors.gain.gain_sag.report import GainSagRows, report_gain_sag
from hstql_assets.monitors.gain.gain_sag.table import FlaggedSuperpixel, make_tables, write_gain_sag
from hstql_assets.monitors.gain.gain_sag.versions import Provenance, find_newest, make_version
from hstql_assets.pages.figures import draw_chart
from hstql_resources import tables
from hstql_resources.archive import Archive
from hstql_resources.filesystem import Filesystem
from hstql_resources.references import References
from hstql_resources.settings import Settings

NOW = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
NAME, BLUE = "gsag_2024-05-06T07-08-09.fits", "gsag_2024-05-06T07-08-09_blue.fits"
IMAGES = {("FUVA", 163): (40, 58900.25), ("FUVA", 167): (2, 58000.0), ("FUVB", 163): (30, 58800.0)}
FIRST = FlaggedSuperpixel("FUVA", 163, 100, 240, 58000.0)
SECOND = FlaggedSuperpixel("FUVA", 163, 100, 246, 58900.25)  # rows 492 and 493: not blue


def surround(home: Path, lref: Path | None = None) -> TrendContext:
    settings = Settings(home=home, lref=lref)
    files = Filesystem.from_settings(settings)
    archive: Archive = None  # type: ignore[assignment]  # nothing is fetched
    return TrendContext(files, References(archive, files), settings)


def report(home: Path, flagged, versions=(), now=NOW, lref=None) -> TrendReport:
    return report_gain_sag(GainSagRows(flagged, list(versions), IMAGES), surround(home, lref), now)


def make_one(home: Path, flagged, versions=(), now=NOW) -> dict:
    """Make a version for all modes alone, and return its row."""
    version = make_version(
        make_tables(flagged),
        is_blue=False,
        rows=versions,
        provenance=Provenance(72, 58900.25),
        filesystem=surround(home).filesystem,
        lref=None,
        now=now,
    )
    assert version.is_new
    return dict(version.row)


def rows_of(made: TrendReport) -> list[dict]:
    return [dict(row) for row in made.rows["gain_sag_tables"]]


def test_the_first_version_has_both_kinds_and_a_whole_header(tmp_path):
    made = report(tmp_path, [FIRST, SECOND])
    folder = tmp_path / "products" / "references"
    assert {path.name for path in folder.iterdir()} == {
        NAME, BLUE, NAME.replace(".fits", ".txt"), BLUE.replace(".fits", ".txt")
    }  # fmt: skip
    header = fits.getheader(folder / NAME)
    expected = {
        "DATE": "2020-02-21T06:00:00", "FILENAME": NAME, "TELESCOP": "HST", "INSTRUME": "COS",
        "DETECTOR": "FUV", "COSCOORD": "USER", "VCALCOS": "2.0",
        "USEAFTER": "May 11 2009 00:00:00", "PEDIGREE": "INFLIGHT 25/05/2009 21/02/2020",
        "FILETYPE": "GAIN SAG REFERENCE TABLE",
    }  # fmt: skip
    assert {key: header[key] for key in expected} == expected
    assert len(header["DESCRIP"]) == 67
    assert "from 72 gain maps" in str(header["HISTORY"])
    assert "CENWAVE" not in header
    blue = fits.getheader(folder / BLUE)
    assert blue["CENWAVE"] == "BETWEEN 1055 1097"
    whole, half = rows_of(made)
    assert (whole["filename"], whole["is_blue"], half["filename"], half["is_blue"]) == (
        NAME, False, BLUE, True
    )  # fmt: skip
    assert (whole["regions"], half["regions"]) == (48, 24)  # at 24 levels up to 163
    assert whole["made_at"] == NOW
    assert whole["previous"] is whole["new_regions"] is None
    assert made.exposures == 72
    assert made.newest_mjd == 58900.25
    assert "is new, with 48 regions." in made.summary


def test_the_same_regions_make_no_new_version(tmp_path):
    first = report(tmp_path, [FIRST, SECOND])
    before = {path: path.read_bytes() for path in tmp_path.rglob("gsag*")}
    again = report(tmp_path, [SECOND, FIRST], rows_of(first), NOW + timedelta(days=7))
    assert rows_of(again) == rows_of(first)
    assert {path: path.read_bytes() for path in tmp_path.rglob("gsag*")} == before
    assert f"{NAME} is up to date, with 48 regions." in again.summary
    assert again.metadata["is_new"] is False


def test_a_version_is_compared_with_the_one_before(tmp_path):
    first = report(tmp_path, [FIRST])
    later = NOW + timedelta(days=7)
    second = report(tmp_path, [FIRST, SECOND], rows_of(first), later)
    rows = rows_of(second)
    # The blue modes have no new region, so no new file.
    assert [row["filename"] for row in rows] == [NAME, BLUE, "gsag_2024-05-13T07-08-09.fits"]
    assert rows[2] | {"sha256": ""} == {
        "filename": "gsag_2024-05-13T07-08-09.fits", "is_blue": False, "made_at": later,
        "regions": 48, "previous": NAME, "new_regions": 24, "removed_regions": 0,
        "changed_regions": 0, "sha256": "",
        "path": str(tmp_path / "products/references/gsag_2024-05-13T07-08-09.fits"),
    }  # fmt: skip
    text = Path(rows[2]["path"]).with_suffix(".txt").read_text()
    assert f"gsag_2024-05-13T07-08-09.fits compared with {NAME}" in text
    assert "FUVA 163: 2 regions, 1 new, 0 removed, 0 changed\n  new: LX 800, LY 492" in text
    (changes,) = [one for one in second.sections if one.title.startswith("Changes")]
    assert ("FUVA", "163", "2", "1", "0", "0") in changes.rows
    (versions,) = [one for one in second.sections if one.title == "Versions"]
    assert [row[0] for row in versions.rows] == [row["filename"] for row in reversed(rows)]
    for chart in second.sections[0].charts:
        draw_chart(chart)
    assert {chart.name for chart in second.sections[0].charts} == {
        "gain_sag_regions_fuva", "gain_sag_regions_fuvb"
    }  # fmt: skip


def test_the_same_regions_have_the_same_content_whenever_they_are_written(tmp_path):
    contents = []
    for number in range(2):
        home = tmp_path / str(number)
        path = Path(make_one(home, [FIRST, SECOND], now=NOW + timedelta(days=number))["path"])
        contents.append(path.read_bytes().replace(path.name.encode(), b""))
    assert contents[0] == contents[1]


def test_a_version_of_the_same_second_is_not_written_over(tmp_path):
    first = make_one(tmp_path, [FIRST])
    second = make_one(tmp_path, [FIRST, SECOND], [first])
    assert (first["filename"], second["filename"]) == (NAME, "gsag_2024-05-06T07-08-10.fits")
    assert Path(first["path"]).is_file()


def test_a_version_whose_file_is_gone_is_made_again(tmp_path):
    first = make_one(tmp_path, [FIRST])
    Path(first["path"]).unlink()
    again = make_one(tmp_path, [FIRST], [first], NOW + timedelta(days=1))
    assert again["filename"] == "gsag_2024-05-07T07-08-09.fits"


@pytest.fixture
def lref(tmp_path) -> Path:
    """A folder with two gain-sag tables for all modes, a blue one, and other files."""
    folder = tmp_path / "lref"
    folder.mkdir()
    kinds = {"b_gsag.fits": ("2021-01-01", {}), "a_gsag.fits": ("2022-01-01", {}),
             "c_gsag.fits": ("2023-01-01", {"CENWAVE": "BETWEEN 1055 1097"})}  # fmt: skip
    for name, (date, more) in kinds.items():
        cards = {"DATE": date, "FILETYPE": "GAIN SAG REFERENCE TABLE"} | more
        content = make_tables([FIRST._replace(x=7)])
        write_gain_sag(
            folder / name, content, [(key, value, "") for key, value in cards.items()], []
        )
    (folder / "z_gsag.fits").write_bytes(b"broken")
    fits.PrimaryHDU().writeto(folder / "y_gsag.fits")
    return folder


def test_the_newest_reference_file_of_the_kind_is_found(lref):
    assert find_newest(lref, is_blue=False) == lref / "a_gsag.fits"
    assert find_newest(lref, is_blue=True) == lref / "c_gsag.fits"
    assert find_newest(None, is_blue=False) is None


def test_the_first_version_is_compared_with_that_in_use(tmp_path, lref):
    whole, blue = rows_of(report(tmp_path / "home", [FIRST], lref=lref))
    assert (whole["previous"], blue["previous"]) == ("a_gsag.fits", "c_gsag.fits")
    assert (whole["new_regions"], whole["removed_regions"], whole["changed_regions"]) == (24, 24, 0)
    assert {path.name for path in lref.iterdir()} == {f"{one}_gsag.fits" for one in "abcyz"}


def test_a_version_before_that_cannot_be_read_is_named(tmp_path):
    first = make_one(tmp_path, [FIRST])
    Path(first["path"]).write_bytes(b"broken")
    row = make_one(tmp_path, [FIRST, SECOND], [first], NOW + timedelta(days=1))
    assert row["previous"] is row["new_regions"] is None
    text = Path(row["path"]).with_suffix(".txt").read_text()
    assert f"{NAME}, the one before it, cannot be read" in text


def test_nothing_flagged_makes_a_file_that_flags_nothing(tmp_path):
    row = make_one(tmp_path, [])
    assert row["regions"] == 0
    assert [tuple(one) for one in fits.getdata(row["path"], 1)] == [(0.0, 0, 0, 0, 0, 0)]


def test_without_gain_maps_nothing_is_written(tmp_path):
    kept = {"filename": "old.fits"}
    made = report_gain_sag(GainSagRows([], [kept], {}), surround(tmp_path))
    assert made.exposures == 0
    assert made.summary == "There is no gain map, so there is no gain-sag table."
    assert made.rows == {"gain_sag_tables": [kept]}
    assert not list(tmp_path.rglob("gsag*"))


def test_rows_are_read_from_the_database_and_go_back(database, tmp_path):
    image = {"source": "weekly", "segment": "FUVA", "high_voltage": 163, "exp_end_mjd": 58901.0,
             "exp_time_s": 10.0, "files": 1, "counts": 5, "superpixels": 2, "members": "x",
             "path": "/nowhere", "ingest_date": NOW}  # fmt: skip
    flagged = {"segment": "FUVA", "high_voltage": 163, "x": 100, "y": 240, "gain": 2.5,
               "flagged_mjd": 58000.0, "gain_error": 0.1, "image": "a"}  # fmt: skip
    starts = {"a": 58000.0, "b": 58900.25}
    with database.write() as writer:
        images = [image | {"image": name, "exp_start_mjd": mjd} for name, mjd in starts.items()]
        writer.upsert(tables.CumulativeImage, images)
        writer.upsert(tables.FlaggedPixel, [flagged])
    before = database.statements
    rows = read_rows(database)
    assert database.statements == before + 3
    assert list(rows.flagged) == [FIRST]
    assert rows.images == {("FUVA", 163): (2, 58900.25)}
    made = report_gain_sag(rows, surround(tmp_path), NOW)
    with database.write() as writer:
        writer.upsert(tables.GainSagTable, made.rows["gain_sag_tables"])
    again = report_gain_sag(read_rows(database), surround(tmp_path), NOW + timedelta(days=1))
    assert {row["filename"]: row for row in rows_of(again)} == {
        row["filename"]: row for row in rows_of(made)
    }
