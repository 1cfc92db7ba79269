"""Statistics of files: individual and composite, from the file to the row in the database."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import select

from builders.made_curves import VISITS_S, make_table, sinusoid, write_table
from hstql_assets.batching.outcomes import Outcome
from hstql_assets.batching.pictures import COLUMNS, Picture
from hstql_assets.batching.recording import record_batch
from hstql_assets.statistics.assets import OWNED, OWNED_OF_COMPOSITES
from hstql_assets.statistics.inputs import locate_measurable, locate_measurable_composites
from hstql_assets.statistics.measuring import (
    CompositeStatisticsTask,
    StatisticsTask,
    measure_composites,
    measure_lightcurve,
    measure_table,
    read_peak,
)
from hstql_assets.statistics.series import make_series
from hstql_resources.postgres.database import Database
from hstql_resources.tables import (
    Base,
    Composite,
    CompositeMember,
    Flare,
    Lightcurve,
    Statistics,
)
from hstql_resources.tables import Outcome as OutcomeRow

NOW = datetime(2026, 1, 1, tzinfo=UTC)
TARGET = "hz-43"
COMMON = {
    "bin_s": 2.0, "bins": 1, "gross_counts": 1, "exposure_s": 1.0, "is_flux_calibrated": True,
    "ingest_date": NOW,
}  # fmt: skip


def write_composite(folder: Path, grating: str, seed: int = 1, **options: object) -> Path:
    table = make_table(np.random.default_rng(seed), 50, bins=300, starts_s=VISITS_S, **options)
    path = folder / f"hlsp_hstlc_hst_cos-fuv_{TARGET}_{grating}_1291_psa_v1_sci.fits"
    return write_table(table, path, HLSPID="HSTLC")


def composite_row(path: Path, **changes: object) -> dict[str, object]:
    return {
        "target": TARGET, "instrument": "COS", "detector": "FUV", "opt_elem": path.name[28:33],
        "cenwave": 1291, "aperture": "PSA", "path": str(path), "filename": path.name,
        "exposures": 5, "is_background_subtracted": True, "exp_start_mjd": 58000.0,
        "exp_end_mjd": 58008.0, **COMMON, **changes,
    }  # fmt: skip


def add(database: Database, model: type[Base], *rows: dict[str, object]) -> None:
    with database.write() as writer:
        writer.upsert(model, rows)


def decided(asset: str, key: str, status: str, reason: str | None = None) -> dict[str, object]:
    return {"asset": asset, "key": key, "status": status, "reason": reason, "decided_at": NOW,
            "changed_at": NOW}  # fmt: skip


def measure_and_record(database: Database) -> Outcome:
    (task,) = locate_measurable_composites(database, [TARGET])
    outcome = measure_composites(task) if isinstance(task, CompositeStatisticsTask) else task
    record_batch(database, "composite_statistics", [outcome], OWNED_OF_COMPOSITES.tables)
    return outcome


def names(database: Database) -> list[str]:
    rows = database.read(select(Statistics.filename).order_by(Statistics.filename))
    return [row.filename for row in rows]


def test_a_composite_is_measured_as_one_series(tmp_path: Path) -> None:
    path = write_composite(tmp_path, "g130m", law=sinusoid(70, 0.3))
    outcome = measure_composites(CompositeStatisticsTask(TARGET, (StatisticsTask(TARGET, path),)))
    (row,) = outcome.rows["statistics"]
    assert (row["filename"], row["kind"], row["target"]) == (path.name, "composite", TARGET)
    assert row["rootname"] is None
    assert (row["bins"], row["gaps"]) == (1500, 4)
    assert (row["interesting"], row["periodogram"], row["is_periodic"]) == (True, True, True)
    assert row["best_period_s"] == pytest.approx(70, abs=0.01)
    assert row["excess_variance"] == pytest.approx(0.045, rel=0.2)
    assert row["is_variable"] is True
    assert row["period_label"] == "sinusoid"
    assert row["red_noise_probability"] < 1e-20
    assert row["variability_probability"] < 1e-100
    assert row["stdev_over_error"] == pytest.approx(1.8, abs=0.1)
    assert row["longest_period_s"] == pytest.approx(VISITS_S[-1] + 600, rel=0.01)
    assert row["deliver"] is True
    assert row["deliver_reason"] is None
    picture = outcome.metadata["picture"]
    assert isinstance(picture, Picture)
    assert len(picture.line) == COLUMNS
    assert "best period 70.0" in str(outcome.metadata[path.name])


def test_values_fit_the_table_and_are_plain_numbers(tmp_path: Path) -> None:
    path = write_composite(tmp_path, "g130m")
    outcome = measure_composites(CompositeStatisticsTask(TARGET, (StatisticsTask(TARGET, path),)))
    (row,) = outcome.rows["statistics"]
    assert set(row) == set(Statistics.__table__.columns.keys())
    assert {type(value).__module__ for value in row.values()} == {"builtins", "datetime"}


@pytest.mark.parametrize("net", [0.0, -0.25, np.nan])
def test_no_negative_or_unknown_counts_have_a_total_and_no_period(net: float) -> None:
    table = make_table(np.random.default_rng(1), 5, bins=100)
    changed = {**vars(table), "counts": table.counts * 0 + net * 2, "net": table.net * 0 + net}
    row = measure_table(StatisticsTask("x", table.path), type(table)(**changed)).row
    assert row["total"] == (0 if np.isnan(net) else int(200 * net))
    for name in ("mean", "poisson_factor", "interesting", "periodogram", "best_period_s",
                 "false_alarm_probability", "is_periodic", "excess_variance", "is_variable",
                 "variability_probability", "stdev_over_error"):  # fmt: skip
        assert row[name] is None, name
    assert row["deliver"] is False


@pytest.mark.parametrize("seed", range(60))
def test_odd_lightcurves_have_finite_numbers_or_none(seed: int) -> None:
    """A few bins, exposures at the same time, NaN, no errors, dead bins, in any mixture."""
    rng = np.random.default_rng(seed)
    starts_s = rng.choice([0.0, 10.0, 5730.0, 1e8, 3.3], rng.integers(1, 5))
    bins = int(rng.integers(0, 40))
    table = make_table(rng, rng.choice([0, 0.05, 30, 1e6]), bins=bins, starts_s=starts_s)
    shape = table.mjd.shape
    counts = table.counts - rng.choice([0.0, 0.5, 40.0])
    changed = {
        "counts": counts,
        "net": np.where(rng.random(shape) < 0.1, np.nan, counts / 2),
        "error": np.where(rng.random(shape) < 0.1, np.nan, table.error * rng.choice([0.0, 1.0])),
        "quality": rng.choice([0, 0, 0, 1, 2, 4], shape),
    }
    row = measure_table(
        StatisticsTask("x", table.path), type(table)(**{**vars(table), **changed})
    ).row
    numbers = [value for value in row.values() if isinstance(value, float)]
    assert np.isfinite(numbers).all()


def test_an_individual_lightcurve_is_no_target_of_composites(tmp_path: Path) -> None:
    table = make_table(np.random.default_rng(1), 5, bins=100)
    path = write_table(table, tmp_path / "lmade001q_curve.fits")
    outcome = measure_lightcurve(StatisticsTask("lmade001q", path, False))
    (row,) = outcome.rows["statistics"]
    assert (row["kind"], row["rootname"], row["target"]) == ("individual", "lmade001q", None)
    assert row["deliver_reason"] == "The background is not subtracted."


def test_a_composite_that_cannot_be_read_leaves_the_others(tmp_path: Path) -> None:
    good, bad = write_composite(tmp_path, "g130m"), write_composite(tmp_path, "g160m")
    bad.write_bytes(bad.read_bytes()[:9000])
    tasks = tuple(StatisticsTask(TARGET, path) for path in (good, bad))
    outcome = measure_composites(CompositeStatisticsTask(TARGET, tasks))
    assert outcome.status == "made"
    assert [row["filename"] for row in outcome.rows["statistics"]] == [good.name]
    assert [file.filename for file in outcome.bad_files] == [bad.name]
    alone = measure_composites(CompositeStatisticsTask(TARGET, tasks[1:]))
    assert alone.status == "bad"


def test_rows_of_a_target_are_replaced_and_those_of_others_stay(
    database: Database, tmp_path: Path
) -> None:
    first, second = write_composite(tmp_path, "g130m"), write_composite(tmp_path, "g160m")
    table = make_table(np.random.default_rng(1), 5, bins=100)
    single = write_table(table, tmp_path / "lmade001q_curve.fits")
    record_batch(
        database,
        "cos/lightcurve_statistics",
        [measure_lightcurve(StatisticsTask("lmade001q", single))],
        OWNED.tables,
    )
    add(database, OutcomeRow, decided("composites", TARGET, "made"))
    add(database, Composite, composite_row(first), composite_row(second))
    assert measure_and_record(database).status == "made"
    assert names(database) == sorted([first.name, second.name, single.name])
    with database.write() as writer:
        writer.delete(Composite, "filename", [second.name])
    measure_and_record(database)
    assert names(database) == sorted([first.name, single.name])
    with database.write() as writer:
        writer.delete(Composite, "filename", [first.name])
    assert measure_and_record(database).status == "none"
    assert names(database) == [single.name]


def test_what_members_lack_is_said_of_the_composite(database: Database, tmp_path: Path) -> None:
    path = write_composite(tmp_path, "g130m")
    add(database, OutcomeRow, decided("composites", TARGET, "made"))
    add(database, Composite, composite_row(path))
    for number, references in enumerate((None, "LFLTFILE=b", "LFLTFILE=b,PFLTFILE=a")):
        rootname = f"omade00{number}q"
        curve = {"rootname": rootname, "target": TARGET, "path": "x", **COMMON}
        add(database, Lightcurve, {**curve, "missing_references": references})
        member = {"target": TARGET, "rootname": rootname, "made_at": NOW}
        add(database, CompositeMember, {**member, "filename": path.name})
    (row,) = measure_and_record(database).rows["statistics"]
    assert row["deliver_reason"] == "Reference files were missing: LFLTFILE=b, PFLTFILE=a."


@pytest.mark.parametrize(
    ("status", "reason", "expected", "words"),
    [
        ("none", "No lightcurve is left.", "none", "There is no composite: No lightcurve is left."),
        ("missing", "A file is gone.", "missing", "There is no composite: A file is gone."),
        ("made", None, "none", "There is no composite."),
        (None, None, "waiting", "composites has not been made for hz-43"),
    ],
)
def test_a_target_without_composites_is_decided(
    database: Database, status: str | None, reason: str | None, expected: str, words: str
) -> None:
    if status is not None:
        add(database, OutcomeRow, decided("composites", TARGET, status, reason))
    outcome = measure_and_record(database)
    assert outcome.status == expected
    assert words in str(outcome.reason)


def test_what_the_database_knows_of_an_exposure_reaches_its_task(database: Database) -> None:
    for key, extra in (("omade001q", {"is_background_subtracted": False}),
                       ("omade002q", {"is_background_subtracted": True})):  # fmt: skip
        curve = {"rootname": key, "target": TARGET, "path": f"/{key}", **COMMON, **extra}
        add(database, Lightcurve, {**curve, "missing_references": "A=b,C=d"})
        add(database, OutcomeRow, decided("stis/lightcurves", key, "made"))
    tasks = locate_measurable(database, "stis", ["omade001q", "omade002q", "omade003q"])
    assert tasks[:2] == [
        StatisticsTask("omade001q", Path("/omade001q"), False, ("A=b", "C=d")),
        StatisticsTask("omade002q", Path("/omade002q"), True, ("A=b", "C=d")),
    ]
    assert isinstance(tasks[2], Outcome)
    assert tasks[2].is_upstream_unmade


def test_flares_of_an_exposure_are_rows_and_go_when_it_has_none(
    database: Database, tmp_path: Path
) -> None:
    rows = []
    for law in (lambda t: 1 + 9 * np.exp(-np.abs(t - 400) / 20), sinusoid(300, 0.0)):
        table = make_table(np.random.default_rng(2), 20, bins=500, law=law)
        path = write_table(table, tmp_path / "lmade001q_curve.fits")
        outcome = measure_lightcurve(StatisticsTask("lmade001q", path))
        record_batch(database, "cos/lightcurve_statistics", [outcome], OWNED.tables)
        rows.append(database.read(select(Flare.__table__)))
    ((flare,), _) = rows
    assert (flare.rootname, flare.number) == ("lmade001q", 1)
    assert flare.significance > 10
    assert rows[1] == []


@pytest.mark.parametrize("depth", [0.0, 0.5])
def test_the_best_period_is_known_from_the_row_of_just_these_bins(depth: float) -> None:
    law = sinusoid(40, depth)
    table, other = (make_table(np.random.default_rng(n), 60, bins=500, law=law) for n in (1, 2))
    measured = measure_table(StatisticsTask("lmade001q", table.path), table)
    assert measured.search is not None
    best, known = measured.search.best, read_peak(measured.row, table, make_series(table))
    assert known is not None
    assert replace(known, shape=None) == replace(best, shape=None)
    assert (known.label, known.is_periodic) == (best.label, depth > 0)
    assert read_peak(measured.row, other, make_series(other)) is None
    assert read_peak({**measured.row, "bins": 499}, table, make_series(table)) is None
    assert read_peak({**measured.row, "longest_period_s": 9.0}, table, make_series(table)) is None
    assert read_peak({"total": 7.0}, table, make_series(table)) is None
    assert read_peak(None, table, make_series(table)) is None
