"""Hold what may be chosen about a lightcurve. What each choice does is told where it is used."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from hstql_assets.lightcurves.events import Exposure
from hstql_assets.science.airglow import Windows, find_airglow

# Those of STIS only leave out what is no wavelength: it has what its x1d has.
WAVELENGTH_LIMITS_ANGSTROM = {
    "FUV": (915.0, 1800.0),
    "NUV": (915.0, 3200.0),
    "FUV-MAMA": (2.0, 10000.0),
    "NUV-MAMA": (2.0, 10000.0),
}
MAX_PULSE_HEIGHT = 31  # five bits


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
        Leave out what the sky lights up in the mode, `find_airglow`.
    sun_altitude_max_deg : float or None
        Leave out the time when the Sun is higher than this above the horizon.
    bad_proposals : frozenset of int
        Proposals whose exposures are refused, for instance focus sweeps. None are by default.
    windows : tuple of (float, float)
        Only these wavelengths, Angstrom, from the first to the second; none means all.
    sun_altitude_min_deg : float or None
        Leave out the time when the Sun is not higher than this.
    pulse_heights : tuple of (int, int) or None
        Only events of COS/FUV with a pulse height from the first to the second, whatever the
        pipeline rejects; None means what it keeps.
    is_by_orbit : bool
        One bin for each orbit, whatever `bin_s` is.
    target_sn : float or None
        Neighbouring bins are joined until counts are so many times their error.
    has_band_flux : bool
        Also add up the flux over the wavelengths, and average it weighted by sensitivity.

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
    windows: tuple[tuple[float, float], ...] = ()
    sun_altitude_min_deg: float | None = None
    pulse_heights: tuple[int, int] | None = None
    is_by_orbit: bool = False
    target_sn: float | None = None
    has_band_flux: bool = False

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
        self._check_windows()
        for name in ("sun_altitude_min_deg", "sun_altitude_max_deg"):
            sun = getattr(self, name)
            if sun is not None and not -90 <= sun <= 90:
                raise ValueError(f"{name} is {sun}: give degrees from -90 to 90.")
        if self.target_sn is not None and not (
            math.isfinite(self.target_sn) and self.target_sn > 0
        ):
            raise ValueError(f"target_sn is {self.target_sn}: give a number of more than 0.")
        if self.is_by_orbit and self.target_sn is not None:
            raise ValueError("A bin is of an orbit or of a target_sn: give one of the two.")

    def _check_windows(self) -> None:
        for lower, upper in self.windows:
            if not (0 < lower < upper < math.inf):
                raise ValueError(
                    f"A window is {lower} to {upper}: give two wavelengths in Angstrom, the "
                    "smaller first."
                )
        if self.pulse_heights is not None:
            first, last = self.pulse_heights
            if not 0 <= first <= last <= MAX_PULSE_HEIGHT:
                raise ValueError(
                    f"pulse_heights are {first} to {last}: give two from 0 to {MAX_PULSE_HEIGHT}, "
                    "the smaller first."
                )

    def wavelength_limits(self, detector: str) -> tuple[float, float]:
        """Return the wavelengths (Angstrom) kept on a detector, such as ``FUV`` or ``NUV-MAMA``."""
        lower, upper = WAVELENGTH_LIMITS_ANGSTROM[detector]
        return (
            lower if self.wave_min is None else self.wave_min,
            upper if self.wave_max is None else self.wave_max,
        )

    def find_airglow(self, exposure: Exposure) -> Windows:
        """Return the windows (Angstrom) that are left out of an exposure; none if not asked for."""
        if not self.exclude_airglow:
            return ()
        return find_airglow(exposure.instrument, exposure.opt_elem, exposure.aperture)


def find_unusual(settings: Mapping[str, object]) -> dict[str, object]:
    """Return those of the settings, by name, that make other numbers than the usual ones do."""
    usual = vars(ExtractionSettings())
    names = usual.keys() & settings.keys() - {"bad_proposals"}
    return {name: settings[name] for name in sorted(names) if settings[name] != usual[name]}
