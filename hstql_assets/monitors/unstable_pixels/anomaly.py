"""Tell how long before a dark the telescope was in the South Atlantic Anomaly.

The header says it, SAA_TIME, "seconds since last exit from SAA contour 23". Where that is 0 or not
there, as in a real file, the orbit of the spt file is followed back, minute by minute. What counts
as the anomaly then is the box that the first dark monitor of COS cuts (ours, for the contour is not
public): longitude from 250 to 360, latitude up to 10 degrees.
"""

from pathlib import Path

import numpy as np

from hstql_assets.lightcurves.barycentric_times import read_orbit
from hstql_assets.science.orbit_position import is_in_anomaly, place_below
from hstql_resources.times import SECONDS_PER_DAY

STEP_S = 60.0


def seconds_since_anomaly(
    said_s: float | None, spt: Path | None, start_mjd: float, exposure_s: float, reach_s: float
) -> float | None:
    """Return the time since the telescope left the anomaly, s; None if nothing tells.

    Parameters
    ----------
    said_s : float or None
        SAA_TIME.
    spt : Path or None
        The support file.
    start_mjd : float
        Start of the dark, MJD UTC.
    exposure_s : float
        Its length, s; one that it is in during that time was in it 0 s ago.
    reach_s : float
        How far back the orbit is followed, s; infinite is returned if it was not in it till then.
    """
    if said_s is not None and said_s > 0.0:
        return said_s
    orbit = None if spt is None else read_orbit(spt)
    since_s = np.arange(-reach_s, exposure_s + STEP_S, STEP_S)
    mjd = start_mjd + since_s / SECONDS_PER_DAY
    if orbit is None or not orbit.holds(mjd):
        return None
    inside = is_in_anomaly(place_below(orbit.find_position(mjd), mjd))
    last = float(since_s[inside].max(initial=-np.inf))
    return max(-last, 0.0)
