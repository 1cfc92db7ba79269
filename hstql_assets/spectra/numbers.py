"""Compute the numbers of a file of extracted spectra; columns of `spectrum_statistics`."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hstql_assets.spectra.extracted import Extracted


@dataclass(frozen=True)
class FluxNumbers:
    """Mean, largest value and standard deviation, in the unit of the flux; None without pixels."""

    mean: float | None
    maximum: float | None
    deviation: float | None


@dataclass(frozen=True)
class SpectrumNumbers:
    """The numbers of all spectra of a file together.

    Attributes
    ----------
    pixels, good_pixels : int
        How many there are, and how many of them are good.
    wave_min, wave_max : float or None
        Range of the wavelengths of all pixels, Angstrom.
    good, every : FluxNumbers
        Of the flux of the good pixels, and of all that have one.
    net_count_per_s : float or None
        Sum of the net count rate over the good pixels, counts/s; None without good pixels.
    """

    pixels: int
    good_pixels: int
    wave_min: float | None
    wave_max: float | None
    good: FluxNumbers
    every: FluxNumbers
    net_count_per_s: float | None


def measure_spectrum(spectrum: Extracted) -> SpectrumNumbers:
    """Measure all spectra of a file as one.

    Notes
    -----
    `every` is what COSMO had: all rows of the table strung together, whatever the flags say, in
    single precision there. Pixels beyond the edge of the detector, whose flux is 0, and those
    in the gain sag of the detector are left out of `good`.
    """
    flux, is_good = spectrum.flux, spectrum.is_good
    waves = spectrum.wavelength[np.isfinite(spectrum.wavelength)]
    net = spectrum.net[is_good & np.isfinite(spectrum.net)]
    return SpectrumNumbers(
        pixels=flux.size,
        good_pixels=int(np.count_nonzero(is_good)),
        wave_min=float(waves.min()) if waves.size else None,
        wave_max=float(waves.max()) if waves.size else None,
        good=_measure_flux(flux[is_good]),
        every=_measure_flux(flux[np.isfinite(flux)]),
        net_count_per_s=float(net.sum()) if net.size else None,
    )


def _measure_flux(flux: NDArray[np.float64]) -> FluxNumbers:
    """Measure finite fluxes, shape (n,), in their own unit."""
    if not flux.size:
        return FluxNumbers(None, None, None)
    with np.errstate(over="ignore"):  # infinite is an answer, too
        return FluxNumbers(float(flux.mean()), float(flux.max()), float(flux.std()))
