"""Report the gain of each amplifier over time, and by level in the newest epoch."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Any

import numpy as np

from hstql_assets.monitors.flat_gains.selection import FlatSelection, load_selections
from hstql_assets.monitors.framework.monitor import TrendContext
from hstql_assets.monitors.framework.report import Limit, Section, State, TrendReport, Verdict
from hstql_assets.monitors.framework.unused import UnusedMembers
from hstql_assets.pages.charts import Axis, Chart, Mark, Points

AS_EXPECTED = Limit(
    "gain_as_expected",
    "The latest gain of each amplifier is within its tolerance of what the handbook says, or "
    "within five errors of that.",
)
LIMITS = (AS_EXPECTED,)
SIGMAS = 5.0
COUPLED = "IR"  # whose pixels share charge


@dataclass(frozen=True)
class FlatHistory:
    """All that was measured of flats: rows of `flat_gains`, `flat_levels`, and of unused flats.

    Attributes
    ----------
    gains, levels : sequence of rows
        By detector, binning, gain setting, amplifier and time.
    unused : UnusedMembers
        Why flats were not used.
    """

    gains: Sequence[Any]
    levels: Sequence[Any]
    unused: UnusedMembers


def summarize_flats(history: FlatHistory, _: TrendContext) -> TrendReport:
    """Return the report about all gains from flats."""
    left, unused = history.unused.number, history.unused.list("Flats in no pair", "flats")
    if not history.gains:
        nothing = f"There is no pair of flats yet; {left} flats are in none."
        return TrendReport(nothing, 0, sections=(unused,))
    newest = max(row.mjd for row in history.gains)
    series = [list(own) for _, own in groupby(history.gains, key=_setup_of)]
    verdicts = [verdict for own in series for verdict in _judge(own)]
    beyond = sum(verdict.state == "warning" for verdict in verdicts)
    exposures = 2 * len({row.rootname for row in history.levels})
    return TrendReport(
        f"{exposures} flats in pairs, {left} in none; {beyond} of {len(verdicts)} gains are not as "
        "expected.",
        exposures,
        newest,
        sections=(
            *(_make_section(own, history.levels) for own in series),
            unused,
        ),
        verdicts=tuple(sorted(verdicts, key=lambda one: one.state != "warning")),
    )


def best_gain(row: Any) -> tuple[float | None, float | None]:
    """Return the gain of a row and its error: of IR that with what neighbours share."""
    if row.detector == COUPLED:
        return row.uncoupled_gain, row.uncoupled_gain_error
    return row.gain, row.gain_error


def _setup_of(row: Any) -> tuple[str, int, float]:
    return row.detector, row.binning, row.gain_setting


def _by_amplifier(rows: Sequence[Any], order: str) -> dict[str, list[Any]]:
    """Return the rows of each amplifier by one of their columns."""
    names = sorted({row.amplifier for row in rows})
    key = attrgetter(order)
    return {name: sorted((row for row in rows if row.amplifier == name), key=key) for name in names}


def _judge(rows: Sequence[Any]) -> list[Verdict]:
    """Judge the latest gain of each amplifier of a set-up."""
    selection = load_selections()[rows[0].detector]
    return [
        _judge_latest(own[-1], selection, selection.expected_e.get(name))
        for name, own in _by_amplifier(rows, "mjd").items()
    ]


def _judge_latest(row: Any, selection: FlatSelection, expected: float | None) -> Verdict:
    label = f"{row.detector} {row.amplifier}, binning {row.binning}, CCDGAIN {row.gain_setting:g}"
    gain, error = best_gain(row)
    is_usual = row.gain_setting == selection.gain_setting
    if gain is None or error is None or expected is None or not is_usual:
        why = row.reason or "nothing is expected of this amplifier and CCDGAIN"
        return Verdict(AS_EXPECTED.name, label, None, f"{row.set_key}: {why}")
    allowed = max(selection.tolerance * expected, SIGMAS * error)
    state: State = "ok" if abs(gain - expected) <= allowed else "warning"
    sentence = (
        f"{row.set_key}: {gain:.4f} ± {error:.4f} against {expected:g}, {allowed:.2g} allowed "
        "(electrons/count)"
    )
    return Verdict(AS_EXPECTED.name, label, state, sentence)


def _make_section(rows: Sequence[Any], levels: Sequence[Any]) -> Section:
    detector, binning, gain_setting = _setup_of(rows[0])
    name = f"{detector.lower()}_binning{binning}_gain{gain_setting:g}"
    title = f"{detector}, binning {binning}, CCDGAIN {gain_setting:g}"
    last = max(rows, key=lambda row: row.mjd)
    own = [
        level
        for level in levels
        if (level.set_key, level.epoch) == (last.set_key, last.epoch)
        and (level.binning, level.gain_setting) == (binning, gain_setting)
    ]
    note = ""
    if detector == COUPLED:
        note = "Over time from the variance with what neighbours share, by level without."
    charts = [_draw_gains(name, title, rows)]
    charts += [_draw_levels(name, title, rows, own)] if own else []
    return Section(title, tuple(charts), note)


def _draw_gains(name: str, title: str, rows: Sequence[Any]) -> Chart:
    points = []
    for amplifier, own in _by_amplifier(rows, "mjd").items():
        found = [(row.mjd, *best_gain(row)) for row in own]
        values = np.array(found, dtype=float).reshape(-1, 3)
        points.append(
            Points(values[:, 0], values[:, 1], amplifier, errors=values[:, 2])
        )  # fmt: skip
    selection = load_selections()[rows[0].detector]
    is_usual = rows[0].gain_setting == selection.gain_setting
    expected = selection.expected_e if is_usual else {}
    marks = tuple(
        Mark(value, f"{amplifier}: handbook") for amplifier, value in sorted(expected.items())
    )
    return Chart(
        f"{name}_gain",
        f"Gain of {title}",
        Axis("mean start of the flats, MJD (UTC)", "mjd"),
        Axis("gain (electrons/count)"),
        (*points, *marks),
    )


def _draw_levels(name: str, title: str, rows: Sequence[Any], levels: Sequence[Any]) -> Chart:
    """Draw the gain that each level of the newest epoch has, with the noise of the line taken off.

    Of a detector that obeys the line it is the same at all levels.
    """
    layers: list[Points] = []
    for amplifier, own in _by_amplifier(levels, "mean").items():
        noise = _find_noise(rows, own[0])
        above = [level for level in own if level.variance > noise]
        mean = np.array([level.mean for level in above])
        variance = np.array([level.variance for level in above]) - noise
        errors = np.array([level.variance_error for level in above])
        names = tuple(level.rootname for level in above)
        gain = mean / variance
        layers.append(Points(mean, gain, amplifier, gain * errors / variance, names))
    return Chart(
        f"{name}_levels",
        f"Gain by level of {title}, newest epoch",
        Axis("mean (counts)", "log"),
        Axis("mean over variance (electrons/count)"),
        tuple(layers),
    )


def _find_noise(rows: Sequence[Any], level: Any) -> float:
    """Return the variance without light of the fit that a level is in, counts squared."""
    wanted = level.set_key, level.epoch, level.amplifier
    for row in rows:
        if (row.set_key, row.epoch, row.amplifier) == wanted and row.gain and row.read_noise:
            return float((row.read_noise / row.gain) ** 2)
    return 0.0
