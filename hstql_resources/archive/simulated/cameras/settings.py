"""List what the cameras are set to: filters, their photometry, apertures, plan of a visit.

Photometry is of the size of real zero points, from the ACS and WFC3 handbooks.
"""

from dataclasses import dataclass
from types import MappingProxyType

from hstql_resources.archive.simulated.cameras.detectors import HRC, IR, SBC, UVIS, WFC, Detector
from hstql_resources.archive.simulated.cameras.frames import Window

# The IR detector is read four times; the first read is this long after the reset.
SAMPLE_SEQUENCE = "SPARS100"
SAMPLE_TIMES_S = (0.0, 2.932, 102.933, 202.933)
FIRST_SAMPLE_S = 2.912


@dataclass(frozen=True)
class Filter:
    """A filter as headers describe it.

    Attributes
    ----------
    name : str
        The element that is not clear.
    wheels : tuple of str
        FILTER1 and FILTER2 of ACS; FILTER of WFC3, twice.
    photflam : float
        Inverse sensitivity [erg/cm2/Angstrom/electron].
    pivot_a, width_a : float
        Pivot wavelength and RMS bandwidth [Angstrom].
    """

    name: str
    wheels: tuple[str, str]
    photflam: float
    pivot_a: float
    width_a: float


@dataclass(frozen=True)
class Slot:
    """One observation of a cycle; every cycle has the same ones, with other filters.

    Attributes
    ----------
    detector : Detector
        What it is made with.
    image_type : str
        IMAGETYP: `EXT`, `DARK` or `BIAS`.
    filters : tuple of Filter
        Cycles take turns.
    exposure_s : float
        Exposure time [s].
    aperture : str
        APERTURE.
    window : Window, optional
        The subarray, if it is one.
    member : int
        Which member of the association it is, from 1; 0 if it is none.
    is_association : bool
        Whether it is the association itself.
    """

    detector: Detector
    image_type: str
    filters: tuple[Filter, ...]
    exposure_s: float
    aperture: str
    window: Window | None = None
    member: int = 0
    is_association: bool = False

    @property
    def is_external(self) -> bool:
        """Whether it looks at the sky."""
        return self.image_type == "EXT"


def _first(name: str, *photometry: float) -> Filter:
    return Filter(name, (name, "CLEAR2L"), *photometry)


def _second(name: str, *photometry: float) -> Filter:
    return Filter(name, ("CLEAR1L", name), *photometry)


def _high(name: str, *photometry: float) -> Filter:
    return Filter(name, (name, "CLEAR2S"), *photometry)


def _only(name: str, *photometry: float) -> Filter:
    return Filter(name, (name, "N/A"), *photometry)


_WFC_FILTERS = (
    _first("F606W", 7.79e-20, 5921.9, 672.3),
    _second("F814W", 7.02e-20, 8045.5, 653.1),
    _second("F435W", 3.15e-19, 4328.2, 303.3),
    _first("F555W", 1.95e-19, 5360.9, 360.0),
)
_HRC_FILTERS = (
    _high("F555W", 3.02e-19, 5355.9, 357.4),
    _high("F606W", 1.27e-19, 5887.0, 664.3),
    _high("F550M", 6.19e-19, 5579.7, 163.3),
)
_SBC_FILTERS = (
    _only("F140LP", 2.71e-17, 1527.0, 124.7),
    _only("F165LP", 1.36e-16, 1757.9, 85.9),
    _only("F125LP", 1.71e-17, 1437.3, 125.6),
)
_UVIS_FILTERS = (
    _only("F606W", 1.18e-19, 5889.2, 657.2),
    _only("F814W", 1.51e-19, 8039.1, 663.3),
    _only("F438W", 6.80e-19, 4326.2, 197.3),
    _only("F275W", 3.21e-18, 2709.7, 164.4),
)
_IR_FILTERS = (
    _only("F160W", 1.92e-20, 15369.2, 826.3),
    _only("F125W", 2.24e-20, 12486.1, 866.3),
    _only("F110W", 1.53e-20, 11534.5, 1428.5),
)
_DARK_FILTERS = (Filter("CLEAR", ("CLEAR1L", "CLEAR2L"), 0.0, 0.0, 0.0),)
_HRC_DARK_FILTERS = (Filter("CLEAR", ("CLEAR1S", "CLEAR2S"), 0.0, 0.0, 0.0),)
_NO_FILTERS = (_only("CLEAR", 0.0, 0.0, 0.0),)
_BLOCKED = (_only("BLOCK1", 0.0, 0.0, 0.0),)
_BLANK = (_only("Blank", 0.0, 0.0, 0.0),)

_WFC_CORNER = Window(chip=1, column=0, row=1024, columns=1024, rows=1024)
_UVIS_CORNER = Window(chip=2, column=0, row=0, columns=1025, rows=1024)

_ACS = (
    Slot(WFC, "EXT", _WFC_FILTERS, 410.0, "WFC", member=1),
    Slot(WFC, "EXT", _WFC_FILTERS, 410.0, "WFC", member=2),
    Slot(WFC, "EXT", _WFC_FILTERS, 820.0, "WFC", is_association=True),
    Slot(WFC, "DARK", _DARK_FILTERS, 1000.0, "WFC"),
    Slot(WFC, "BIAS", _DARK_FILTERS, 0.0, "WFC"),
    Slot(HRC, "EXT", _HRC_FILTERS, 300.0, "HRC"),
    Slot(SBC, "EXT", _SBC_FILTERS, 500.0, "SBC"),
    Slot(WFC, "EXT", _WFC_FILTERS, 120.0, "WFC1A-1K", _WFC_CORNER),
    Slot(WFC, "DARK", _DARK_FILTERS, 1000.0, "WFC"),
    Slot(HRC, "BIAS", _HRC_DARK_FILTERS, 0.0, "HRC"),
    Slot(HRC, "DARK", _HRC_DARK_FILTERS, 1000.0, "HRC"),
    Slot(SBC, "DARK", _BLOCKED, 1000.0, "SBC"),
)
_WFC3 = (
    Slot(IR, "EXT", _IR_FILTERS, SAMPLE_TIMES_S[-1], "IR", member=1),
    Slot(IR, "EXT", _IR_FILTERS, SAMPLE_TIMES_S[-1], "IR", member=2),
    Slot(IR, "EXT", _IR_FILTERS, 2 * SAMPLE_TIMES_S[-1], "IR", is_association=True),
    Slot(UVIS, "EXT", _UVIS_FILTERS, 350.0, "UVIS"),
    Slot(UVIS, "DARK", _NO_FILTERS, 900.0, "UVIS"),
    Slot(UVIS, "BIAS", _NO_FILTERS, 0.0, "UVIS"),
    Slot(UVIS, "EXT", _UVIS_FILTERS, 150.0, "UVIS2-C1K1C-SUB", _UVIS_CORNER),
    Slot(IR, "DARK", _BLANK, SAMPLE_TIMES_S[-1], "IR"),
)
CYCLES = MappingProxyType({"acs": _ACS, "wfc3": _WFC3})
