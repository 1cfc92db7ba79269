"""Report the pointing in all exposures."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hstql_assets.monitors.framework.monitor import TrendContext
from hstql_assets.monitors.framework.report import Limit, Section, TrendReport, Verdict
from hstql_assets.monitors.jitter.history import AXES, JitterHistory, arrange_jitter
from hstql_assets.pages.charts import Axis, Chart, Layer, Mark, Points
from hstql_resources.columns import Columns
from hstql_resources.times import NEWEST_DAYS, latest_of, word_time

# "Designed to keep telescope jitter below 0.007 arcsec rms" with two guide stars: HST Primer,
# Cycle 15, on pointing control.
REQUIREMENT_ARCSEC = 0.007
MOST_LISTED = 100
STEADY = Limit(
    "pointing_within_requirement",
    f"The RMS of the pointing is at most {REQUIREMENT_ARCSEC:g} arcsec along V2 and V3 in every "
    f"exposure of the last {NEWEST_DAYS:g} days of the data.",
)
TIME = Axis("start of the exposure, MJD (UTC)", "mjd")
_MAS = 1e3


def summarize_jitter(rows: Columns, _: TrendContext) -> TrendReport:
    """Return the report about all exposures, from what `read_jitter_history` returns."""
    history = arrange_jitter(rows)
    number = len(history.exposures)
    if not number:
        return TrendReport("There are no jitter files of exposures of a target.", 0)
    latest = latest_of(history.mjd)
    medians = [_MAS * float(np.median(history.values[f"{axis}_rms"])) for axis in AXES]
    beyond = int((history.worst_rms > REQUIREMENT_ARCSEC).sum())
    summary = (
        f"In {number:,} exposures up to {word_time(latest)} the median RMS is {medians[0]:.2f} mas "
        f"along V2 and {medians[1]:.2f} mas along V3; {beyond:,} are above "
        f"{_MAS * REQUIREMENT_ARCSEC:g} mas."
    )
    undated = int(np.isnan(history.mjd).sum())
    note = "Acquisitions and exposures of darks, lamps and flat fields are left out."
    if undated:
        note += f" The start of {undated:,} exposures is not known; they are not drawn."
    return TrendReport(
        summary=summary,
        exposures=number,
        newest_mjd=latest,
        sections=(Section("Pointing over time", _draw(history), note), _list_beyond(history)),
        verdicts=tuple(_judge(history, axis) for axis in AXES),
        metadata={"above_requirement": beyond, "without_start": undated},
    )


def _draw(history: JitterHistory) -> tuple[Chart, ...]:
    limit = _MAS * REQUIREMENT_ARCSEC
    mark = Mark(limit, f"{limit:g} mas", is_limit=True)
    mean = _chart(history, "mean", "Mean pointing of an exposure", "mean (mas)", "linear")
    rms = _chart(history, "rms", "Spread of the pointing in an exposure", "RMS (mas)", "log", mark)
    reach = _chart(history, "range", "Range of the pointing in an exposure", "range (mas)", "log")
    return mean, rms, reach


def _chart(
    history: JitterHistory, quantity: str, title: str, label: str, kind: Any, *others: Layer
) -> Chart:
    layers = [_points(history, axis, quantity) for axis in AXES]
    drawn = np.concatenate([layer.y for layer in layers])
    limits = None
    if others and drawn.size and drawn.min() > 0.0:
        # So that the requirement is in the figure, however steady the pointing is.
        highest = max(float(drawn.max()), _MAS * REQUIREMENT_ARCSEC)
        limits = (0.8 * float(drawn.min()), 1.25 * highest)
    note = f"{layers[0].x.size:,} exposures."
    return Chart(
        f"pointing_{quantity}", title, TIME, Axis(label, kind, limits), (*layers, *others), note
    )


def _points(history: JitterHistory, axis: str, quantity: str) -> Points:
    y: NDArray[np.float64] = _MAS * history.values[f"{axis}_{quantity}"]
    label, names = axis.upper(), history.exposures
    return Points(history.mjd, y, label, rootnames=names, is_newest=history.is_newest).known()


def _judge(history: JitterHistory, axis: str) -> Verdict:
    rms = history.values[f"{axis}_rms"]
    newest = history.is_newest & np.isfinite(rms)
    total = int(newest.sum())
    if not total:
        why = f"No exposure of the last {NEWEST_DAYS:g} days has a start and an RMS that are known."
        return Verdict(STEADY.name, axis.upper(), None, why)
    worst = int(np.where(newest, rms, -np.inf).argmax())
    beyond = int((newest & (rms > REQUIREMENT_ARCSEC)).sum())
    sentence = (
        f"{beyond} of {total} exposures of the last {NEWEST_DAYS:g} days are above "
        f"{_MAS * REQUIREMENT_ARCSEC:g} mas; the largest RMS is {_MAS * rms[worst]:.2f} mas in "
        f"{history.exposures[worst]}."
    )
    return Verdict(STEADY.name, axis.upper(), "warning" if beyond else "ok", sentence)


def _list_beyond(history: JitterHistory) -> Section:
    title = "Exposures above the requirement"
    beyond = np.flatnonzero(history.worst_rms > REQUIREMENT_ARCSEC)
    if not beyond.size:
        return Section(title, note="There are none.")
    order = np.nan_to_num(history.mjd[beyond], nan=-np.inf)
    latest = beyond[np.argsort(-order, kind="stable")][:MOST_LISTED]
    rows = tuple(
        (
            history.exposures[i],
            word_time(history.mjd[i]),
            *(f"{_MAS * history.values[f'{axis}_rms'][i]:.2f}" for axis in AXES),
        )
        for i in latest
    )
    note = f"The latest {len(rows)} of {beyond.size:,}." if beyond.size > len(rows) else ""
    columns = ("exposure", "start (UTC)", "RMS along V2 (mas)", "RMS along V3 (mas)")
    return Section(title, note=note, columns=columns, rows=rows)
