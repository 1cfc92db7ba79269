"""Put the columns of an x1d into wavelength bins, the regions of a file side by side."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hstql_assets.lightcurves.regions import Region


@dataclass(frozen=True)
class Cells:
    """Wavelength bins of all regions; but for those of exposures, arrays have the shape (cells,).

    Parameters
    ----------
    names : tuple of str
        Of the regions.
    per_region : int
        Number of bins in each.
    bin_columns : int
        Columns in a bin; the last of a region may have less.
    wavelength : numpy.ndarray
        Mean over the columns of a bin, Angstrom; NaN if none has one.
    columns, calibrated : numpy.ndarray
        How many are used, and how many of these have a known sensitivity.
    flux_squares : numpy.ndarray
        What an event with EPSILON 1 adds to the flux, squared, as a mean over the columns used.
    scale : numpy.ndarray
        Sum over the columns used of source rows over background rows.
    scale_flux : numpy.ndarray
        The same, each column times what an event adds to the flux.
    background, background_flux : numpy.ndarray, shape (exposures, cells)
        What the x1d has in the source, count/s, and in the sum of fluxes, erg/s/cm2/Angstrom.
    """

    names: tuple[str, ...]
    per_region: int
    bin_columns: int
    wavelength: np.ndarray
    columns: np.ndarray
    calibrated: np.ndarray
    flux_squares: np.ndarray
    scale: np.ndarray
    scale_flux: np.ndarray
    background: np.ndarray
    background_flux: np.ndarray

    @property
    def count(self) -> int:
        """Number of cells."""
        return len(self.wavelength)

    def locate(self, region: np.ndarray, column: np.ndarray) -> np.ndarray:
        """Return the cell of each region number and column, shape (n,)."""
        return np.asarray(region * self.per_region + column // self.bin_columns)


def make_cells(exposures: Sequence[Sequence[Region]], bin_columns: int) -> Cells:
    """Put columns into bins of so many.

    Parameters
    ----------
    exposures : sequence of sequences of Region
        The regions of each exposure of an x1d: the same ones in each.
    bin_columns : int
        Columns in a bin.
    """
    first = exposures[0]
    starts = np.arange(0, len(first[0].is_used), bin_columns)

    def add(parts: Sequence[np.ndarray]) -> np.ndarray:
        return np.concatenate([np.add.reduceat(part * 1.0, starts) for part in parts])

    used, calibrated = ([one.is_used for one in first], [one.is_calibrated for one in first])
    flux = [one.fluxes_per_count[0] for one in first]
    columns = add(used)
    waves = [np.asarray(one.wavelength) for one in first]
    with np.errstate(divide="ignore", invalid="ignore"):
        wavelength = add(list(map(np.nan_to_num, waves))) / add(list(map(np.isfinite, waves)))
        squares = add([one**2 * is_used for one, is_used in zip(flux, used, strict=True)]) / columns
    lost = [[_take_background(region) for region in regions] for regions in exposures]
    return Cells(
        names=tuple(one.name for one in first),
        per_region=len(starts),
        bin_columns=bin_columns,
        wavelength=wavelength,
        columns=columns,
        calibrated=add(calibrated),
        flux_squares=np.nan_to_num(squares),
        scale=add([one.scale * one.is_used for one in first]),
        scale_flux=add(
            [one.scale * per * is_used for one, per, is_used in zip(first, flux, used, strict=True)]
        ),
        background=np.array([add([one[0] for one in each]) for each in lost]),
        background_flux=np.array([add([one[1] for one in each]) for each in lost]),
    )


def _take_background(region: Region) -> tuple[np.ndarray, np.ndarray]:
    """Return what the x1d has in each column, count/s and erg/s/cm2/Angstrom; 0 where not used."""
    rates = region.rates
    if rates is None:
        raise ValueError(f"There are no rates of {region.name}.")
    flux = rates.background_net * region.flux_per_net
    return np.where(region.is_used, rates.background, 0.0), np.where(
        region.is_calibrated, flux, 0.0
    )
