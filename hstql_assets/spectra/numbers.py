"""Compute the numbers of a file of extracted spectra; columns of `spectrum_statistics`."""

import numpy as np
from numpy.typing import NDArray

from hstql_assets.spectra.extracted import Extracted


def measure_spectrum(spectrum: Extracted) -> dict[str, int | float | None]:
    """Measure all spectra of a file as one.

    Returns
    -------
    dict of str to int or float
        By column: the number of pixels and of good ones; the range of the wavelengths of all
        pixels, Angstrom; mean, largest value and standard deviation of the flux of the good
        pixels, in its unit, and with `_all` those of every pixel that has one; and the sum of the
        net count rate over the good pixels, counts/s. None where there is no pixel.

    Notes
    -----
    `_all` is what COSMO had: all rows of the table strung together, whatever the flags say, in
    single precision there. Pixels beyond the edge of the detector, whose flux is 0, and those
    in the gain sag of the detector are no good ones.
    """
    flux, is_good = spectrum.flux, spectrum.is_good
    waves = spectrum.wavelength[np.isfinite(spectrum.wavelength)]
    net = spectrum.net[is_good & np.isfinite(spectrum.net)]
    return {
        "pixels": flux.size,
        "good_pixels": int(np.count_nonzero(is_good)),
        "wave_min": float(waves.min()) if waves.size else None,
        "wave_max": float(waves.max()) if waves.size else None,
        **_measure_flux(flux[is_good], ""),
        **_measure_flux(flux[np.isfinite(flux)], "_all"),
        "net_count_per_s": float(net.sum()) if net.size else None,
    }


def _measure_flux(flux: NDArray[np.float64], ending: str) -> dict[str, float | None]:
    """Measure finite fluxes, shape (n,), in their own unit."""
    names = (f"flux_mean{ending}", f"flux_max{ending}", f"flux_std{ending}")
    if not flux.size:
        return dict.fromkeys(names)
    with np.errstate(over="ignore"):  # infinite is an answer, too
        numbers = float(flux.mean()), float(flux.max()), float(flux.std())
    return dict(zip(names, numbers, strict=True))
