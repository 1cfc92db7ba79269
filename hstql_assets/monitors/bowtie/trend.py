"""Report the ratio of flats around a saturated one, and its pattern, visit by visit."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from hstql_assets.monitors.bowtie.product import read_product
from hstql_assets.monitors.bowtie.ratios import CHIPS
from hstql_assets.monitors.bowtie.selection import BowtieSelection, load_selections
from hstql_assets.monitors.framework.monitor import TrendContext
from hstql_assets.monitors.framework.report import Limit, Section, State, TrendReport, Verdict
from hstql_assets.pages.charts import Axis, Chart, Colour, Image, Mark, Points

PATTERN = Limit(
    "bowtie_pattern_small",
    "The pattern of the newest flats before a saturated one is not above 0.3 % (standard deviation "
    "over a chip), or not by more than five errors.",
)
OFFSET = Limit(
    "bowtie_ratio_near_one",
    "The ratio of the newest flats, the drift of the lamp in it, is within 3 % of 1.",
)
LIMITS = (PATTERN, OFFSET)
SIGMAS = 5.0
_DAYS = Axis("days since 2009-06-11, 0h UTC")


@dataclass(frozen=True)
class BowtieHistory:
    """All that was measured.

    Attributes
    ----------
    ratios : sequence of rows
        Of `bowtie`, by time.
    unused : sequence of tuple of str and int
        Detector, reason, and number of flats.
    """

    ratios: Sequence[Any]
    unused: Sequence[tuple[str, str, int]]


def summarize_bowtie(history: BowtieHistory, _: TrendContext) -> TrendReport:
    """Return the report about all visits."""
    left = sum(number for _, _, number in history.unused)
    rows = history.ratios
    if not rows:
        return TrendReport(f"No flat is before and after a saturated one; {left} are not.", 0)
    series: dict[tuple[str, int, str, str], list[Any]] = defaultdict(list)
    for row in rows:
        series[row.detector, row.binning, row.lamp, row.filter_name].append(row)
    verdicts = [one for own in series.values() for one in _judge(own)]
    beyond = sum(verdict.state == "warning" for verdict in verdicts)
    flats = {name for row in rows for name in
             (row.before_rootname, row.rootname, row.after_rootname)}  # fmt: skip
    visits = len({row.rootname for row in rows})
    return TrendReport(
        f"{visits} saturated flats with one before and after, {left} flats not used; {beyond} of "
        f"{len(verdicts)} limits are not kept.",
        len(flats),
        max(row.before_mjd for row in rows),
        sections=(
            *(_make_section(name, own) for name, own in sorted(series.items())),
            _map_newest(rows[-1]),
            _list_unused(history.unused),
        ),
        verdicts=tuple(sorted(verdicts, key=lambda one: one.state != "warning")),
    )


def _judge(rows: Sequence[Any]) -> list[Verdict]:
    """Judge the newest flats of a set-up, chip by chip."""
    selection = load_selections()[rows[0].detector]
    newest = [row for row in rows if row.rootname == rows[-1].rootname]
    return [one for row in newest for one in _judge_chip(row, selection)]


def _judge_chip(row: Any, selection: BowtieSelection) -> tuple[Verdict, Verdict]:
    label = f"{row.detector} chip {row.chip}, {row.filter_name}, {row.lamp}, binning {row.binning}"
    where = f"{row.before_rootname} over {row.after_rootname}"
    beyond = row.pattern - selection.highest_pattern
    high: State = "warning" if beyond > SIGMAS * row.pattern_error else "ok"
    off: State = "warning" if abs(row.ratio - 1.0) > selection.highest_offset else "ok"
    pattern = (
        f"{where}: {_percent(row.pattern)} ± {_percent(row.pattern_error)} %, at most "
        f"{_percent(selection.highest_pattern)} %"
    )
    ratio = (
        f"{where}: {row.ratio:.5f} ± {row.ratio_error:.5f}, at most "
        f"{100 * selection.highest_offset:g} % from 1"
    )
    known = None if np.isnan(row.pattern_error) else high
    return Verdict(PATTERN.name, label, known, pattern), Verdict(OFFSET.name, label, off, ratio)


def _percent(fraction: float) -> str:
    return f"{100.0 * fraction:.3f}"


def _make_section(setup: tuple[str, int, str, str], rows: Sequence[Any]) -> Section:
    detector, binning, lamp, band = setup
    title = f"{detector}, {band}, {lamp}, binning {binning}"
    name = "_".join(str(one).lower() for one in setup)
    name = "".join(one if one.isalnum() else "_" for one in name)
    selection = load_selections()[detector]
    offset = selection.highest_offset
    ratio = Axis("flat before / flat after")
    return Section(
        title,
        (
            Chart(f"{name}_ratio", f"Ratio of flats: {title}", _DAYS, ratio,
                  (*_points(rows, "ratio", "ratio_error"),
                   Mark(1.0 + offset, "limit (ours)", is_limit=True),
                   Mark(1.0 - offset, is_limit=True)),
                  note="Median of each chip. The lamp drifts, and that is in it."),
            Chart(f"{name}_normalised", f"Ratio less the lamp: {title}", _DAYS,
                  Axis("ratio over that of both chips"),
                  _points(rows, "normalised", "ratio_error"),
                  note="What both chips have in common is divided out."),
            Chart(f"{name}_pattern", f"Pattern: {title}", _DAYS,
                  Axis("standard deviation over a chip (%)"),
                  (*_points(rows, "pattern", "pattern_error", 100.0),
                   Mark(100.0 * selection.highest_pattern, "limit (ours)", is_limit=True)),
                  note="Of 8 x 16 blocks of a chip, what noise makes of it taken off."),
        ),
    )  # fmt: skip


def _points(rows: Sequence[Any], column: str, error: str, scale: float = 1.0) -> tuple[Points, ...]:
    found: list[Points] = []
    for chip in sorted(CHIPS):
        own = [row for row in rows if row.chip == chip]
        values = np.array([(row.days, getattr(row, column), getattr(row, error)) for row in own],
                          float).reshape(-1, 3)  # fmt: skip
        found.append(
            Points(
                values[:, 0], scale * values[:, 1], f"chip {chip}", scale * values[:, 2],
                tuple(row.before_rootname for row in own),
            )
        )  # fmt: skip
    return tuple(one for one in found if len(one.x))


def _map_newest(row: Any) -> Section:
    """Show the map of the newest flats."""
    title = "Map of the newest flats"
    try:
        pixels = 100.0 * (read_product(Path(row.path)) - 1.0)
    except OSError:
        return Section(title, note=f"{Path(row.path).name} is not there or cannot be read.")
    reach = max(float(np.nanmax(np.abs(pixels))), 0.1)
    chart = Chart(
        "newest_map",
        f"{row.before_rootname} over {row.after_rootname}, by blocks",
        Axis("column of the detector (share)", limits=(0.0, 1.0)),
        Axis("row: chip 2 below, chip 1 above (share)", limits=(0.0, 1.0)),
        (Image(pixels, 0.0, 1.0, 0.0, 1.0),),
        colour=Colour("ratio less the lamp, minus 1 (%)", -reach, reach),
        is_square=True,
    )
    return Section(title, (chart,), f"The file is {Path(row.path).name}.")


def _list_unused(unused: Sequence[tuple[str, str, int]]) -> Section:
    return Section(
        "Flats that are not around a saturated one",
        note="Each is named with its reason in the table exposure_set_members."
        if unused
        else "There are none.",
        columns=("reason", "flats"),
        rows=tuple((reason, str(number)) for _, reason, number in unused),
    )
