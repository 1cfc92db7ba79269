"""Rows as Parquet, VOTable and FITS: each value there can be, read back by others."""

import io
import warnings
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from astropy.io import fits
from astropy.io.votable import validate
from astropy.table import Table
from astropy.units import Unit, UnitsWarning
from pyarrow import parquet

from hstql_resources.table_files.astropy_tables import spell_unit
from hstql_resources.table_files.columns import UNITS, Column
from hstql_resources.table_files.fits_rows import write_fits
from hstql_resources.table_files.parquet import write_parquet
from hstql_resources.table_files.votables import write_votable
from hstql_resources.tables import Base
from hstql_resources.tables.describing import describe

COLUMNS = (
    Column("rootname", "Exposure; <b> & more", str),
    Column("exp_time_s", "EXPTIME, exposure time, s", float),
    Column("size", "Size on disk, bytes", int),
    Column("is_here", "", bool),
    Column("rootname", "the other", str),
    Column("at", "When, UTC", str),
    Column("rate", "counts over time, counts/s; NULL without", float),
)
WHEN = datetime(2026, 1, 2, tzinfo=UTC)
HOSTILE = "]]> <x a='1'> & \x0b\x00é\U0001f600 \"=1+1"
ROWS: list[tuple[Any, ...]] = [
    ("ld9m10ujq", 1.5, 2**60, True, "a", WHEN, 0.1),
    (HOSTILE, None, None, None, None, None, float("nan")),
    ("", float("inf"), -1, False, " ", {"a": [1]}, Decimal("2.5")),
]
BATCHES: list[list[Sequence[Any]]] = [ROWS[:2], ROWS[2:]]


def test_a_votable_is_valid_and_holds_each_value() -> None:
    content = b"".join(write_votable(COLUMNS, ROWS, [("QUERY_STATUS", "OK")]))
    table = Table.read(io.BytesIO(content), format="votable")
    assert table.colnames == [
        "rootname",
        "exp_time_s",
        "size",
        "is_here",
        "rootname_2",
        "at",
        "rate",
    ]
    assert [table[one].unit for one in ("exp_time_s", "size", "rate")] == ["s", "byte", "ct / s"]
    assert table["rootname"].description == COLUMNS[0].about
    assert table["size"].tolist() == [2**60, None, -1]
    assert table["is_here"].tolist() == [True, None, False]
    assert table["exp_time_s"].tolist() == [1.5, None, np.inf]
    assert table["rate"].filled(np.nan)[[0, 2]].tolist() == [0.1, 2.5]
    assert table["rootname"][1] == HOSTILE.replace("\x0b", "\ufffd").replace("\x00", "\ufffd")
    assert list(table["at"]) == ["2026-01-02T00:00:00+00:00", "", '{"a": [1]}']
    validated = io.StringIO()
    assert validate(io.BytesIO(content), validated), validated.getvalue()


def test_a_fits_table_is_read_by_astropy(tmp_path: Path) -> None:
    assert write_fits(tmp_path / "a.fits", COLUMNS, BATCHES) == 3
    with fits.open(tmp_path / "a.fits") as hdus:
        hdus.verify("exception")
        assert hdus[1].header["TCOMM2"] == "EXPTIME, exposure time, s"
    with warnings.catch_warnings(action="ignore"):  # it tells that a truth is not known
        table = Table.read(tmp_path / "a.fits")
    assert table["size"].tolist() == [2**60, None, -1]
    assert table["exp_time_s"].unit == "s"
    assert table["rootname"].tolist()[0] == "ld9m10ujq"
    assert str(table["rootname"][1]).startswith("]]> <x a='1'> &")
    assert [bool(one) for one in table["is_here"][[0, 2]]] == [True, False]
    np.testing.assert_array_equal(np.array(table["rate"].filled(np.nan)), [0.1, np.nan, 2.5])


def test_parquet_is_read_by_others_with_units(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    assert write_parquet(path, COLUMNS, BATCHES) == 3
    frame = pd.read_parquet(path)
    assert frame["rootname"].tolist() == [row[0] for row in ROWS]
    assert frame["size"].tolist()[::2] == [2**60, -1]
    assert parquet.read_table(path)["size"].to_pylist() == [2**60, None, -1]
    assert frame["is_here"].tolist() == [True, None, False]
    file = parquet.ParquetFile(path)
    assert file.num_row_groups == 2
    assert file.schema_arrow.field("rate").metadata == {
        b"unit": b"count/s", b"description": COLUMNS[-1].about.encode(),
    }  # fmt: skip
    head = file.schema_arrow.metadata[b"IVOA.VOTable-Parquet.content"]
    with warnings.catch_warnings(action="error"):
        table = Table.read(io.BytesIO(head), format="votable")
    assert [table[one].unit for one in ("exp_time_s", "rate")] == ["s", "ct / s"]


@pytest.mark.parametrize("rows", [[], [("x", 1.0, 1, True, "y", WHEN, 1.0)]])
def test_no_rows_and_one_row_are_tables_too(rows: list[tuple[Any, ...]], tmp_path: Path) -> None:
    batches = [rows] if rows else []
    assert write_fits(tmp_path / "a.fits", COLUMNS, batches) == len(rows)
    assert write_parquet(tmp_path / "a.parquet", COLUMNS, batches) == len(rows)
    (tmp_path / "a.vot").write_bytes(b"".join(write_votable(COLUMNS, rows)))
    for name, form in (("a.fits", "fits"), ("a.vot", "votable")):
        table = Table.read(tmp_path / name, format=form)
        assert (len(table), len(table.colnames)) == (len(rows), 7)
    assert pd.read_parquet(tmp_path / "a.parquet").shape == (len(rows), 7)


UNITS_BACK = {unit: said for said, unit in UNITS.items()}


def test_every_unit_at_the_end_of_a_comment_is_known_or_a_word() -> None:
    """Columns whose names tell their unit have it."""
    ends = {"_s": "s", "_mjd": "d", "_deg": "deg", "_bytes": "byte", "_arcsec": "arcsec"}
    missing = [
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
        for end, unit in ends.items()
        if column.name.endswith(end)
        and describe(column).kind is float
        and describe(column).unit != unit
        and not column.name.endswith("_per_s")
    ]
    assert missing == []
    with warnings.catch_warnings(action="ignore", category=UnitsWarning):  # erg is deprecated
        for unit in UNITS.values():
            spelt = spell_unit(Column("x", f"A number, {UNITS_BACK[unit]}", float), "vounit")
            assert (spelt is None) == ("electron" in unit)
            assert spelt is None or Unit(spelt, format="vounit") == Unit(unit)
