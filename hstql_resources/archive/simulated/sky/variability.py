"""Change the brightness of a simulated target with time.

Only the law and its phase; which target follows which law is in `catalogue`.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from hstql_resources.times import SECONDS_PER_DAY

Kind = Literal["constant", "sinusoidal", "eclipsing"]


@dataclass(frozen=True)
class Variability:
    """A strictly periodic change of brightness, or none.

    Attributes
    ----------
    kind : str
        `constant`, `sinusoidal` or `eclipsing`.
    period_s : float
        Period [s]; 0 when constant.
    amplitude : float
        Half of the peak-to-peak change over the mean, when sinusoidal.
    eclipse_duration_s : float
        From first to last contact [s], when eclipsing.
    eclipse_ingress_s : float
        Duration of ingress, and of egress [s].
    eclipse_depth : float
        Fraction of the light that is lost at mid-eclipse.
    epoch_mjd : float
        A sinusoid's rising zero, or a mid-eclipse [MJD UTC].
    """

    kind: Kind
    period_s: float = 0.0
    amplitude: float = 0.0
    eclipse_duration_s: float = 0.0
    eclipse_ingress_s: float = 0.0
    eclipse_depth: float = 0.0
    epoch_mjd: float = 55000.0

    @property
    def maximum(self) -> float:
        """The largest relative brightness."""
        return 1.0 + self.amplitude

    def brightness_at(self, start_mjd: float, time_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the brightness relative to the target's spectrum.

        Parameters
        ----------
        start_mjd : float
            Start of the exposure [MJD UTC].
        time_s : ndarray, shape (n,)
            Times since then [s].

        Returns
        -------
        ndarray, shape (n,)
            `1 + amplitude sin(2 pi phase)` when sinusoidal; a trapezoid between
            `1 - depth` and 1 when eclipsing; 1 when constant.
        """
        if self.kind == "constant":
            return np.ones_like(time_s)
        # Whole days first: adding seconds to an MJD would lose microseconds of phase.
        offset_s = ((start_mjd - self.epoch_mjd) * SECONDS_PER_DAY) % self.period_s
        phase = ((offset_s + time_s) / self.period_s) % 1.0
        if self.kind == "sinusoidal":
            return 1.0 + self.amplitude * np.sin(2.0 * np.pi * phase)
        from_middle_s = np.minimum(phase, 1.0 - phase) * self.period_s
        outside_s = self.eclipse_duration_s / 2.0 - from_middle_s
        return 1.0 - self.eclipse_depth * np.clip(outside_s / self.eclipse_ingress_s, 0.0, 1.0)
