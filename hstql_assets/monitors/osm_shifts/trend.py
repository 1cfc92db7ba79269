"""Report all flashes of the optics select mechanisms."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime

import numpy as np

from hstql_assets.batching.outcomes import Rows
from hstql_assets.monitors.framework.monitor import TrendContext
from hstql_assets.monitors.framework.report import Section, TrendReport
from hstql_assets.monitors.osm_shifts.difference_charts import chart_differences
from hstql_assets.monitors.osm_shifts.differences import DIRECTIONS, Differences, find_differences
from hstql_assets.monitors.osm_shifts.drift_charts import chart_law, chart_rates
from hstql_assets.monitors.osm_shifts.drift_law import GRATING_ON, DriftLaw, fit_drift
from hstql_assets.monitors.osm_shifts.drift_samples import DriftSamples, find_samples
from hstql_assets.monitors.osm_shifts.flash_table import FlashTable
from hstql_assets.monitors.osm_shifts.limits import judge_all
from hstql_assets.monitors.osm_shifts.moves import (
    History,
    SinceMove,
    bound_moves,
    combine_moves,
)
from hstql_assets.monitors.osm_shifts.page_tables import (
    list_changes,
    list_laws,
    list_outliers,
    list_unfound,
)
from hstql_assets.monitors.osm_shifts.settings import list_gratings
from hstql_assets.monitors.osm_shifts.shift_charts import (
    chart_gratings,
    chart_mirrors,
    chart_relation,
)
from hstql_assets.monitors.osm_shifts.sms import Moves, Schedule, merge_moves, read_reports
from hstql_resources.times import latest_of, word_time

DETECTORS = ("FUV", "NUV")
# Mechanisms that move for the gratings of a detector, and are drawn.
MECHANISMS_OF = {"FUV": ("OSM1",), "NUV": ("OSM1", "OSM2")}

Laws = dict[str, dict[str, DriftLaw]]


def summarize(history: History, context: TrendContext) -> TrendReport:
    """Draw and judge all shifts.

    The setting `sms` may name a folder with reports of the schedule. All rows of `sms_exposures`
    are in the report: those of reports that are gone, too.
    """
    schedule = _read_schedule(context)
    known = merge_moves(map(Moves.of, history.stored), schedule)
    rows: Rows = {"sms_exposures": _list_rows(history.stored, known)}
    table = history.flashes
    if not len(table):
        return TrendReport(
            "There are no shifts yet: no lampflash file and no acquisition with a lamp.",
            exposures=0,
            rows=rows,
        )
    latest = latest_of(table.start_mjd)
    moves = combine_moves(sorted(set(table.rootname)), known, bound_moves(history.taken))
    samples = {detector: find_samples(table, detector, moves) for detector in DETECTORS}
    laws = {detector: _fit_laws(samples[detector], detector) for detector in DETECTORS}
    differences = [
        one
        for detector in DETECTORS
        for direction in DIRECTIONS
        for one in find_differences(table, detector, direction)
    ]
    return TrendReport(
        summary=_tell(table, differences, laws, latest),
        exposures=table.exposures,
        newest_mjd=latest,
        sections=tuple(_make_sections(table, differences, samples, laws, latest)),
        verdicts=tuple(judge_all(table, differences, latest)),
        rows=rows,
        metadata=_state_metadata(table, moves, schedule),
    )


def _read_schedule(context: TrendContext) -> Schedule:
    folder = context.settings.sms
    if folder is None:
        return Schedule({}, (), ())
    if not folder.is_dir():
        return Schedule({}, (), (f"{folder} is no folder",))
    return read_reports(folder)


def _list_rows(
    stored: Sequence[dict[str, object]], moves: Mapping[str, Moves]
) -> list[dict[str, object]]:
    """Return all rows; one that says the same as before keeps the time when it was read."""
    now = datetime.now(UTC)
    read_at = {Moves.of(row): row["read_at"] for row in stored}
    return [{**asdict(one), "read_at": read_at.get(one, now)} for _, one in sorted(moves.items())]


def _fit_laws(samples: DriftSamples, detector: str) -> dict[str, DriftLaw]:
    found = {}
    for grating in list_gratings(samples.flashes, detector):
        own = samples.where(samples.flashes.is_value("opt_elem", grating))
        law = fit_drift(own, GRATING_ON[detector], "disp")
        if law is not None:
            found[grating] = law
    return found


def _make_sections(
    table: FlashTable,
    differences: Sequence[Differences],
    samples: Mapping[str, DriftSamples],
    laws: Laws,
    latest: float | None,
) -> list[Section]:
    firsts = {detector: table.first_flashes(detector) for detector in DETECTORS}
    sections = [
        Section(f"{detector} shifts {where} the dispersion", charts=tuple(charts))
        for detector in DETECTORS
        for where, column in (("along", "without_fppos"), ("across", "xdisp"))
        if (charts := chart_gratings(firsts[detector], detector, column, latest))
    ]
    used = [one for one in DETECTORS if len(firsts[one])]
    drawn = [one for one in differences if len(one.values)]
    return [
        list_changes(firsts),
        *sections,
        Section(
            "Both directions against each other",
            tuple(chart_relation(firsts[one], one, latest) for one in used),
        ),
        Section(
            "Differences between segments and stripes",
            tuple(chart_differences(one, latest) for one in drawn),
            note="The mechanisms move all of them alike, so that a difference is a wrong shift.",
        ),
        *(list_outliers(differences, one) for one in used),
        _section_drift(samples, laws, latest),
        list_laws(laws),
        _section_mirrors(table, latest),
        list_unfound(table),
    ]


def _section_mirrors(table: FlashTable, latest: float | None) -> Section:
    if not table.is_value("filetype", "rawacq").any():
        return Section("Mirrors", note="There is no acquisition image with a lamp yet.")
    return Section(
        "Mirrors",
        tuple(chart_mirrors(table, column, latest) for column in ("disp", "xdisp")),
        note="Acquisition images; nothing else is taken with the mirrors.",
    )


def _section_drift(
    samples: Mapping[str, DriftSamples], laws: Laws, latest: float | None
) -> Section:
    charts = []
    for detector in DETECTORS:
        if laws[detector]:
            charts.append(chart_law(samples[detector], laws[detector], detector, latest))
        if len(samples[detector].flashes):
            charts += [
                chart_rates(samples[detector], detector, mechanism, direction, latest)
                for mechanism in MECHANISMS_OF[detector]
                for direction in DIRECTIONS
            ]
    return Section("Drift after a move", tuple(charts))


def _tell(
    table: FlashTable, differences: Sequence[Differences], laws: Laws, latest: float | None
) -> str:
    counts = ", ".join(f"{table.of_lamp(one).exposures} of {one}" for one in DETECTORS)
    mirrors = table.where(table.is_value("filetype", "rawacq")).exposures
    odd = sum(
        one.flashes.where(one.is_outlier).exposures
        for one in differences
        if one.first.startswith("FUV")
    )
    sentence = (
        f"{table.exposures} exposures until {word_time(latest)} UTC: lamps in {counts}, {mirrors} "
        f"acquisitions; FUVA and FUVB disagree {odd} times."
    )
    for own in laws.values():
        for grating, law in own.items():
            sentence += (
                f" {grating} drifts by {law.drift:+.2f} px with a time constant of "
                f"{law.time_s:.0f} s."
            )
    return sentence


def _state_metadata(
    table: FlashTable, moves: Mapping[str, SinceMove], schedule: Schedule
) -> dict[str, object]:
    scheduled = sum(not one.is_bound for one in moves.values())
    lamps = table.is_value("filetype", "lampflash")
    metadata: dict[str, object] = {
        "flashes of a segment": int(np.count_nonzero(lamps)),
        "without a lamp": int(np.count_nonzero(lamps & ~table.is_found)),
        "without LAMPTAB": int(np.count_nonzero(lamps & ~np.isfinite(table.without_fppos))),
        "without a time": table.where(~np.isfinite(table.start_mjd)).exposures,
        "time since move from the schedule": scheduled,
        "time since move at most, from exposures": len(moves) - scheduled,
        "time since move unknown": table.exposures - len(moves),
        "reports of the schedule": len(schedule.reports),
    }
    if schedule.complaints:
        metadata["reports that cannot be read"] = "; ".join(schedule.complaints)
    return metadata
