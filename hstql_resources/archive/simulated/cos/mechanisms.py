"""Where the mechanisms of the simulated COS stand: numbers of real spt files, by grating."""

from hstql_resources.archive.simulated.cos.catalogue import Exposure
from hstql_resources.archive.simulated.sky.fitsfile import Value

# OSM1 (coarse, steps, fine), OSM2 (coarse, steps, fine), focus: of lb4l02m2q, ldfd01vnq, lb4c10niq.
_OPTICS = {
    "G130M": ((2217, 7991.1, 175), (12860, 1289.1, 31), 171.1),
    "G140L": ((35080, 1596.1, 196), (54545, 9424.1, 8), -677.1),
    "G230L": ((51412, 4793.1, 54), (65293, 11527.1, 72), -87.1),
}
_OTHERS = ((51412, 4793.1, 53), (54545, 9424.1, 8), -88.1)  # mirror B, of ldfd01vlq
# LAPXSTP and LAPXLVDT, by lifetime position; the first and the NUV detector are at the same place.
_APERTURES = {1: (126.1, 2762), 3: (182.1, 3077), 4: (235.1, 3378)}
_ALONG = (22.1, 2477)  # LAPDSTP, LAPDLVDT


def state_mechanisms(exposure: Exposure) -> dict[str, Value]:
    """Return the keywords of SNAP1: positions of OSM1, OSM2, focus and aperture."""
    setting = exposure.configuration
    first, second, focus = _OPTICS.get(setting.opt_elem, _OTHERS)
    steps, lvdt = _place_aperture(exposure)
    keywords: dict[str, Value] = {}
    for name, values in (("LOM1", first), ("LOM2", second)):
        endings = ("POSC", "STP", "POSF")
        keywords |= {name + end: value for end, value in zip(endings, values, strict=True)}
        keywords[f"{name}STAT"] = "PosValid"
    return keywords | {
        "LOMFSTP": focus,
        "LOMFSTAT": "PosValid",
        "LAPXSTP": steps,
        "LAPXLVDT": lvdt,
        "LAPXSTAT": "PosValid",
        "LAPDSTP": _ALONG[0],
        "LAPDLVDT": _ALONG[1],
        "LAPDSTAT": "PosValid",
        "LAPERTUR": "PSA",
    }


def state_aperture(exposure: Exposure) -> dict[str, Value]:
    """Return the keywords of a primary header: the position of the aperture [motor steps].

    The mechanism's x is across the dispersion, which headers of exposures call y.
    """
    return {"APERXPOS": _ALONG[0], "APERYPOS": _place_aperture(exposure)[0]}


def _place_aperture(exposure: Exposure) -> tuple[float, int]:
    setting = exposure.configuration
    return _APERTURES[setting.life_adj if setting.detector == "FUV" else 1]
