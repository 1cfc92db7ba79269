"""Hold what is known of the source and the background of a spectrum, column by column."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from hstql_assets.spectra.column_rates import ColumnRates

Rows = tuple[np.ndarray, np.ndarray]  # of a box in each column, shape (columns,)


@dataclass(frozen=True, kw_only=True)
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
    widths : numpy.ndarray or None
        Wavelengths that each column stands for in a sum over all, Angstrom; None where that is not
        asked for.
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
    widths: np.ndarray | None = None

    @property
    def name(self) -> str:
        """What it is the region of, as products have it."""
        raise NotImplementedError

    @property
    def is_calibrated(self) -> np.ndarray:
        """Columns that are used and have a known sensitivity, bool."""
        return np.asarray(self.is_used & np.isfinite(self.flux_per_net))

    @property
    def norms(self) -> np.ndarray:
        """Number of the calibrated columns, and the sum of their sensitivities."""
        return np.array(
            [self.is_calibrated.sum(), (1 / self.flux_per_net[self.is_calibrated]).sum()]
        )

    @property
    def fluxes_per_net(self) -> np.ndarray:
        """What a count in NET adds to each kind of flux, shape (1 or 3, columns).

        To the sum of fluxes, erg/cm2/Angstrom; to that weighted by sensitivity, count; to that
        over wavelengths, erg/cm2. NaN where not calibrated.
        """
        flux = self.flux_per_net
        return np.array([flux] if self.widths is None else [flux, flux / flux, flux * self.widths])

    @property
    def fluxes_per_count(self) -> np.ndarray:
        """The same of one event with EPSILON 1; 0 where not calibrated."""
        return np.asarray(np.nan_to_num(self.net_per_count * self.fluxes_per_net))

    @property
    def typical(self) -> np.ndarray:
        """Sums over the columns used: their number, `net_per_count` and `fluxes_per_count`."""
        used = self.is_used
        parts = (used, self.net_per_count, *self.fluxes_per_count)
        return np.array([part[used].sum() for part in parts])

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


def average_weights(regions: Iterable[Region]) -> np.ndarray:
    """Return what a source event adds on average to net and fluxes, as `EventWeights` has it."""
    columns, *sums = np.sum([region.typical for region in regions], axis=0)
    return np.asarray(np.array(sums) / columns)


def sum_norms(regions: Iterable[Region]) -> np.ndarray:
    """Add up the `norms` of the regions of an exposure."""
    return np.asarray(np.sum([region.norms for region in regions], axis=0))


AnyRegion = TypeVar("AnyRegion", bound=Region)


def share_wavelengths(regions: Sequence[AnyRegion]) -> tuple[AnyRegion, ...]:
    """Give each column its part of the wavelengths: those of two orders are shared by both."""
    return tuple(replace(region, widths=_share(region, regions)) for region in regions)


def _share(region: Region, regions: Sequence[Region]) -> np.ndarray | None:
    if region.wavelength is None:
        return None
    widths: np.ndarray = np.abs(np.gradient(region.wavelength))
    used = np.flatnonzero(region.is_used)
    holders = sum(_find_used(other, region.wavelength[used]) for other in regions)
    widths[used] /= holders
    return widths


def _find_used(region: Region, wavelength: np.ndarray) -> np.ndarray:
    """Tell, bool, of which wavelengths, Angstrom, shape (m,), a region uses the nearest column."""
    if region.wavelength is None or not region.is_used.any():
        return np.zeros(len(wavelength), bool)
    known = np.flatnonzero(np.isfinite(region.wavelength))
    known = known[np.argsort(region.wavelength[known])]  # some fall with the column
    column = np.rint(np.interp(wavelength, region.wavelength[known], known, left=-1, right=-1))
    return np.asarray((column >= 0) & region.is_used[column.astype(np.intp)])


def invert_sensitivity(sensitivity: np.ndarray) -> np.ndarray:
    """Return the flux per count, shape (columns,), of counts per flux; NaN where not known."""
    with np.errstate(divide="ignore", invalid="ignore"):
        flux_per_net = np.asarray(1 / sensitivity)
    flux_per_net[~np.isfinite(flux_per_net)] = np.nan
    return flux_per_net
