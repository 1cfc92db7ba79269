"""Judge the stims, and list the exposures in which they are not as they should be."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hstql_assets.monitors.framework.report import Limit, Section, State, Verdict
from hstql_assets.monitors.stims.history import COORDINATES, StimHistory
from hstql_resources.times import NEWEST_DAYS, WEEK_DAYS, latest_of, mark_newest, word_time

MOST_SPREAD = 2.0  # pixel, the limit of COSMO
MOST_LISTED = 100

FOUND_LATELY = Limit(
    "stims_found_in_the_last_week",
    "Both stims of a segment are found in their boxes in every exposure of the last 7 days of the "
    "data.",
)
# One exposure of long ago should not be a warning for ever.
MOST_WITHOUT = 0.01
FOUND = Limit(
    "stims_found",
    f"Both stims of a segment are found in their boxes in all but {100 * MOST_WITHOUT:g} % of all "
    "exposures.",
)
STEADY = Limit(
    "stims_steady",
    f"No stim moves by more than {MOST_SPREAD:g} pixel (standard deviation) within an exposure of "
    f"the last {NEWEST_DAYS:g} days of the data.",
)
LIMITS = (FOUND_LATELY, FOUND, STEADY)


def judge(history: StimHistory, latest: float | None) -> list[Verdict]:
    """Return the verdicts on one segment; `latest` is the MJD of the latest exposure of any."""
    everything = np.ones(history.mjd.shape, dtype=np.bool_)
    lately = mark_newest(history.mjd, WEEK_DAYS, latest)
    return [
        _judge_found(history, lately, FOUND_LATELY.name, " of the last 7 days", 0.0),
        _judge_found(history, everything, FOUND.name, "", MOST_WITHOUT),
        _judge_steady(history),
    ]


def _judge_found(
    history: StimHistory, chosen: NDArray[np.bool_], limit: str, what: str, most: float
) -> Verdict:
    """Return a warning if a stim is not in its box in more than a share of those chosen, (n,)."""
    looked = chosen & (history.windows > 0)
    lost = np.flatnonzero(looked & (history.is_missing | history.is_displaced))
    total = int(looked.sum())
    if not total:
        sentence = f"There is no exposure{what} with enough pulses."
        return Verdict(limit, history.segment, None, sentence)
    sentence = f"A stim is missing in {lost.size:,} of {total:,} exposures{what}"
    displaced = int(history.is_displaced[lost].sum())
    if displaced:
        sentence = (
            f"A stim is missing or displaced in {lost.size:,} of {total:,} exposures{what}, "
            f"displaced in {displaced:,}"
        )
    if lost.size:
        sentence += f", the latest is {history.rootnames[lost[-1]]}"
    state: State = "warning" if lost.size > most * total else "ok"
    return Verdict(limit, history.segment, state, f"{sentence}.")


def _judge_steady(history: StimHistory) -> Verdict:
    spread = history.largest_spread
    newest = history.is_newest & np.isfinite(spread)
    if not newest.any():
        sentence = f"No exposure of the last {NEWEST_DAYS:g} days has two stretches of time."
        return Verdict(STEADY.name, history.segment, None, sentence)
    worst = int(np.where(newest, spread, -np.inf).argmax())
    number = int((newest & (spread > MOST_SPREAD)).sum())
    sentence = (
        f"{number} of {int(newest.sum())} exposures of the last {NEWEST_DAYS:g} days spread by "
        f"more than {MOST_SPREAD:g} pixel; the largest spread is {spread[worst]:.2f} pixel in "
        f"{history.rootnames[worst]}."
    )
    return Verdict(STEADY.name, history.segment, "warning" if number else "ok", sentence)


def list_missing(histories: list[StimHistory]) -> Section:
    """Return the table of the exposures in which a stim is missing or displaced, latest first."""
    latest = latest_of(np.concatenate([one.mjd for one in histories]))
    rows = []
    for one in histories:
        lately = mark_newest(one.mjd, WEEK_DAYS, latest)
        for i in np.flatnonzero((one.missing > 0) | (one.displaced > 0)):
            times = [f"{number[i]} of {one.windows[i]}" for number in (one.missing, one.displaced)]
            week = "yes" if lately[i] else ""
            rows.append((one.mjd[i], one.rootnames[i], one.segment, *times, week))
    columns = (
        "exposure", "segment", "start (UTC)", "stretches without", "displaced", "last 7 days",
    )  # fmt: skip
    note = "Both stims should be in their boxes in every stretch of time."
    return _table("Missing stims", note, columns, rows)


def list_unsteady(histories: list[StimHistory]) -> Section:
    """Return the table of the exposures within which a stim moves too much, latest first."""
    rows = []
    for one in histories:
        for i in np.flatnonzero(one.largest_spread > MOST_SPREAD):
            spreads = ", ".join(f"{one.spreads[name][i]:.2f}" for name in COORDINATES)
            rows.append((one.mjd[i], one.rootnames[i], one.segment, spreads))
    columns = ("exposure", "segment", "start (UTC)", "spread of x1, y1, x2, y2 (pixel)")
    note = f"Exposures with a standard deviation above {MOST_SPREAD:g} pixel."
    return _table("Stims that move within an exposure", note, columns, rows)


def _table(
    title: str, note: str, columns: tuple[str, ...], rows: Sequence[tuple[Any, ...]]
) -> Section:
    """Return a table of rows that begin with their MJD, latest first."""
    ordered = sorted(rows, key=lambda row: (-np.nan_to_num(row[0]), row[1:]))
    listed = tuple((row[1], row[2], word_time(row[0]), *row[3:]) for row in ordered[:MOST_LISTED])
    if not rows:
        note = f"{note} There are none."
    elif len(rows) > MOST_LISTED:
        note = f"{note} The latest {MOST_LISTED} of {len(rows):,}."
    return Section(title, note=note, columns=columns if listed else (), rows=listed)
