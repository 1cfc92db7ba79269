"""Report how many pixels are hot, warm, unstable and dead over time."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np

from hstql_assets.monitors.framework.chip_series import by_chip, draw_by_chip
from hstql_assets.monitors.framework.monitor import TrendContext
from hstql_assets.monitors.framework.report import Limit, Section, State, TrendReport, Verdict

# Ours: new hot pixels come at a steady rate, and an anneal heals a part of them; no kind of bad
# pixel becomes half as many again within two months, unless the detector or the darks changed.
MOST_GROWTH = 1.5
BEFORE_DAYS = 60.0
FEW = 100  # pixels of a kind, which chance alone may double

AS_GOOD = Limit(
    "bad_pixel_table_as_good",
    "The newest version of each table is no worse than the one before: as many darks, no more "
    "pixels without any, and dead pixels told as before.",
)
STEADY = Limit(
    "bad_pixels_steady",
    "The newest table of each chip has less than 1.5 times the hot, warm, unstable and dead pixels "
    "of the median of the 60 days before.",
)
LIMITS = (AS_GOOD, STEADY)
KINDS = {
    "hot": "hot_pixels",
    "warm": "warm_pixels",
    "unstable": "unstable_pixels",
    "dead": "dead_pixels",
}


@dataclass(frozen=True)
class TableHistory:
    """The newest rows of `bad_pixel_tables`; darks in them; windows without a table by detector."""

    rows: Sequence[Any]
    used: int
    without: Sequence[tuple[str, int]]


def summarize_tables(history: TableHistory, _: TrendContext) -> TrendReport:
    """Return the report about all bad pixel tables."""
    left = sum(number for _, number in history.without)
    if not history.rows:
        return TrendReport(f"There is no bad pixel table yet; {left} windows have none.", 0)
    rows = sorted(history.rows, key=lambda row: (*_setup_of(row), row.chip, row.first_mjd))
    series = [list(own) for _, own in groupby(rows, key=_setup_of)]
    verdicts = [verdict for own in series for verdict in _judge(own)]
    beyond = sum(verdict.state == "warning" for verdict in verdicts)
    files = len({row.filename for row in rows})
    return TrendReport(
        f"{files} bad pixel tables of {history.used} darks; {beyond} of {len(verdicts)} limits "
        "are not kept.",
        history.used,
        max(row.last_mjd for row in rows),
        sections=(*(_make_section(own) for own in series), _list_newest(series),
                  _list_without(history.without)),
        verdicts=tuple(sorted(verdicts, key=lambda one: one.state != "warning")),
    )  # fmt: skip


def _setup_of(row: Any) -> tuple[str, int]:
    return row.detector, row.binning


def _judge(rows: Sequence[Any]) -> list[Verdict]:
    detector, binning = _setup_of(rows[0])
    found: list[Verdict] = []
    for chip, own in by_chip(rows).items():
        label = f"{detector}, chip {chip}, binning {binning}"
        worse = [row for row in own if row.remark]
        sentence = " ".join(f"{row.set_key}: {row.remark}" for row in worse) or "None is worse."
        found.append(Verdict(AS_GOOD.name, label, "warning" if worse else "ok", sentence))
        found += [_judge_growth(label, own, kind, KINDS[kind]) for kind in KINDS]
    return found


def _judge_growth(label: str, rows: Sequence[Any], kind: str, column: str) -> Verdict:
    last, name = rows[-1], f"{label}, {kind}"
    before = [
        getattr(row, column)
        for row in rows[:-1]
        if getattr(row, column) is not None and last.first_mjd - row.first_mjd <= BEFORE_DAYS
    ]
    now = getattr(last, column)
    if now is None:
        return Verdict(STEADY.name, name, None, f"{last.set_key}: nothing told {kind} pixels.")
    if not before:
        return Verdict(STEADY.name, name, None, f"{last.set_key}: there is none before it.")
    usual = float(np.median(before))
    state: State = "warning" if now > max(MOST_GROWTH * usual, FEW) else "ok"
    return Verdict(
        STEADY.name, name, state, f"{last.set_key}: {now} {kind} pixels against {usual:.0f} before"
    )


def _make_section(rows: Sequence[Any]) -> Section:
    detector, binning = _setup_of(rows[0])
    title = detector + (f", binning {binning}" if binning > 1 else "")
    head = f"{detector}_binning{binning}".lower()
    share = 100.0 / rows[0].pixels
    return Section(
        title,
        tuple(
            draw_by_chip(f"{head}_{kind}", f"{kind.capitalize()} pixels of {title}",
                         f"{kind} pixels (% of the chip)", rows, column, share)
            for kind, column in KINDS.items()
            if any(getattr(row, column) is not None for row in rows)
        ),
        "By table, at the first dark of its window.",
    )  # fmt: skip


def _list_newest(series: Sequence[Sequence[Any]]) -> Section:
    newest = [own[-1] for rows in series for own in by_chip(rows).values()]
    return Section(
        "Newest tables",
        note="Numbers of pixels of the detector; a pixel can be of two kinds. Those of which no "
        "dark says anything are flagged as dead ones are.",
        columns=("file", "chip", *KINDS, "without a dark", "rows", "became bad", "became good"),
        rows=tuple(
            (row.filename, str(row.chip), *(_say(getattr(row, one)) for one in KINDS.values()),
             *map(_say, (row.unknown_pixels, row.table_rows, row.new_pixels, row.gone_pixels)))
            for row in newest
        ),
    )  # fmt: skip


def _say(number: int | None) -> str:
    return "not told" if number is None else str(number)


def _list_without(without: Sequence[tuple[str, int]]) -> Section:
    return Section(
        "Windows of darks without a table",
        note="They have no superdark: too few of their darks can be used, which superdarks tells.",
        columns=("detector", "windows"),
        rows=tuple((detector, str(number)) for detector, number in without),
    )
