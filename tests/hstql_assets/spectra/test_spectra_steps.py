"""The steps of spectra and pulse heights as batches, from rows of `files` to rows of their own."""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import select

from builders.spectrum_files import write_corrtag, write_cos_x1d
from hstql_assets.batching.batches import decide_batch
from hstql_assets.batching.outcomes import Outcome
from hstql_assets.batching.ownership import OwnedTable
from hstql_assets.batching.recording import record_batch
from hstql_assets.spectra.assets import PULSES_OWNED, SPECTRA_OWNED
from hstql_assets.spectra.counting import count_events
from hstql_assets.spectra.inputs import locate_corrtags, locate_spectra
from hstql_assets.spectra.measuring import measure_spectra
from hstql_resources import tables
from hstql_resources.filenames import parse_filename
from hstql_resources.postgres.database import Database

KEY, OTHER = "lstp01aaq", "lstp01010"
NOW = datetime(2026, 5, 1, tzinfo=UTC)
FLUX = np.arange(8.0).reshape(2, 4)


@pytest.fixture
def workers() -> Executor:
    return ThreadPoolExecutor(2)


def add_files(database: Database, *paths: Path) -> None:
    """Make it known that retrieval brought in these files."""
    rows = [
        {
            "filename": parsed.name,
            "rootname": parsed.rootname,
            "filetype": parsed.filetype,
            "kind": parsed.kind,
            "path": str(path),
            "size_bytes": 1,
            "ingest_date": NOW,
        }
        for path in paths
        if (parsed := parse_filename(path.name))
    ]
    with database.write() as writer:
        writer.upsert(tables.File, rows)


def decide_before(database: Database, keys: Sequence[str], retrieved: str = "made") -> None:
    """Make it known what the steps before decided."""
    steps = {"cos/header_tables": "made", "cos/calibrated_files": retrieved}
    rows = [
        {
            "asset": asset,
            "key": key,
            "status": status,
            "reason": f"{asset}.",
            "decided_at": NOW,
            "changed_at": NOW,
        }
        for asset, status in steps.items()
        for key in keys
    ]
    with database.write() as writer:
        writer.upsert(tables.Outcome, rows)


def run(
    database: Database,
    workers: Executor,
    keys: Sequence[str],
    name: str = "spectrum_statistics",
) -> dict[str, Outcome]:
    tasks: list = (
        locate_spectra(database, "cos", keys)
        if name == "spectrum_statistics"
        else locate_corrtags(database, keys)
    )
    decide: Callable[..., Outcome]
    owned: list[OwnedTable]
    decide, owned = (
        (measure_spectra, SPECTRA_OWNED.tables)
        if name == "spectrum_statistics"
        else (count_events, PULSES_OWNED.tables)
    )
    outcomes = decide_batch(workers, decide, tasks, lambda _: None)
    record_batch(database, f"cos/{name}", outcomes, owned)
    return {outcome.key: outcome for outcome in outcomes}


def names(database: Database, model: type[tables.Base]) -> list[str]:
    return sorted(row.filename for row in database.read(select(model.filename)))


def test_every_file_of_a_batch_has_its_row(
    database: Database, workers: Executor, tmp_path: Path
) -> None:
    paths = [
        write_cos_x1d(tmp_path / name, FLUX)
        for name in (f"{KEY}_x1d.fits", f"{OTHER}_x1dsum.fits", f"{OTHER}_x1dsum2.fits")
    ]
    add_files(database, *paths, tmp_path / f"{KEY}_flt_a.fits", tmp_path / f"{KEY}_spt.fits")
    decide_before(database, [KEY, OTHER])
    outcomes = run(database, workers, [KEY, OTHER])
    assert {outcome.status for outcome in outcomes.values()} == {"made"}
    assert names(database, tables.SpectrumStatistics) == sorted(path.name for path in paths)
    table = tables.SpectrumStatistics
    (row,) = database.read(select(table.flux_mean, table.filetype).where(table.rootname == KEY))
    assert tuple(row) == (3.5, "x1d")


def test_a_row_goes_with_its_file_and_a_missing_file_proves_nothing(
    database: Database, workers: Executor, tmp_path: Path
) -> None:
    first, second = (
        write_cos_x1d(tmp_path / f"{OTHER}_{name}.fits", FLUX) for name in ("x1dsum1", "x1dsum2")
    )
    add_files(database, first, second)
    decide_before(database, [OTHER])
    run(database, workers, [OTHER])
    second.rename(tmp_path / "away")
    assert run(database, workers, [OTHER])[OTHER].status == "missing"
    assert names(database, tables.SpectrumStatistics) == [first.name, second.name]
    with database.write() as writer:
        writer.delete(tables.File, "filename", [second.name])
    assert run(database, workers, [OTHER])[OTHER].status == "made"
    assert names(database, tables.SpectrumStatistics) == [first.name]


def test_a_file_that_went_bad_loses_its_row_and_is_named(
    database: Database, workers: Executor, tmp_path: Path
) -> None:
    path = write_cos_x1d(tmp_path / f"{KEY}_x1d.fits", FLUX)
    add_files(database, path)
    decide_before(database, [KEY])
    run(database, workers, [KEY])
    path.write_text("<html>")
    assert run(database, workers, [KEY])[KEY].status == "bad"
    assert names(database, tables.SpectrumStatistics) == []
    (bad,) = database.read(select(tables.BadData.filename, tables.BadData.step))
    assert tuple(bad) == (path.name, "cos/spectrum_statistics")
    path.unlink()
    write_cos_x1d(path, FLUX)
    assert run(database, workers, [KEY])[KEY].status == "made"
    assert names(database, tables.BadData) == []


def test_running_again_changes_the_date_only(
    database: Database, workers: Executor, tmp_path: Path
) -> None:
    add_files(
        database, write_corrtag(tmp_path / f"{KEY}_corrtag_a.fits", np.arange(32, dtype="u1"))
    )
    decide_before(database, [KEY])

    def read() -> tuple[dict[str, object], datetime]:
        run(database, workers, [KEY], "pulse_heights")
        (row,) = database.read(select(*tables.PulseHeights.__table__.c))
        values = dict(row._mapping)
        return values, values.pop("ingest_date")

    (before, first), (after, second) = read(), read()
    assert before == after
    assert first < second


def test_without_files_there_is_nothing_to_make_unless_they_could_not_be_had(
    database: Database, workers: Executor
) -> None:
    decide_before(database, [KEY])
    decide_before(database, [OTHER], retrieved="missing")
    for name in ("spectrum_statistics", "pulse_heights"):
        outcomes = run(database, workers, [KEY, OTHER], name)
        assert (outcomes[KEY].status, outcomes[OTHER].status) == ("none", "missing")
        assert KEY in str(outcomes[KEY].reason)
        assert outcomes[OTHER].reason == "cos/calibrated_files."


def test_a_key_whose_headers_were_not_read_says_what_to_do(
    database: Database, workers: Executor
) -> None:
    outcome = run(database, workers, [KEY])[KEY]
    assert outcome.is_upstream_unmade
    assert "cos/header_tables" in str(outcome.reason)


def test_a_batch_of_two_costs_as_many_statements_as_one_of_one(
    database: Database, workers: Executor, tmp_path: Path
) -> None:
    add_files(
        database,
        *(write_cos_x1d(tmp_path / f"{key}_x1d.fits", FLUX) for key in (KEY, OTHER)),
    )
    decide_before(database, [KEY, OTHER])

    def count(*keys: str) -> int:
        before = database.statements
        run(database, workers, keys)
        return database.statements - before

    assert count(KEY, OTHER) == count(KEY)
