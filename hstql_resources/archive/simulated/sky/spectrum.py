"""Describe the light that reaches the telescope: the target's spectrum and the airglow.

Flux densities and sky lines only; what the instrument makes of them is in `instrument`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hstql_resources.archive.simulated.instrument_data import load_data


@dataclass(frozen=True)
class EmissionLine:
    """A Gaussian line on the continuum: wavelengths in Angstrom, strength in continua."""

    name: str
    wavelength_a: float
    sigma_a: float
    strength: float


@dataclass(frozen=True)
class AirglowLine:
    """Light of the geocorona: it fills the aperture, and is brighter by day.

    Attributes
    ----------
    wavelength_a : float
        Its wavelength [Angstrom].
    night_rate, day_rate : float
        Accepted count/s with the Sun below and above the horizon.
    """

    name: str
    wavelength_a: float
    night_rate: float
    day_rate: float


@dataclass(frozen=True)
class _Lines:
    """What the text says."""

    emission: tuple[EmissionLine, ...]
    airglow: tuple[AirglowLine, ...]


_LINES = load_data("sky/lines", _Lines)
AIRGLOW_LINES = _LINES.airglow


@dataclass(frozen=True)
class Spectrum:
    """A power law with emission lines.

    Attributes
    ----------
    flux_1300 : float
        Continuum at 1300 Angstrom [erg/s/cm2/Angstrom].
    index : float
        The continuum goes as the wavelength to this power.
    lines : tuple of EmissionLine
        Lines in emission.
    """

    flux_1300: float
    index: float = -1.5
    lines: tuple[EmissionLine, ...] = _LINES.emission

    def flux_at(self, wavelength_a: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the flux density [erg/s/cm2/Angstrom] at wavelengths [Angstrom], shape (n,)."""
        relative = np.ones_like(wavelength_a)
        for line in self.lines:
            deviation = (wavelength_a - line.wavelength_a) / line.sigma_a
            relative += line.strength * np.exp(-0.5 * deviation**2)
        return self.flux_1300 * (wavelength_a / 1300.0) ** self.index * relative
