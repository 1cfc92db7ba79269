"""Name a part of the sky."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Cone:
    """A circle on the sky.

    Attributes
    ----------
    ra_deg, dec_deg : float [deg]
        Its centre, J2000.
    radius_deg : float [deg]
    """

    ra_deg: float
    dec_deg: float
    radius_deg: float

    def describe(self) -> str:
        """Return it in words."""
        radius = self.radius_deg * 3600
        return f"{radius:g} arcsec of RA {self.ra_deg:g} deg, Dec {self.dec_deg:g} deg"
