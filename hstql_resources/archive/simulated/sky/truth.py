"""State what was put into an exposure, as files have it."""

import json
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from hstql_resources.archive.simulated.sky.spectrum import Spectrum


@dataclass(frozen=True)
class Truth:
    """What was put into one exposure."""

    rootname: str
    target: str
    seed: int

    def to_json(self) -> str:
        """Return it as the text of a JSON file."""
        return json.dumps(asdict(self), indent=1) + "\n"


def sample_flux(
    spectrum: Spectrum, wavelength_a: NDArray[np.float64], brightness: float
) -> dict[str, list[float]]:
    """Return samples of a flux density [erg/s/cm2/Angstrom] at wavelengths [Angstrom].

    Parameters
    ----------
    spectrum : Spectrum
        Of the target.
    wavelength_a : ndarray, shape (n,)
        Where.
    brightness : float
        Relative to the spectrum.
    """
    flux = spectrum.flux_at(wavelength_a) * brightness
    return {"wavelength_a": wavelength_a.tolist(), "flux": flux.tolist()}
