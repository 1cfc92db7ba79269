"""Files of no type of the archive, and reference files: kept, told, and believed in nothing."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from astropy.io import fits
from sqlalchemy import text

from builders.header_reading import read_everything, read_rows, without_dates
from builders.pipeline import Pipeline
from hstql_assets.headers.scanning import NAMED
from hstql_resources.postgres.database import Database

KEY, SCRATCH, REFERENCE = "lsim01aaq", "lsim02aaq", "lsim481nl"
PARTS = [f"{KEY}_1_corrtag_a.fits", f"{KEY}_2_corrtag_a.fits", f"{KEY}_x1d (copy).fits"]


@pytest.fixture
def exposure(pipeline: Pipeline, add_exposure: Callable[[str], Path]) -> tuple[Pipeline, Path]:
    folder = add_exposure(KEY)
    pipeline.ingest("cos", [KEY])
    return pipeline, folder


def put_parts(folder: Path) -> None:
    """Put files beside an exposure that say other things of it, and are newer."""
    for name, like in zip(PARTS, ("corrtag_a", "corrtag_a", "x1d"), strict=True):
        shutil.copyfile(folder / f"{KEY}_{like}.fits", folder / name)
        with fits.open(folder / name, mode="update") as hdus:
            hdus[0].header.update({"TARGNAME": "NOBODY", "DATE": "2099-01-01", "OBSMODE": "NONE"})
            hdus[1].header.update({"EXPTIME": 627.02, "ODDWORD": "odd"})


def ask(database: Database, statement: str) -> list[tuple[object, ...]]:
    return [tuple(row) for row in database.read(text(statement))]


def test_parts_of_an_exposure_do_not_speak_for_it(exposure: tuple[Pipeline, Path]) -> None:
    pipeline, folder = exposure
    database = pipeline.clients.database
    before, tables = without_dates(database), read_everything(database)
    put_parts(folder)
    outcomes = pipeline.ingest("cos", [KEY]).decisions
    remark = f": {', '.join(PARTS)}."
    for row in before:
        assert row.pop("remarks") is None
    for row in (after := without_dates(database)):
        assert str(row.pop("remarks")).endswith(remark)
    assert after == before
    assert outcomes["header_tables"][KEY].remarks[0].endswith(remark)
    found = read_everything(database)
    assert found.keys() - {"header_extras", "header_commentary"} == tables.keys() - {
        "header_extras", "header_commentary",
    }  # fmt: skip
    assert ask(
        database, "SELECT filename, kind FROM files WHERE filetype = 'other' ORDER BY filename"
    ) == [(name, "raw") for name in PARTS]


def test_their_headers_are_kept_with_the_exposure(exposure: tuple[Pipeline, Path]) -> None:
    pipeline, folder = exposure
    put_parts(folder)
    pipeline.ingest("cos", [KEY])
    database = pipeline.clients.database
    assert ask(
        database,
        "SELECT filename, ext, kind, value, table_name, rootname FROM header_extras "
        "WHERE keyword = 'ODDWORD' ORDER BY filename",
    ) == [(name, 1, "text", "odd", "headers", KEY) for name in PARTS]
    own = ask(database, "SELECT filename, ext, rootname FROM ONLY headers ORDER BY 1, 2")
    assert own[:2] == [(PARTS[0], 0, KEY), (PARTS[0], 1, KEY)]
    assert {name for name, *_ in own} == set(PARTS)
    with fits.open(folder / PARTS[0]) as hdus:
        cards = {keyword for keyword in hdus[0].header if keyword not in ("", "COMMENT", "HISTORY")}
    kept = ask(
        database, f"SELECT keyword FROM header_extras WHERE filename = '{PARTS[0]}' AND ext = 0"
    )
    assert {row[0] for row in kept} == cards
    for name in PARTS:
        (folder / name).unlink()
    pipeline.ingest("cos", [KEY])
    assert ask(database, "SELECT 1 FROM ONLY headers") == []
    assert ask(database, "SELECT 1 FROM header_extras WHERE keyword = 'ODDWORD'") == []


def test_files_of_no_type_alone_are_no_exposure(pipeline: Pipeline, tmp_path: Path) -> None:
    folder = tmp_path / "archive" / SCRATCH[:4] / SCRATCH
    folder.mkdir(parents=True)
    names = [f"{SCRATCH}_sci{number:02}_crmask.fits" for number in range(NAMED + 2)]
    for name in names:
        fits.HDUList([fits.PrimaryHDU()]).writeto(folder / name)
    outcomes = pipeline.ingest("cos", [SCRATCH]).decisions
    database = pipeline.clients.database
    assert read_rows(database, "observations") == []
    assert ask(database, "SELECT count(*) FROM files WHERE filetype = 'other'") == [(len(names),)]
    assert ask(database, "SELECT count(*) FROM headers") == [(len(names),)]
    headers = outcomes["header_tables"][SCRATCH]
    assert headers.status == "none"
    assert f"{names[NAMED - 1]} and 2 more" in str(headers.reason)


def test_a_reference_file_named_like_a_product_is_no_exposure(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    folder = tmp_path / "archive" / REFERENCE[:4] / REFERENCE
    folder.mkdir(parents=True)
    header = fits.Header({"USEAFTER": "Mar 15 1999 00:00:00", "INSTRUME": "COS"})
    fits.HDUList([fits.PrimaryHDU(header=header)]).writeto(folder / f"{REFERENCE}_flt.fits")
    fits.HDUList([fits.PrimaryHDU(header=header)]).writeto(folder / f"{REFERENCE}_lfl.fits")
    pipeline.ingest("cos", [REFERENCE])
    database = pipeline.clients.database
    assert read_rows(database, "observations") == []
    assert ask(database, "SELECT filename, filetype FROM files") == [
        (f"{REFERENCE}_flt.fits", "other")
    ]
