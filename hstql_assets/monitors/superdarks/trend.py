"""Report the dark current and the hot pixels of all superdarks over time."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np

from hstql_assets.monitors.framework.chip_series import by_chip, draw_by_chip
from hstql_assets.monitors.framework.monitor import TrendContext
from hstql_assets.monitors.framework.report import Limit, Section, State, TrendReport, Verdict
from hstql_assets.monitors.framework.unused import UnusedMembers
from hstql_assets.monitors.superdarks.selection import load_selections
from hstql_assets.pages.charts import Mark
from hstql_resources.times import SECONDS_PER_DAY

SECONDS_PER_HOUR = SECONDS_PER_DAY / 24.0
# Ours: what the handbook expects of UVIS is 6 to 11 electrons/h, rising slowly (WFC3 Data Handbook
# 5.3); of a month before, a dark current does not differ by a third, nor do hot pixels.
MOST_CHANGE = 1.0 / 3.0
BEFORE_DAYS = 60.0

AS_GOOD = Limit(
    "version_as_good",
    "The newest version of each superdark is no worse than the one before: as many darks, and no "
    "more pixels without any.",
)
STEADY = Limit(
    "dark_current_steady",
    "The dark current of the newest superdark of each chip is within a third of the median of the "
    "60 days before.",
)
LIMITS = (AS_GOOD, STEADY)


@dataclass(frozen=True)
class DarkHistory:
    """The newest rows of `superdarks`; darks in them; why others are not."""

    rows: Sequence[Any]
    used: int
    unused: UnusedMembers


def summarize_darks(history: DarkHistory, _: TrendContext) -> TrendReport:
    """Return the report about all superdarks."""
    left, unused = history.unused.number, history.unused.list("Darks in no superdark", "darks")
    if not history.rows:
        nothing = f"There is no superdark yet; {left} darks are in none."
        return TrendReport(nothing, 0, sections=(unused,))
    rows = sorted(history.rows, key=lambda row: (*_setup_of(row), row.chip, row.first_mjd))
    series = [list(own) for _, own in groupby(rows, key=_setup_of)]
    verdicts = [verdict for own in series for verdict in _judge(own)]
    beyond = sum(verdict.state == "warning" for verdict in verdicts)
    files = len({row.filename for row in rows})
    return TrendReport(
        f"{files} superdarks of {history.used} darks; {beyond} of {len(verdicts)} limits are not "
        "kept.",
        history.used,
        max(row.last_mjd for row in rows),
        sections=(*(_make_section(own) for own in series), unused),
        verdicts=tuple(sorted(verdicts, key=lambda one: one.state != "warning")),
    )


def _setup_of(row: Any) -> tuple[str, str, int]:
    return row.detector, row.filetype, row.binning


def _judge(rows: Sequence[Any]) -> list[Verdict]:
    detector, filetype, binning = _setup_of(rows[0])
    found: list[Verdict] = []
    for chip, own in by_chip(rows).items():
        label = f"{detector} {filetype}, chip {chip}, binning {binning}"
        worse = [row for row in own if row.remark]
        sentence = " ".join(f"{row.set_key}: {row.remark}" for row in worse) or "None is worse."
        found.append(Verdict(AS_GOOD.name, label, "warning" if worse else "ok", sentence))
        found.append(_judge_current(label, own))
    return found


def _judge_current(label: str, rows: Sequence[Any]) -> Verdict:
    last = rows[-1]
    before = [
        row.median_dark
        for row in rows[:-1]
        if row.median_dark is not None and last.first_mjd - row.first_mjd <= BEFORE_DAYS
    ]
    if not before or last.median_dark is None:
        return Verdict(STEADY.name, label, None, f"{last.set_key}: there is none before it.")
    usual = float(np.median(before)) * SECONDS_PER_HOUR
    now = last.median_dark * SECONDS_PER_HOUR
    state: State = "ok" if abs(now - usual) <= MOST_CHANGE * abs(usual) else "warning"
    sentence = f"{last.set_key}: {now:.2f} electrons/h against {usual:.2f} before"
    return Verdict(STEADY.name, label, state, sentence)


def _make_section(rows: Sequence[Any]) -> Section:
    detector, filetype, binning = _setup_of(rows[0])
    title = f"{detector}, {filetype}" + (f", binning {binning}" if binning > 1 else "")
    name = f"{detector}_{filetype}_binning{binning}".lower()
    hot = load_selections()[detector].hot_e_per_s * SECONDS_PER_HOUR
    return Section(
        title,
        (
            draw_by_chip(
                f"{name}_current", f"Dark current of {title}",
                "median of pixels that are not hot (electrons/h)", rows, "median_dark",
                SECONDS_PER_HOUR,
            ),
            draw_by_chip(
                f"{name}_hot", f"Hot pixels of {title}", "hot pixels (% of the chip)", rows,
                "hot_fraction", 100.0,
            ),
            draw_by_chip(
                f"{name}_threshold", f"Lowest threshold of hot pixels of {title}",
                "far from the amplifier (electrons/h)", rows, "lowest_threshold",
                SECONDS_PER_HOUR, Mark(hot, "at the amplifier"),
            ),
        ),
        "By superdark, at its first dark.",
    )  # fmt: skip
