"""Predict the persistence that an exposure leaves, some time after its end.

Two models, both as Long et al. describe them for the infrared detector of WFC3 (ISR WFC3 2012,
2015): a Fermi function of the charge with one decay for all, and a table of amplitudes and decays
by charge and exposure time.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from hstql_resources.fits.errors import FitsError

Floats = NDArray[np.float32]
UNIT_S = 1000.0  # the time after which amplitudes hold
LEAST_E = 1e-10  # a power of nothing has no logarithm


class Model(Protocol):
    """What predicts persistence."""

    def predict(self, electrons: Floats, delay_s: float, exposure_s: float) -> Floats:
        """Return electrons/s that charge leaves, of the same shape.

        Parameters
        ----------
        electrons : ndarray of float32
            Charge at the end of the exposure that left it.
        delay_s : float
            Time since then, s; above 0.
        exposure_s : float
            Exposure time of the one that left it, s.
        """


@dataclass(frozen=True)
class FermiModel:
    """norm (t / 1000 s)^-gamma (S / E)^alpha / (1 + exp((E - S) / width)), S the charge.

    Attributes
    ----------
    norm_e_per_s : float
        Of a charge far above E, 1000 s after the exposure, without the slow rise, electrons/s.
    gamma, alpha : float
        Exponents of the decay and of the slow rise with the charge.
    fermi_e, width_e : float
        E and the width of the step, electrons.
    """

    norm_e_per_s: float
    gamma: float
    alpha: float
    fermi_e: float
    width_e: float

    def predict(self, electrons: Floats, delay_s: float, exposure_s: float) -> Floats:  # noqa: ARG002
        """Return electrons/s; the exposure time does not matter."""
        step = np.subtract(np.float32(self.fermi_e), electrons)
        step /= np.float32(self.width_e)
        np.exp(np.minimum(step, np.float32(80.0), out=step), out=step)
        step += np.float32(1.0)
        found = np.maximum(electrons, np.float32(LEAST_E))
        found /= np.float32(self.fermi_e)
        np.log(found, out=found)
        found *= np.float32(self.alpha)
        np.exp(found, out=found)
        found /= step
        found *= np.float32(self.norm_e_per_s * (delay_s / UNIT_S) ** -self.gamma)
        return found


@dataclass(frozen=True, eq=False)
class TableModel:
    """A(S, T) (t / 1000 s)^-gamma(S, T), from a table by charge S and exposure time T.

    Between exposure times and between charges the rate is interpolated linearly; beyond the last
    ones it stays, and below the first charge it is 0.

    Attributes
    ----------
    exposures_s : ndarray, shape (n,)
        Ascending.
    electrons : ndarray, shape (m,)
        Ascending.
    amplitudes, gammas : ndarray, shape (n, m)
        Electrons/s after 1000 s, and exponents.
    """

    exposures_s: NDArray[np.float64]
    electrons: NDArray[np.float64]
    amplitudes: NDArray[np.float64]
    gammas: NDArray[np.float64]

    def predict(self, electrons: Floats, delay_s: float, exposure_s: float) -> Floats:
        """Return electrons/s of charge, as every model."""
        rates = self.amplitudes * (delay_s / UNIT_S) ** -self.gammas
        place = np.interp(exposure_s, self.exposures_s, np.arange(len(self.exposures_s)))
        before = int(place)
        after = min(before + 1, len(rates) - 1)
        curve = rates[before] + (place - before) * (rates[after] - rates[before])
        found: Floats = np.interp(electrons, self.electrons, curve, left=0.0).astype(np.float32)
        return found


def read_table_model(path: Path) -> TableModel:
    """Read a table model from a FITS file, an extension for each exposure time.

    Raises
    ------
    FitsError
        If it has no such extensions, or they do not belong together.
    """
    from astropy.io import fits  # only those who have a table wait for it

    try:
        with fits.open(path) as hdus:
            tables = [(float(hdu.header["EXP"]), hdu.data) for hdu in hdus[1:]]
            columns = {
                time_s: [np.asarray(data[name], float) for name in ("stim", "a", "gamma")]
                for time_s, data in tables
            }
    except (OSError, KeyError, TypeError, ValueError) as problem:
        raise FitsError(f"is no table of persistence: {problem}") from None
    if not columns:
        raise FitsError("is no table of persistence: it has no extension")
    times = np.array(sorted(columns))
    charges = columns[times[0]][0]
    if len(charges) < 2 or not (np.diff(charges) > 0.0).all():
        raise FitsError("has charges that do not ascend")
    if any(not np.array_equal(one[0], charges) for one in columns.values()):
        raise FitsError("has other charges for each exposure time")
    amplitudes, gammas = (np.array([columns[one][number] for one in times]) for number in (1, 2))
    if not (np.isfinite(amplitudes).all() and np.isfinite(gammas).all()):
        raise FitsError("has amplitudes or exponents that are no numbers")
    return TableModel(times, charges, amplitudes, gammas)
