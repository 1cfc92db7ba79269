"""Measure lightcurve files: a worker's tasks, from files to rows of `statistics`."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from hstql_assets.batching.bad_data import BadData, bad_files, bad_outcome
from hstql_assets.batching.outcomes import Outcome
from hstql_assets.batching.pictures import Picture, draw_steps
from hstql_assets.lightcurves.table import CurveTable, read_curve_table
from hstql_assets.statistics.delivery import find_obstacle
from hstql_assets.statistics.dispersion import SIGNIFICANT, find_chance
from hstql_assets.statistics.flares import find_flares
from hstql_assets.statistics.measures import is_interesting, measure
from hstql_assets.statistics.periodogram import make_grid
from hstql_assets.statistics.periods import Peak, PeriodSearch, search_period
from hstql_assets.statistics.series import Series, make_series
from hstql_assets.statistics.three_grids import has_period
from hstql_assets.statistics.variance import compare_errors, count_gaps, measure_excess


@dataclass(frozen=True)
class StatisticsTask:
    """A lightcurve file, and what only the database knows about it.

    Attributes
    ----------
    key : str
        Partition key: the exposure, or the target of a composite.
    path : Path
        The file.
    is_background_subtracted : bool
        Of all exposures in it.
    missing_references : tuple of str
        Reference files that were not at hand for one of them.
    """

    key: str
    path: Path
    is_background_subtracted: bool = True
    missing_references: tuple[str, ...] = ()


@dataclass(frozen=True)
class CompositeStatisticsTask:
    """The composite files of one target."""

    key: str
    composites: tuple[StatisticsTask, ...]


@dataclass(frozen=True)
class Measured:
    """A row of `statistics`, without its owner, and the search for periods that is in it."""

    row: dict[str, object]
    search: PeriodSearch | None


def measure_lightcurve(task: StatisticsTask) -> Outcome:
    """Measure one lightcurve.

    Parameters
    ----------
    task : StatisticsTask

    Returns
    -------
    Outcome
        `made` with a row of `statistics` and those of `flares`; `bad` if the file cannot be read.
    """
    try:
        table = read_curve_table(task.path)
        measured = measure_table(task, table)
    except BadData as problem:
        return bad_outcome(task.key, [problem])
    flares = _flare_rows(task.key, table)
    row = {**measured.row, "kind": "individual", "rootname": task.key, "target": None}
    metadata = {
        "path": task.path,
        **_numbers(measured.row),
        "flares": len(flares),
        "picture": _draw(measured),
    }
    rows = {"statistics": [row], "flares": flares}
    return Outcome(task.key, "made", rows=rows, metadata=metadata)


def measure_composites(task: CompositeStatisticsTask) -> Outcome:
    """Measure the composites of one target.

    Parameters
    ----------
    task : CompositeStatisticsTask

    Returns
    -------
    Outcome
        `made` with a row of `statistics` for each that can be read, `bad` if none can; the others
        are named.
    """
    measured, problems = [], []
    for composite in task.composites:
        try:
            measured.append(measure_table(composite, read_curve_table(composite.path)))
        except BadData as problem:
            problems.append(problem)
    if not measured:
        return bad_outcome(task.key, problems)
    owner = {"kind": "composite", "rootname": None, "target": task.key}
    clearest = min(measured, key=_chance)
    metadata: dict[str, object] = {"composites": len(measured)}
    for item in measured:
        metadata[str(item.row["filename"])] = _sentence(item.row)
    return Outcome(
        task.key,
        "made",
        rows={"statistics": [{**item.row, **owner} for item in measured]},
        bad_files=bad_files(problems),
        metadata={**metadata, "picture": _draw(clearest)},
    )


def measure_table(task: StatisticsTask, table: CurveTable) -> Measured:
    """Measure a lightcurve that was read.

    `total` is over all bins. The other numbers are over the bins that were live throughout: one
    that was live for a part of its time has fewer counts for no reason of the source.

    Parameters
    ----------
    task : StatisticsTask
        What the database knows about it.
    table : CurveTable
        The lightcurve.
    """
    full = table.is_full
    counts = table.counts[full]
    total = float(np.nansum(table.counts))
    statistics = measure(counts, table.mjd[full])
    series = make_series(table)
    has_light = statistics.mean is not None
    search = search_period(series) if has_light else None
    excess = measure_excess(counts, table.error[full]) if has_light else None
    chance = find_chance(table) if has_light else None
    obstacle = find_obstacle(
        is_simulated=table.is_simulated,
        is_flux_calibrated=table.is_flux_calibrated,
        is_background_subtracted=task.is_background_subtracted,
        missing_references=task.missing_references,
        bins=len(series.times_s),
        counts=total,
        counts_error=float(np.sqrt(np.nansum(table.error**2))),
    )
    row = {
        "filename": table.path.name,
        **asdict(replace(statistics, total=int(total))),
        "bins": len(series.times_s),
        "gaps": count_gaps(series.times_s, table.bin_s),
        "interesting": is_interesting(statistics),
        "excess_variance": excess and excess.variance,
        "excess_variance_error": excess and excess.error,
        "stdev_over_error": compare_errors(counts, table.error[full]) if has_light else None,
        "variability_probability": chance,
        "is_variable": None if chance is None else chance < SIGNIFICANT,
        **_period_columns(series if has_light else None, search),
        "deliver": obstacle is None,
        "deliver_reason": obstacle,
        "ingest_date": datetime.now(UTC),
    }
    return Measured(row, search)


def _flare_rows(rootname: str, table: CurveTable) -> list[dict[str, object]]:
    """Return the rows of `flares` of an exposure."""
    now, rows = datetime.now(UTC), []
    for number, flare in enumerate(find_flares(table), 1):
        values = asdict(flare)
        del values["dataset"]
        rows.append({"rootname": rootname, "number": number, **values, "ingest_date": now})
    return rows


def _chance(measured: Measured) -> float:
    """Return the false alarm probability, for sorting; more than 1 where none was searched for."""
    return 2.0 if measured.search is None else measured.search.best.false_alarm_probability


def _period_columns(series: Series | None, search: PeriodSearch | None) -> dict[str, object]:
    peak = search and search.best
    return {
        "periodogram": None if series is None else has_period(series.times_s, series.rates),
        "shortest_period_s": search and 1 / search.grid.highest_hz,
        "longest_period_s": search and 1 / search.grid.lowest_hz,
        "best_period_s": peak and peak.period_s,
        "best_period_error_s": peak and peak.error_s,
        "best_period_power": peak and peak.power,
        "false_alarm_probability": peak and peak.false_alarm_probability,
        "red_noise_probability": peak and peak.noise_probability,
        "period_label": peak and peak.label,
        "period_note": peak and peak.note,
        "is_periodic": peak and peak.is_periodic,
    }


def read_peak(row: Mapping[str, Any] | None, table: CurveTable, series: Series) -> Peak | None:
    """Return the best period of a row of `statistics`; None if it is not of just these bins."""
    if not row or row.get("best_period_s") is None or len(series.times_s) != row["bins"]:
        return None
    grid = make_grid(series)
    ends_s = 1 / grid.highest_hz, 1 / grid.lowest_hz
    if ends_s != (row["shortest_period_s"], row["longest_period_s"]):
        return None
    if int(np.nansum(table.counts)) != row["total"]:
        return None
    return Peak(
        row["best_period_s"],
        row["best_period_error_s"],
        row["best_period_power"],
        row["false_alarm_probability"],
        row["period_note"],
        row["red_noise_probability"],
        row["period_label"] if row["is_periodic"] else None,
    )


def _numbers(row: dict[str, object]) -> dict[str, object]:
    """Return what the user interface shows of a row: all that has a value."""
    hidden = {"filename", "ingest_date"}
    return {k: value for k, value in row.items() if value is not None and k not in hidden}


def _sentence(row: dict[str, object]) -> str:
    """Describe one composite in one line."""
    parts = [f"{row['bins']} bins", f"{row['gaps']} gaps", f"{row['total']} counts"]
    if row["poisson_factor"] is not None:
        parts.append(f"Poisson factor {row['poisson_factor']:.3f}")
    if row["is_variable"]:
        parts.append(f"variable (by chance {row['variability_probability']:.2g})")
    if row["best_period_s"] is not None:
        note = "".join(f", {row[name]}" for name in ("period_note", "period_label") if row[name])
        chance = f"false alarm probability {row['false_alarm_probability']:.2g}"
        parts.append(f"best period {row['best_period_s']:.6g} s ({chance}{note})")
    return ", ".join(parts)


def _draw(measured: Measured) -> Picture:
    search = measured.search
    if search is None:
        return draw_steps(np.zeros(0), "no periodogram: too few bins, or no counts")
    return draw_steps(
        search.power,
        f"power of the periodogram of {measured.row['filename']}, from zero, against frequency "
        f"from {search.grid.lowest_hz:.2g} to {search.grid.highest_hz:.2g} Hz",
        np.max,
    )
