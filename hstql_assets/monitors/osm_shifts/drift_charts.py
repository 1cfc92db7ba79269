"""Chart the drift after a move: rates against time since then, and the law through shifts."""

from collections.abc import Mapping

import numpy as np

from hstql_assets.monitors.osm_shifts.differences import DIRECTIONS, Direction
from hstql_assets.monitors.osm_shifts.drift_law import GRATING_ON, DriftLaw, align, is_timed
from hstql_assets.monitors.osm_shifts.drift_samples import DriftSamples, find_rates
from hstql_assets.monitors.osm_shifts.settings import draw_flashes, list_gratings
from hstql_assets.pages.charts import Axis, Chart, Colour, Layer, Line, Symbol

SYMBOLS: tuple[Symbol, ...] = ("circle", "square", "triangle", "diamond")
BOUND_SYMBOL: Symbol = "x"
LAW_POINTS = 200


def chart_rates(
    samples: DriftSamples,
    detector: str,
    mechanism: str,
    direction: Direction,
    latest: float | None,
) -> Chart:
    """Return the mean drift since the first flash against the time since the last move.

    The mechanism is OSM1 or OSM2, the newest exposures are counted back from `latest`, MJD.
    """
    rates, is_later = find_rates(samples, direction)
    since_s = samples.since_s[mechanism]
    is_drawn = is_later & np.isfinite(since_s) & (since_s > 0.0)
    flashes = samples.flashes
    layers: list[Layer] = []
    for number, grating in enumerate(list_gratings(flashes, detector)):
        for is_bound in (False, True):
            chosen = (
                is_drawn & flashes.is_value("opt_elem", grating) & (samples.is_bound == is_bound)
            )
            if chosen.any():
                own, label = flashes.where(chosen), f"{grating}, at most" if is_bound else grating
                symbol = BOUND_SYMBOL if is_bound else SYMBOLS[number % len(SYMBOLS)]
                x, y = since_s[chosen], rates[chosen]
                layers.append(draw_flashes(own, x, y, label, latest, values=own.mjd, symbol=symbol))
    return Chart(
        name=f"{detector.lower()}_drift_{mechanism.lower()}_{direction}",
        title=f"{detector}: drift {DIRECTIONS[direction]} the dispersion since the first flash",
        x=Axis(f"time since the last move of {mechanism} (s)", "log"),
        y=Axis("drift (pixel/s)"),
        layers=tuple(layers),
        note=_tell(samples, is_later, is_drawn),
        colour=_colour_of(flashes.mjd),
    )


def chart_law(
    samples: DriftSamples, laws: Mapping[str, DriftLaw], detector: str, latest: float | None
) -> Chart:
    """Return the shifts of all flashes as drift since the move, with the laws by grating."""
    mechanism = GRATING_ON[detector]
    layers: list[Layer] = []
    for grating, law in laws.items():
        is_used = is_timed(samples, mechanism, with_bounds=law.is_bound)
        chosen = is_used & (samples.flashes.is_value("opt_elem", grating))
        own = samples.where(chosen)
        since_s = own.since_s[mechanism]
        drift = align(law, since_s, own.flashes.disp, own.group)
        layers.append(draw_flashes(own.flashes, since_s, drift, grating, latest, size=3.0))
        times_s = np.linspace(0.0, float(since_s.max()), LAW_POINTS)
        layers.append(Line(times_s, law.at(times_s), grating))
    return Chart(
        name=f"{detector.lower()}_drift_law",
        title=f"{detector}: drift along the dispersion since the last move",
        x=Axis(f"time since the last move of {mechanism} (s)"),
        y=Axis("drift (pixel)"),
        layers=tuple(layers),
        note=(
            "Each exposure and segment is shifted as a whole to where the law (line) fits best: "
            "drift (1 - exp(-t / time constant))."
        ),
    )


def _tell(samples: DriftSamples, is_later: np.ndarray, is_drawn: np.ndarray) -> str:
    """Say how many exposures are drawn; masks of the samples, shape (n,)."""
    flashes = samples.flashes
    exposures = flashes.where(is_later).exposures
    bounded = flashes.where(is_drawn & samples.is_bound).exposures
    left_out = exposures - flashes.where(is_drawn).exposures
    sentence = f"{exposures} exposures with several flashes."
    if bounded:
        sentence += (
            f" Of {bounded} no schedule is at hand: crosses are at the time since the last "
            "exposure with another setting ended, which is the most that it can have been."
        )
    if left_out:
        sentence += f" Of {left_out} not even that is known; they are not drawn."
    return sentence


def _colour_of(mjd: np.ndarray) -> Colour | None:
    """Return colours over times, shape (n,), MJD UTC; None if none is known."""
    known = mjd[np.isfinite(mjd)]
    if not known.size:
        return None
    return Colour("time (MJD, UTC)", float(known.min()), float(known.max()))
