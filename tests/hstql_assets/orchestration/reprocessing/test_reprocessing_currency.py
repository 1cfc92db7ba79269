"""What is older than the best known: versions as numbers, reference files by the raw headers."""

import json
from datetime import UTC, datetime

import dagster as dg
import pytest

from hstql_assets.observations.checks import (
    CALIBRATION_IS_CURRENT,
    check_currency,
    describe_currency,
    report_currency,
)
from hstql_assets.observations.provenance import (
    Currency,
    compare_versions,
    parse_version,
    read_currency,
)
from hstql_resources import tables
from hstql_resources.postgres.database import Database

ASSET = dg.AssetKey(["cos", "calibrated_files"])
EARLY, LATE = datetime(2020, 1, 1, tzinfo=UTC), datetime(2024, 1, 1, tzinfo=UTC)


def file_row(
    name: str,
    cal_ver: str | None = None,
    references: dict[str, str] | None = None,
    archived_at: datetime | None = None,
) -> dict[str, object]:
    rootname, _, filetype = name.partition("_")
    return {
        "filename": f"{name}.fits",
        "rootname": rootname,
        "filetype": filetype,
        "kind": "raw" if filetype.startswith("raw") else "calibrated",
        "path": f"/nowhere/{name}.fits",
        "size_bytes": 2880,
        "cal_ver": cal_ver,
        "reference_files": None if references is None else json.dumps(references),
        "archived_at": archived_at,
        "ingest_date": EARLY,
    }


def write(database: Database, *rows: dict[str, object]) -> None:
    with database.write() as writer:
        writer.upsert(tables.File, rows)


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ("3.3.9", "3.3.10"),
        ("3.3.9 (2020-01-01)", "3.3.10 (2019-01-01)"),
        ("2.18.5 (11-Jul-2017)", "2.18.6"),
        ("2.12 (2009-11-17 debug (0.05 limit on spec; use RMS)", "3.2.1 (2017-04-28)"),
        ("3.5.2(Aug-12-2020)", "3.7.2(Apr-15-2024)"),
        ("9.9", "10.0"),
        ("3.4", "3.4.0.1"),
        ("9.1", "9.1a"),
        ("HSTDP 2019_3", "HSTDP 2019_10"),
    ],
)
def test_versions_are_compared_as_numbers(older: str, newer: str) -> None:
    counts = compare_versions({older: 2, newer: 1})
    assert [(one.name, one.products, one.is_older) for one in counts] == [
        (newer, 1, False),
        (older, 2, True),
    ]


@pytest.mark.parametrize(
    "other", ["HSTDP 2019_3", "hstql 0.1", "SIMULATED 1", "TEST", "1.2rc1", ""]
)
def test_versions_of_another_kind_are_neither_older_nor_newer(other: str) -> None:
    counts = compare_versions({"3.3.10": 1, other: 5})
    assert not any(one.is_older for one in counts)
    assert {one.name for one in counts} == {"3.3.10", other}


def test_a_zero_at_the_end_and_the_date_are_no_difference() -> None:
    assert parse_version("3.4.0 (2020-01-01)") == parse_version("3.4") == parse_version("v3.4")
    assert parse_version("3.40") != parse_version("3.4")


def test_older_products_of_the_instrument_are_counted_and_no_others(database: Database) -> None:
    write(
        database,
        file_row("lone01aaq_x1d", "3.3.9"),
        file_row("lone01aaq_corrtag_a", "3.3.9"),
        file_row("lone02aaq_x1d", "3.3.10"),
        file_row("lone03aaq_rawtag_a", "2.0"),  # raw
        file_row("jone01aaq_flt", "10.3.5 (03-Feb-2022)"),
        file_row("lone04aaq_x1d"),
    )
    currency = read_currency(database, "cos")
    assert currency.older == 2
    assert not currency.is_current
    assert [one.name for one in currency.versions] == ["3.3.10", "3.3.9"]
    assert read_currency(database, "acs").is_current
    assert read_currency(database, "wfc3") == Currency()


