"""Give the times of an exposure at the barycentre of the solar system, as BJD (TDB).

The telescope is where the elements in its spt file put it; without these over the place that the
TIMELINE of the events has; else at the Earth's centre. Where the light is of no fixed place in the
sky, there are no such times.
"""

import math
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from hstql_assets.lightcurves.events import EventFile
from hstql_assets.science.barycentre import find_delay, interpolate_nodes, place_nodes
from hstql_assets.science.orbit_position import interpolate_position
from hstql_assets.science.telescope_orbit import Orbit, place_over
from hstql_resources.fits.errors import FitsError
from hstql_resources.fits.keywords import number
from hstql_resources.fits.stream import FitsStream
from hstql_resources.times import JD_OF_MJD_0, SECONDS_PER_DAY

# What the place of the telescope is wrong by at most, s of light; see `telescope_orbit`.
ACCURACY_S = {"spt": 0.0003, "TIMELINE": 0.0005, "Earth": 0.024}


@dataclass(frozen=True)
class BarycentricTimes:
    """Times at the barycentre, and how far they can be trusted.

    Parameters
    ----------
    bjd : numpy.ndarray
        BJD (TDB), d; NaN where there is none.
    place : str or None
        What told where the telescope was: ``spt``, ``TIMELINE`` or, for its centre, ``Earth``.
    note : str or None
        Why there are none.
    """

    bjd: np.ndarray
    place: str | None = None
    note: str | None = None

    @property
    def accuracy_s(self) -> float:
        """How far they may be wrong for not knowing where the telescope was, s; or NaN."""
        return ACCURACY_S.get(self.place or "", math.nan)


def find_barycentric_times(
    events: EventFile, spt: Path | None, seconds: np.ndarray
) -> BarycentricTimes:
    """Return the times at the barycentre of moments of an exposure.

    Parameters
    ----------
    events : EventFile
        One of its files.
    spt : Path or None
        Its support file, if there is one.
    seconds : numpy.ndarray, shape (n,), n > 0
        Since EXPSTART.
    """
    exposure, start_mjd = events.exposure, events.exposure.exp_start_mjd
    if exposure.no_position or exposure.ra_deg is None or exposure.dec_deg is None:
        return BarycentricTimes(np.full(len(seconds), np.nan), note=exposure.no_position)
    nodes = place_nodes(seconds)
    place, position_km = _find_position(events, spt, nodes)
    delay_s = find_delay(start_mjd, nodes, exposure.ra_deg, exposure.dec_deg, position_km)
    since = (seconds + interpolate_nodes(nodes, delay_s, seconds)) / SECONDS_PER_DAY
    return BarycentricTimes(JD_OF_MJD_0 + (start_mjd + since), place)


def _find_position(
    events: EventFile, spt: Path | None, seconds: np.ndarray
) -> tuple[str, np.ndarray]:
    """Return what tells the telescope's place, and the place, km, shape (n, 3)."""
    mjd = events.exposure.exp_start_mjd + seconds / SECONDS_PER_DAY
    orbit = None if spt is None else read_orbit(spt)
    if orbit is not None and orbit.holds(mjd):
        return "spt", orbit.find_position(mjd)
    line = events.timeline
    if {"TIME", "LATITUDE", "LONGITUDE"} <= line.keys():
        # The middle of the last bin may be after the end of the exposure, where the table ends.
        inside = np.clip(seconds, line["TIME"].min(initial=0.0), line["TIME"].max(initial=0.0))
        below = interpolate_position(line["TIME"], line["LATITUDE"], line["LONGITUDE"], inside)
        if np.isfinite(below.latitude_deg).all():
            return "TIMELINE", place_over(*below, mjd)
    return "Earth", np.zeros((len(seconds), 3))


def read_orbit(spt: Path) -> Orbit | None:
    """Read the elements of the orbit; None where the file or one of them is not to be had."""
    try:
        with FitsStream(spt) as stream:
            header = next(stream.extensions()).header
        return Orbit(*(number(header, field.name.upper()) for field in fields(Orbit)))
    except (FitsError, OSError, StopIteration):
        return None
