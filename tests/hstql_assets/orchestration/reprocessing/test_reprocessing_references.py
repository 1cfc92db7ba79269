"""Which reference files a header names, and that they stand in the table."""

from pathlib import Path

from astropy.io import fits
from sqlalchemy import select

from builders.graph_station import CONSTANT, ECLIPSE
from builders.made_headers import make_header
from builders.reprocessing_station import ReprocessingStation
from hstql_assets.headers.reference_names import VARIABLES, find_reference_names
from hstql_resources import tables
from hstql_resources.fits.file_headers import read_headers


def test_names_are_without_their_variable_and_others_are_left_out() -> None:
    header = make_header(
        {
            "FLATFILE": "lref$abc_flat.fits",
            "BIASFILE": "N/A",
            "DARKFILE": "oref$w7r1710ko_drk.fits    ",
            "APERTAB": "otab$old_apt.fits",
            "GRAPHTAB": "mtab$graph_tmg.fits",  # of photometry, not of calibration
            "PRICE": "5$",
            "TDSTAB": "iref$",
            "TARGNAME": "jref",
            "NUMBER": 4,
        }
    )
    assert find_reference_names(header) == {
        "FLATFILE": "abc_flat.fits",
        "DARKFILE": "w7r1710ko_drk.fits",
        "APERTAB": "old_apt.fits",
    }
    assert find_reference_names(make_header({"FLATFILE": "N/A"})) is None


def test_real_headers_name_what_astropy_finds_in_them(real_archive: Path) -> None:
    paths = sorted(real_archive.rglob("*_[xr]*.fits*"))[::4]
    named = 0
    for path in paths:
        expected = {
            keyword: value.partition("$")[2]
            for keyword, value in fits.getheader(path).items()
            if isinstance(value, str) and value.partition("$")[0] in VARIABLES and "$" in value
        }
        found = find_reference_names(read_headers(path, "x1d").headers[0])
        assert (found or {}) == expected, path
        named += len(expected)
    assert named > 100


def test_the_table_has_what_each_header_names_however_odd_and_nothing_where_none_is_named(
    made: ReprocessingStation,
) -> None:
    odd = {"FLATFILE": "\\x.fits", "TDSTAB": '"q".fits', "BPIXTAB": "it's{}.fits"}
    made.change(ECLIPSE, **{keyword: f"lref${name}" for keyword, name in odd.items()})
    made.reprocess(ECLIPSE)
    file = tables.File
    statement = select(file.filetype, file.reference_files, file.cal_ver)
    rows = made.clients.database.read(statement.where(file.rootname == ECLIPSE))
    found = {row.filetype: row for row in rows}
    assert found["x1d"].reference_files.items() >= {**odd, "DEADTAB": "SIMULATED"}.items()
    assert found["x1d"].cal_ver == "SIMULATED 1"
    (support,) = made.clients.database.read(
        statement.where(file.rootname == CONSTANT, file.filetype == "spt")
    )
    assert support.reference_files is None


def test_names_that_a_file_has_no_longer_disappear(made: ReprocessingStation) -> None:
    file = tables.File
    name = f"{ECLIPSE}_x1d.fits"
    statement = select(file.reference_files).where(file.filename == name)
    before = made.clients.database.read(statement)[0][0]
    made.change(ECLIPSE, **dict.fromkeys(before, "N/A"))
    made.reprocess(ECLIPSE)
    assert made.clients.database.read(statement)[0][0] is None
    made.change(ECLIPSE, FLATFILE="lref$next_flat.fits")
    made.reprocess(ECLIPSE)
    assert made.clients.database.read(statement)[0][0] == {"FLATFILE": "next_flat.fits"}
