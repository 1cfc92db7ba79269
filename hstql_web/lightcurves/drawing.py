"""Draw lightcurves that were made on the spot: net rate and, where there is one, flux in time."""

from collections.abc import Sequence
from functools import partial

import numpy as np

from hstql_assets.lightcurves.lightcurve import Lightcurve
from hstql_assets.pages.chart_panels import Panel, make_panel, shrink
from hstql_assets.pages.charts import Axis, Chart, Floats, Mark, Points

_HEIGHT = 280
_RATE = Axis("net rate (counts/s)")
_FLUX = Axis("mean flux (erg/s/cm²/Å)")
MOST_CUTS = 50  # between exposures that are marked
NO_LIVE_TIME = "{} bins without live time are not drawn."


def draw_curves(curves: Sequence[Lightcurve]) -> tuple[Panel, ...]:
    """Return plots against seconds: of one exposure, or of several side by side."""
    is_one = len(curves) == 1
    x = Axis("time from the start (s)" if is_one else "time within the exposures (s)")
    lengths_s = [float(one.bins.times_s[-1] + one.widths_s[-1]) for one in curves]
    starts_s = np.cumsum(lengths_s) - lengths_s
    times = _join([
        start_s + one.bins.times_s + one.widths_s / 2
        for start_s, one in zip(starts_s, curves, strict=True)
    ])  # fmt: skip
    cuts = tuple(Mark(float(start_s), direction="vertical", dash="dotted")
                 for start_s in starts_s[1:MOST_CUTS])  # fmt: skip
    live_s = _join([one.bins.exposure_s for one in curves])
    names = tuple(one.exposure.rootname for one in curves for _ in one.bins.times_s)
    is_live, dead = live_s > 0, int((live_s <= 0).sum())
    note = NO_LIVE_TIME.format(f"{dead:,}") if dead else ""
    draw = partial(_draw, x=x, cuts=cuts, times=times[is_live], is_live=is_live, names=names)
    rates = draw("net_rate", "Net rate", _RATE, [one.bins.net for one in curves],
                 [one.bins.net_error for one in curves], note=note)  # fmt: skip
    if not all(one.is_flux_calibrated for one in curves):
        return (rates,)
    fluxes = draw("flux", "Mean flux", _FLUX, [one.bins.flux for one in curves],
                  [one.bins.flux_error for one in curves], note="")  # fmt: skip
    return rates, fluxes


def _draw(
    name: str,
    title: str,
    y: Axis,
    values: Sequence[Floats],
    errors: Sequence[Floats],
    *,
    x: Axis,
    cuts: tuple[Mark, ...],
    times: Floats,
    is_live: np.ndarray,
    names: Sequence[str],
    note: str,
) -> Panel:
    chosen = tuple(one for one, yes in zip(names, is_live.tolist(), strict=True) if yes)
    points = Points(
        times, _join(values)[is_live], errors=_join(errors)[is_live], rootnames=chosen, size=4.0
    )
    chart = Chart(name, title, x, y, (*cuts, points), note, height=_HEIGHT)
    # What points lead to is the same for all: the script of the page knows it.
    return make_panel(shrink(chart), dict.fromkeys(names[:1], ""))


def _join(arrays: Sequence[Floats]) -> Floats:
    return np.concatenate([np.asarray(one, float) for one in arrays])
