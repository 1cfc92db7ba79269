"""Compute the dead time of a MAMA detector: events that it misses while it digests others.

The observed rate y of the whole detector and the true rate x are related by y = x exp(-tau x), with
tau from MLINTAB; GLINCORR of calstis multiplies by x / y, for the mean rate of an exposure, and so
do we. See the STIS Data Handbook, section 3.4 (GLINCORR).
"""

import numpy as np
from scipy.special import lambertw


def dead_time_factor(observed_count_per_s: float, tau_s: float) -> float:
    """Return the true count rate over the observed one, at least 1.

    Parameters
    ----------
    observed_count_per_s : float
        Events of the whole detector per second.
    tau_s : float
        Time constant, s.

    Raises
    ------
    ValueError
        If no true rate gives this rate: the greatest that can be observed is 1 / (e tau).
    """
    if observed_count_per_s <= 0 or tau_s <= 0:
        return 1.0
    product = observed_count_per_s * tau_s
    if product > np.exp(-1.0):
        raise ValueError(
            f"{observed_count_per_s:g} counts/s are more than the {np.exp(-1.0) / tau_s:g} that a "
            "detector with this dead time can show"
        )
    # x = -W(-tau y) / tau on the branch that begins at 0.
    return float(np.real(-lambertw(-product) / product))
