"""Turn times at the telescope, in UTC, into times at the barycentre of the solar system, in TDB.

By ERFA, which astropy computes with, too: importing astropy.coordinates takes a fifth of a second.
Nothing is fetched: leap seconds are those of ERFA, and no table of the Earth's rotation is needed.

What is left out or rough, by size: the position of the target (1 arcsec is up to 2.4 ms; RA_TARG
has the proper motion), its distance (1.2 ms at 1 pc, less in proportion to it), the ephemeris of
the Earth (epv00: 0.04 ms at most, 0.01 ms on average, measured against DE421 from 1990 to 2026),
the Sun's gravity (Shapiro delay, 0.01 ms where the telescope may point), TDB at the telescope
instead of the Earth's centre (0.002 ms). See Eastman et al. 2010, PASP 122, 935.
"""

import erfa
import numpy as np

from hstql_assets.science.orbit_position import Floats
from hstql_resources.times import JD_OF_MJD_0, SECONDS_PER_DAY, mjd_to_datetime

TT_LESS_TAI_S = 32.184
LIGHT_KM_PER_S = 299792.458
AU_KM = 149597870.7
NODE_S = 60.0  # with it, interpolation is wrong by less than 20 ns
FEWEST_NODES = 4


def find_delay(
    start_mjd: float, seconds: Floats, ra_deg: float, dec_deg: float, position_km: Floats
) -> Floats:
    """Return what turns UTC at the telescope into BJD_TDB, s, shape (n,).

    Parameters
    ----------
    start_mjd : float
        Start of the exposure, MJD UTC of days of 86,400 s, as headers have it.
    seconds : ndarray, shape (n,)
        Time since then. It goes on through a leap second.
    ra_deg, dec_deg : float
        Of the target, ICRS.
    position_km : ndarray, shape (n, 3)
        Of the telescope, from the Earth's centre.
    """
    day = mjd_to_datetime(start_mjd)
    tai_less_utc_s = erfa.ufunc.dat(day.year, day.month, day.day, start_mjd % 1.0)[0]
    to_tt_s = float(tai_less_utc_s) + TT_LESS_TAI_S
    # TT stands for TDB, which is within 2 ms: the Earth goes 60 m in that time.
    tt = start_mjd + (seconds + to_tt_s) / SECONDS_PER_DAY
    to_tdb_s = erfa.ufunc.dtdb(JD_OF_MJD_0, tt, 0.0, 0.0, 0.0, 0.0)
    earth_km = erfa.ufunc.epv00(JD_OF_MJD_0, tt)[1]["p"] * AU_KM
    ra, dec = np.deg2rad(ra_deg), np.deg2rad(dec_deg)
    to_target = np.array([np.cos(dec) * np.cos(ra), np.cos(dec) * np.sin(ra), np.sin(dec)])
    light_s = (earth_km + position_km) @ to_target / LIGHT_KM_PER_S
    return np.asarray(to_tt_s + to_tdb_s + light_s)


def place_nodes(seconds: Floats) -> Floats:
    """Return times, s, equally far apart, at most `NODE_S`, from the first to the last of these."""
    first, last = float(seconds.min()), float(seconds.max())
    number = max(int(np.ceil((last - first) / NODE_S)) + 1, FEWEST_NODES)
    return np.linspace(first, last, number)


def interpolate_nodes(nodes: Floats, values: Floats, seconds: Floats) -> Floats:
    """Interpolate by the cubic through the four nearest nodes.

    Parameters
    ----------
    nodes, values : ndarray, shape (m,)
        From `place_nodes`, s, and of a smooth function there.
    seconds : ndarray, shape (n,)

    Returns
    -------
    ndarray, shape (n,)
    """
    steps = (seconds - nodes[0]) / ((nodes[1] - nodes[0]) or 1.0)
    i = np.clip(steps.astype(np.intp), 1, len(nodes) - 3)
    u = steps - i
    return np.asarray(
        -u * (u - 1) * (u - 2) / 6 * values[i - 1]
        + (u + 1) * (u - 1) * (u - 2) / 2 * values[i]
        - (u + 1) * u * (u - 2) / 2 * values[i + 1]
        + (u + 1) * u * (u - 1) / 6 * values[i + 2]
    )
