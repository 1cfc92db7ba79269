"""Report the reference pixels of WFC3 IR over time, and within the newest ramps."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hstql_assets.monitors.framework.monitor import TrendContext
from hstql_assets.monitors.framework.report import Section, TrendReport
from hstql_assets.monitors.framework.unused import Unused
from hstql_assets.monitors.ir_bias_levels.limits import (
    Levels,
    find_steps,
    judge_level,
    judge_steps,
)
from hstql_assets.monitors.ir_bias_levels.selection import smallest_step
from hstql_assets.pages.charts import Axis, Chart, Mark, Points
from hstql_resources.columns import Columns
from hstql_resources.times import latest_of, word_time

MOST_LISTED = 100
TIME = Axis("start of the exposure, MJD (UTC)", "mjd")


@dataclass(frozen=True, eq=False)
class LevelHistory:
    """All that was measured of reference pixels.

    Attributes
    ----------
    exposures : Columns
        One row for each exposure and amplifier, by time: the zeroth level, how far the last one is
        above it, and the largest step.
    reads : Columns
        All reads of the newest exposures.
    unused : Unused
        Why exposures were not measured.
    """

    exposures: Columns
    reads: Columns
    unused: Unused


def summarize_levels(history: LevelHistory, _: TrendContext) -> TrendReport:
    """Return the report about all levels."""
    left = history.unused.number
    rows = history.exposures
    unused = history.unused.list("Exposures that could not be used", "exposures")
    if not len(rows):
        nothing = f"No reference pixel was measured yet; {left} exposures could not be used."
        return TrendReport(nothing, 0, sections=(unused,))
    # Of a raw file the amplifiers say all that there is; of an ima there is one number.
    rows = rows.where((rows["amplifier"] != "all") | (rows["source"] == "ima"))
    setups = _split_setups(rows)
    series = [one for own in setups.values() for one in _make_series(*own)]
    verdicts = [*map(judge_level, series), *(judge_steps(one, smallest_step()) for one in series)]
    beyond = sum(verdict.state == "warning" for verdict in verdicts)
    exposures = len(set(rows["rootname"]))
    return TrendReport(
        f"{exposures} exposures of WFC3 IR, {left} could not be used; {beyond} of {len(verdicts)} "
        "limits are passed.",
        exposures,
        latest_of(rows.numbers("exp_start_mjd")),
        sections=(
            *(_make_section(name, *own) for name, own in setups.items()),
            _draw_reads(history.reads),
            _list_steps(series),
            unused,
        ),
        verdicts=tuple(sorted(verdicts, key=lambda one: one.state != "warning")),
    )


def _split_setups(rows: Columns) -> dict[str, tuple[str, Columns]]:
    """Return the rows of full frames and of subarrays, by a name for files, with their title."""
    found: dict[str, tuple[str, Columns]] = {}
    kinds = {(bool(part), int(step)) for part, step in zip(rows["is_subarray"], rows["binning"],
                                                           strict=True)}  # fmt: skip
    for is_part, binning in sorted(kinds):
        name = "subarray" if is_part else "full"
        title = "Subarrays" if is_part else "Full frames"
        if binning > 1:
            name, title = f"{name}_binning{binning}", f"{title}, binned {binning} x {binning}"
        chosen = (rows["is_subarray"].astype(bool) == is_part) & (rows["binning"] == binning)
        found[name] = title, rows.where(chosen)
    return found


def _make_series(title: str, rows: Columns) -> list[Levels]:
    found = []
    for amplifier in sorted(set(rows["amplifier"])):
        own = rows.where(rows["amplifier"] == amplifier)
        found.append(
            Levels(
                f"{title}, {_name(amplifier)}",
                amplifier,
                own.numbers("exp_start_mjd"),
                own.numbers("level"),
                own.numbers("largest_step"),
                tuple(own["rootname"]),
            )
        )
    return found


def _name(amplifier: str) -> str:
    return "all amplifiers" if amplifier == "all" else f"amplifier {amplifier}"


def _make_section(name: str, title: str, rows: Columns) -> Section:
    darks = rows.where(rows["image_type"] == "DARK")
    charts = [
        _draw(f"{name}_level", f"{title}: level of the zeroth read", rows, "level",
              "level less its median (counts)", is_relative=True),
        _draw(f"{name}_drift", f"{title}: last read above the zeroth", rows, "drift",
              "rise of the level within a ramp (counts)"),
        _draw(f"{name}_step", f"{title}: largest step between two reads", rows, "largest_step",
              "size of the step (counts)", mark=Mark(smallest_step(), "always allowed")),
    ]  # fmt: skip
    if len(darks):
        label = "image above the level, less its median (counts)"
        charts.append(
            _draw(f"{name}_zeroth", f"{title}: zeroth read of DARK exposures", darks, "image_level",
                  label, is_relative=True)
        )  # fmt: skip
    return Section(title, tuple(charts), "The legend has the median where it is taken off.")


def _draw(
    name: str,
    title: str,
    rows: Columns,
    column: str,
    label: str,
    *,
    is_relative: bool = False,
    mark: Mark | None = None,
) -> Chart:
    """Draw a column against time, an amplifier in each colour."""
    layers = []
    for amplifier in sorted(set(rows["amplifier"])):
        own = rows.where(rows["amplifier"] == amplifier)
        values = own.numbers(column)
        base = float(np.nanmedian(values)) if is_relative and np.isfinite(values).any() else 0.0
        said = f"{_name(amplifier)}: {base:.1f}" if is_relative else _name(amplifier)
        has_errors = f"{column}_error" in own.names and not is_relative
        errors = own.numbers(f"{column}_error") if has_errors else None
        points = Points(own.numbers("exp_start_mjd"), values - base, said, errors,
                        tuple(own["rootname"]))  # fmt: skip
        layers.append(points.known())
    note = f"{len(set(rows['rootname']))} exposures."
    return Chart(name, title, TIME, Axis(label), (*layers, *([mark] if mark else [])), note)


def _draw_reads(reads: Columns) -> Section:
    """Draw the levels of the newest ramps, each above its zeroth read."""
    rises = reads.numbers("level")
    starts: dict[tuple[str, str], float] = {}
    for place, key in enumerate(zip(reads["rootname"], reads["amplifier"], strict=True)):
        rises[place] -= starts.setdefault(key, float(rises[place]))
    layers = []
    for amplifier in sorted(set(reads["amplifier"])):
        chosen = reads["amplifier"] == amplifier
        layers.append(
            Points(
                reads.numbers("time_s")[chosen], rises[chosen], _name(amplifier),
                rootnames=tuple(reads["rootname"][chosen]),
            )
        )  # fmt: skip
    names = ", ".join(dict.fromkeys(reads["rootname"]))
    chart = Chart(
        "newest_ramps",
        "Level of each read above the zeroth",
        Axis("time since the zeroth read (s)"),
        Axis("level above the zeroth (counts)"),
        tuple(layers),
        f"{names}.",
    )
    return Section("The newest ramps, read by read", (chart,))


def _list_steps(series: Sequence[Levels]) -> Section:
    """List the newest exposures with a step, the largest first."""
    found = [
        (float(one.step[place]), one, int(place))
        for one in series
        for place in np.flatnonzero(find_steps(one, smallest_step())[1])
    ]
    found.sort(key=lambda item: -item[0])
    rows = tuple(
        (one.rootnames[place], word_time(float(one.mjd[place])), one.label, f"{size:.1f}")
        for size, one, place in found[:MOST_LISTED]
    )
    note = f"The largest {len(rows)} of {len(found)}." if found else "There are none."
    columns = ("exposure", "start (UTC)", "of", "largest step (counts)")
    return Section("Steps in the newest exposures", note=note, columns=columns, rows=rows)