def test_products_that_name_other_reference_files_than_the_newest_raw_header_are_counted(
    database: Database,
) -> None:
    flat, table = {"FLATFILE": "new_flat.fits"}, {"TDSTAB": "tds.fits"}
    write(
        database,
        # The newest raw header counts, as it came into the archive.
        file_row("lone01aaq_rawtag_a", references={"FLATFILE": "old_flat.fits"}, archived_at=EARLY),
        file_row("lone01aaq_rawtag_b", references=flat | table, archived_at=LATE),
        file_row("lone01aaq_x1d", references={"FLATFILE": "old_flat.fits", "TDSTAB": "other.fits"}),
        file_row("lone01aaq_corrtag_a", references={"FLATFILE": "old_flat.fits"} | table),
        file_row("lone01aaq_corrtag_b", references={"FLATFILE": "NEW_FLAT.fits"} | table),
        # A keyword that only one of them has is no other file.
        file_row("lone02aaq_rawtag_a", references=flat),
        file_row("lone02aaq_x1d", references=flat | table),
        file_row("lone03aaq_rawtag_a", references=flat | table),
        file_row("lone03aaq_x1d", references=table),
        # Nothing to compare with.
        file_row("lone04010_x1dsum", references=flat),
        file_row("lone05aaq_rawtag_a"),
        file_row("lone05aaq_x1d", references=flat),
    )
    currency = read_currency(database, "cos")
    assert currency.other_files == 2
    assert currency.by_keyword == {"FLATFILE": 2, "TDSTAB": 1}
    assert read_currency(database, "stis").other_files == 0


def test_the_check_is_yellow_and_has_the_counts_and_a_table(database: Database) -> None:
    assert check_currency(database, ASSET)[0].passed
    write(database, file_row("lone01aaq_x1d", "3.3.9"), file_row("lone02aaq_x1d", "3.3.10"),
          file_row("lone01aaq_rawtag_a", references={"FLATFILE": "b.fits"}),
          file_row("lone01aaq_flt_a", "3.3.10", {"FLATFILE": "a.fits"}))  # fmt: skip
    (result,) = check_currency(database, ASSET)
    assert not result.passed
    assert result.severity == dg.AssetCheckSeverity.WARN
    assert result.metadata["older_version"].value == 1
    assert result.metadata["other_reference_files"].value == 1
    assert result.metadata["by_keyword"].value == "- FLATFILE: 1"
    records = [record.data for record in result.metadata["versions"].value.records]  # type: ignore[union-attr]
    assert records == [
        {"version": "3.3.10", "products": 2, "is_older": False},
        {"version": "3.3.9", "products": 1, "is_older": True},
    ]
    (spec,) = describe_currency(ASSET)
    assert spec.name == CALIBRATION_IS_CURRENT == result.check_name


def test_the_check_takes_two_statements(database: Database) -> None:
    before = database.statements
    read_currency(database, "cos")
    assert database.statements - before == 2


def test_the_state_of_the_check_can_be_recorded_after_the_headers_were_read(
    database: Database,
) -> None:
    write(database, file_row("lone01aaq_x1d", "3.3.9"), file_row("lone02aaq_x1d", "3.3.10"))
    key = dg.AssetCheckKey(ASSET, CALIBRATION_IS_CURRENT)
    with dg.DagsterInstance.ephemeral() as instance:
        report_currency(instance, database, "cos")
        (record,) = instance.event_log_storage.get_asset_check_execution_history(key, limit=5)
        evaluation = record.event.asset_check_evaluation  # type: ignore[union-attr]
        assert evaluation is not None
        assert not evaluation.passed
        assert evaluation.severity == dg.AssetCheckSeverity.WARN
        assert evaluation.metadata["older_version"].value == 1
