"""Write what was put into an exposure, as files have it."""

import json
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hstql_resources.archive.simulated.observing_program import Observation, Target
from hstql_resources.archive.simulated.sky.spectrum import Spectrum

Truth = dict[str, Any]  # by the names that the file has


def write_truth(truth: Truth) -> bytes:
    """Return the content of a JSON file."""
    return (json.dumps(truth, indent=1) + "\n").encode()


def name_observation(exposure: Observation) -> Truth:
    """Return what every truth begins with: whose it is."""
    return {
        "rootname": exposure.rootname,
        "target": exposure.target.name,
        "seed": exposure.seed,
    }


def state_target(target: Target) -> Truth:
    """Return the laws of a target: how it varies, and its spectrum at brightness 1."""
    return {"variability": asdict(target.variability), "spectrum": asdict(target.spectrum)}


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
