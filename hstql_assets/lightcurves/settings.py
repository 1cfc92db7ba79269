"""Hold what may be chosen about a lightcurve. What each choice does is told where it is used."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

# Those of STIS only leave out what is no wavelength: it has what its x1d has.
WAVELENGTH_LIMITS_ANGSTROM = {
    "FUV": (915.0, 1800.0),
    "NUV": (915.0, 3200.0),
    "FUV-MAMA": (2.0, 10000.0),
    "NUV-MAMA": (2.0, 10000.0),
}


@dataclass(frozen=True)
class ExtractionSettings:
    """How events become a lightcurve.

    Parameters
    ----------
    bin_s : float
        Width of a time bin in seconds.
    wave_min, wave_max : float or None
        Wavelength limits in Angstrom; None means those of `WAVELENGTH_LIMITS_ANGSTROM`.
    exclude_airglow : bool
        Leave out `AIRGLOW_WINDOWS_ANGSTROM`.
    sun_altitude_max_deg : float or None
        Leave out the time when the Sun is higher than this above the horizon.
    bad_proposals : frozenset of int
        Proposals whose exposures are refused, for instance focus sweeps. None are by default.

    Raises
    ------
    ValueError
        If a value makes no sense.
    """

    bin_s: float = 2.0
    wave_min: float | None = None
    wave_max: float | None = None
    exclude_airglow: bool = True
    sun_altitude_max_deg: float | None = None
    bad_proposals: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        if not (math.isfinite(self.bin_s) and self.bin_s > 0):
            raise ValueError(f"bin_s is {self.bin_s}: give a width of more than 0 seconds.")
        for name, value in (("wave_min", self.wave_min), ("wave_max", self.wave_max)):
            if value is not None and not (math.isfinite(value) and value > 0):
                raise ValueError(f"{name} is {value}: give a wavelength of more than 0 Angstrom.")
        # No detector of STIS sees what neither of COS does.
        limits = [self.wavelength_limits(detector) for detector in ("FUV", "NUV")]
        if all(lower >= upper for lower, upper in limits):
            lower, upper = limits[0] if self.wave_max is not None else limits[-1]
            raise ValueError(
                f"wave_min is {lower} and wave_max {upper} Angstrom: the first must be smaller."
            )
        sun = self.sun_altitude_max_deg
        if sun is not None and not -90 <= sun <= 90:
            raise ValueError(f"sun_altitude_max_deg is {sun}: give degrees from -90 to 90.")

    def wavelength_limits(self, detector: str) -> tuple[float, float]:
        """Return the wavelengths (Angstrom) kept on a detector, such as ``FUV`` or ``NUV-MAMA``."""
        lower, upper = WAVELENGTH_LIMITS_ANGSTROM[detector]
        return (
            lower if self.wave_min is None else self.wave_min,
            upper if self.wave_max is None else self.wave_max,
        )


def find_unusual(settings: Mapping[str, object]) -> dict[str, object]:
    """Return those of the settings, by name, that make other numbers than the usual ones do."""
    usual = vars(ExtractionSettings())
    names = usual.keys() & settings.keys() - {"bad_proposals"}
    return {name: settings[name] for name in sorted(names) if settings[name] != usual[name]}
