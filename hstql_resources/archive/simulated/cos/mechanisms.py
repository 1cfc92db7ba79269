"""State where the mechanisms of the simulated COS stand: numbers of real files, by grating."""

from hstql_resources.archive.simulated.cos.catalogue import Exposure
from hstql_resources.archive.simulated.sky.fitsfile import Values

# OSM1 (coarse, steps, fine), OSM2 (coarse, steps, fine), focus: of lb4l02m2q, ldfd01vnq, lb4c10niq.
_OPTICS = {
    "G130M": (2217, 7991.1, 175, 12860, 1289.1, 31, 171.1),
    "G140L": (35080, 1596.1, 196, 54545, 9424.1, 8, -677.1),
    "G230L": (51412, 4793.1, 54, 65293, 11527.1, 72, -87.1),
}
_OTHERS = (51412, 4793.1, 53, 54545, 9424.1, 8, -88.1)  # mirror B, of ldfd01vlq
_NAMES = ("LOM1POSC", "LOM1STP", "LOM1POSF", "LOM2POSC", "LOM2STP", "LOM2POSF", "LOMFSTP")
# LAPXSTP and LAPXLVDT, by lifetime position; the first and the NUV detector are at the same place.
_APERTURES = {1: (126.1, 2762), 3: (182.1, 3077), 4: (235.1, 3378)}
_ALONG = (22.1, 2477)  # LAPDSTP, LAPDLVDT


def state_mechanisms(exposure: Exposure) -> Values:
    """Return the positions of OSM1, OSM2, focus and aperture: of SNAP1, and of primary headers.

    The mechanism's x is across the dispersion, which headers of exposures call y.
    """
    setting = exposure.configuration
    optics = _OPTICS.get(setting.opt_elem, _OTHERS)
    steps, lvdt = _APERTURES[setting.life_adj if setting.detector == "FUV" else 1]
    return {
        **dict(zip(_NAMES, optics, strict=True)),
        **dict.fromkeys(("LAPXSTP", "APERYPOS"), steps),
        "LAPXLVDT": lvdt,
        **dict.fromkeys(("LAPDSTP", "APERXPOS"), _ALONG[0]),
        "LAPDLVDT": _ALONG[1],
    }
