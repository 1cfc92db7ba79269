"""Report the stims of all exposures."""

import numpy as np

from hstql_assets.monitors.framework.monitor import TrendContext
from hstql_assets.monitors.framework.report import Section, TrendReport
from hstql_assets.monitors.stims.charts import (
    draw_positions,
    draw_relations,
    draw_spread,
    draw_stretch,
    draw_temperature,
)
from hstql_assets.monitors.stims.history import SEGMENTS, StimHistory, arrange_history
from hstql_assets.monitors.stims.limits import judge, list_missing, list_unsteady
from hstql_resources.columns import Columns
from hstql_resources.times import latest_of, word_time


def summarize_stims(rows: Columns, _: TrendContext) -> TrendReport:
    """Return the report about all exposures, from what `read_stim_history` returns."""
    histories = [one for name in SEGMENTS if (one := arrange_history(rows, name)).mjd.size]
    if not histories:
        return TrendReport("There are no stim pulses: no events of COS/FUV were measured.", 0)
    latest = latest_of(np.concatenate([one.mjd for one in histories]))
    exposures = len({name for one in histories for name in one.rootnames})
    return TrendReport(
        summary=_summarize(histories, exposures, latest),
        exposures=exposures,
        newest_mjd=latest,
        sections=(
            Section(
                "Places of the stims",
                draw_positions(histories),
                "Means over an exposure in raw coordinates, before any correction.",
            ),
            Section(
                "Stretch and midpoint",
                draw_stretch(histories),
                "CalCOS moves and stretches the events of an exposure so that its stims are where "
                "BRFTAB has them (TEMPCORR).",
            ),
            Section("Relation of the stims", draw_relations(histories)),
            Section(
                "Temperature",
                draw_temperature(histories),
                "From the spt file of the same exposure, where it is known.",
            ),
            Section("Within an exposure", (draw_spread(histories),)),
            list_unsteady(histories),
            list_missing(histories),
        ),
        verdicts=tuple(verdict for one in histories for verdict in judge(one, latest)),
        metadata={f"exposures_{one.segment}": len(one.rootnames) for one in histories},
    )


def _summarize(histories: list[StimHistory], exposures: int, latest: float | None) -> str:
    lost = sum(int(one.is_missing.sum()) for one in histories)
    parts = []
    for one in histories:
        stretch = one.stretch("x")[np.isfinite(one.stretch("x")) & np.isfinite(one.mjd)]
        if stretch.size:
            change = f"{stretch.min():.1f} to {stretch.max():.1f} pixel"
            parts.append(f"the stims of {one.segment} are {change} apart")
    what = "; ".join(parts) or "no stim was found"
    displaced = sum(int(one.is_displaced.sum()) for one in histories)
    ending = f", displaced in {displaced:,}" if displaced else ""
    return (
        f"Of {exposures:,} exposures up to {word_time(latest)}, {what}; a stim is missing in "
        f"{lost:,} files{ending}."
    )
