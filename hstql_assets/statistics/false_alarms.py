"""Compute how probable it is that noise alone has a peak as high as the highest one.

Baluev 2008, MNRAS 385, 1279, for a power z that is a share of the variance: with N_H
and N_K degrees of freedom without and with the sinusoid, the highest frequency f and the variance
of the times var(t)::

    W   = f sqrt(4 pi var(t))
    tau = gamma(N_H) W (1 - z)^((N_K - 1) / 2) sqrt(N_H z / 2)
    FAP = 1 - (1 - (1 - z)^(N_K / 2)) exp(-tau)

An upper bound, and close to the truth where it is small. That noise is white: a source that
flickers exceeds it at long periods without having one. Where the probability p of a power at one
frequency is known otherwise (`red_noise`), all together have, as for many N above::

    FAP = 1 - exp(-W p sqrt(-log p))
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln

from hstql_assets.statistics.series import Series

# One in a thousand constant sources is called periodic, at most.
SIGNIFICANT = 1e-3
MOST_CHANCE = 0.5
SMALLEST = 1e-300


@dataclass(frozen=True)
class Noise:
    """What decides how high noise may rise.

    Parameters
    ----------
    freedom : int
        Bins less the parameters that were fitted before the sinusoid: a mean for each exposure.
    width : float
        Baluev's W, about the number of independent frequencies.
    """

    freedom: int
    width: float

    @classmethod
    def of(cls, series: Series, fitted: int = 0) -> "Noise":
        """Return that of a series, with all frequencies up to 1 / (2 bins), whatever the grid.

        Parameters
        ----------
        fitted : int
            Parameters that were taken off before, beside the mean of each exposure.
        """
        freedom = len(series.times_s) - series.exposures - fitted
        effective_s = np.sqrt(4 * np.pi * series.variance_of_times_s2)
        return cls(freedom, float(effective_s / (2 * series.bin_s)))

    def probability(self, power: float) -> float:
        """Return the false alarm probability of a highest peak, 0 to 1.

        Parameters
        ----------
        power : float
            Its height, 0 to 1.
        """
        if self.freedom < 4:
            return 1.0
        with_sinusoid = self.freedom - 2
        rest = max(1.0 - power, 0.0)
        single = rest ** (0.5 * with_sinusoid)
        tau = self._gamma() * self.width * rest ** (0.5 * (with_sinusoid - 1))
        tau *= np.sqrt(0.5 * self.freedom * power)
        # Exact also where the probability is 1e-20.
        return float(single - np.expm1(-tau) * (1.0 - single))

    def spread(self, chance: float) -> float:
        """Return the false alarm probability of a power that one frequency has by a chance."""
        if chance > MOST_CHANCE:
            return 1.0
        chance = max(chance, SMALLEST)
        return float(-np.expm1(-self.width * chance * np.sqrt(-np.log(chance))))

    def level(self, probability: float) -> float:
        """Return the power that noise exceeds with a probability; 1 if it may reach any.

        Parameters
        ----------
        probability : float
            False alarm probability, above 0 and below 1.
        """
        low, high = 0.0, 1.0
        # The probability falls with the power, but for the lowest powers, where it is near 1.
        for _ in range(60):
            middle = 0.5 * (low + high)
            low, high = (middle, high) if self.probability(middle) > probability else (low, middle)
        return high

    def _gamma(self) -> float:
        half = 0.5 * self.freedom
        return float(np.sqrt(1 / half) * np.exp(gammaln(half) - gammaln(half - 0.5)))
