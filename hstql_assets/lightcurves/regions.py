"""Hold what is known of the source and the background of a spectrum, column by column."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from hstql_assets.spectra.column_rates import ColumnRates

Rows = tuple[np.ndarray, np.ndarray]  # of a box in each column, shape (columns,)


@dataclass(frozen=True)
class Region:
    """Source and background of one segment, stripe or order; arrays have the shape (columns,).

    Parameters
    ----------
    source : tuple of numpy.ndarray of int
        First and last row of the source, counted as the instrument does.
    background : tuple of such tuples
        The same of each background box.
    is_good : numpy.ndarray of bool
        Columns that the files allow, whatever the settings.
    is_used : numpy.ndarray of bool
        Columns to count in: the good ones that the settings select.
    scale : numpy.ndarray
        Source rows over background rows, 0 where there are none.
    net_per_count : numpy.ndarray
        Counts that one event with EPSILON 1 stands for in NET of the x1d.
    flux_per_net : numpy.ndarray
        erg/cm2/Angstrom of one such count, NaN where not calibrated.
    wavelength : numpy.ndarray or None
        Angstrom, of the x1d; None if there is none.
    rates : ColumnRates or None
        What the x1d has, if there is one.
    """

    source: Rows
    background: tuple[Rows, ...]
    is_good: np.ndarray
    is_used: np.ndarray
    scale: np.ndarray
    net_per_count: np.ndarray
    flux_per_net: np.ndarray
    wavelength: np.ndarray | None
    rates: ColumnRates | None

    @property
    def flux_columns(self) -> int:
        """Number of columns that are used and have a known sensitivity."""
        return int(np.sum(self.is_used & np.isfinite(self.flux_per_net)))

    @property
    def flux_per_count(self) -> np.ndarray:
        """erg/cm2/Angstrom that one event with EPSILON 1 stands for; 0 where not calibrated."""
        return np.asarray(np.nan_to_num(self.net_per_count * self.flux_per_net))

    @property
    def typical(self) -> np.ndarray:
        """Sums over the columns used: their number, `net_per_count` and `flux_per_count`."""
        used = self.is_used
        parts = (used, self.net_per_count[used], self.flux_per_count[used])
        return np.array([part.sum() for part in parts])

    @property
    def used_wavelength(self) -> np.ndarray:
        """Wavelengths of the columns that are used, Angstrom, shape (n,)."""
        return np.empty(0) if self.wavelength is None else self.wavelength[self.is_used]

    @property
    def band(self) -> float:
        """Wavelengths of the columns that are used, Angstrom, each for itself; NaN if not known."""
        known = np.flatnonzero([] if self.wavelength is None else np.isfinite(self.wavelength))
        if self.wavelength is None or len(known) < 2:
            return math.nan
        first, last = known[[0, -1]]
        per_column = abs(self.wavelength[last] - self.wavelength[first]) / (last - first)
        return float(per_column * np.count_nonzero(self.is_used))


def scale_rows(source: np.ndarray, background: np.ndarray) -> np.ndarray:
    """Return source rows over background rows, shape (columns,); 0 without any of these."""
    scale = np.zeros(len(source))
    np.divide(source, background, out=scale, where=background > 0)
    return scale


def average_weights(regions: Iterable[Region]) -> tuple[float, float]:
    """Return what a source event adds on average to net and flux, as `EventWeights` has it."""
    columns, net, flux = np.sum([region.typical for region in regions], axis=0)
    return float(net / columns), float(flux / columns)


def invert_sensitivity(sensitivity: np.ndarray) -> np.ndarray:
    """Return the flux per count, shape (columns,), of counts per flux; NaN where not known."""
    with np.errstate(divide="ignore", invalid="ignore"):
        flux_per_net = np.asarray(1 / sensitivity)
    flux_per_net[~np.isfinite(flux_per_net)] = np.nan
    return flux_per_net
