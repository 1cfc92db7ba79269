"""List what the cameras are set to: filters, their photometry, apertures, plan of a visit.

All of it stands in filters.toml and cycles.toml. Photometry is of the size of real zero points,
from the ACS and WFC3 handbooks.
"""

from dataclasses import dataclass, replace

from hstql_resources.archive.simulated.cameras.detectors import DETECTORS, Detector
from hstql_resources.archive.simulated.cameras.frames import Window
from hstql_resources.archive.simulated.instrument_data import load_data

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


_FILTERS = load_data("cameras/filters", dict[str, tuple[Filter, ...]])


@dataclass(frozen=True)
class Slot:
    """One observation of a cycle; every cycle has the same ones, with other filters.

    Attributes
    ----------
    detector_name : str
        What it is made with.
    image_type : str
        IMAGETYP: `EXT`, `DARK`, `BIAS` or `FLAT`.
    band : str
        What its filters are called in the text.
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
    lamp : str
        SCLAMP of a flat, which is its target, too; empty for others.
    lamp_e : float
        Light of the lamp, or of the Earth, in the middle of the detector [electron], all of the
        exposure.
    target : str
        TARGNAME of what is neither the sky nor a lamp, where it is not IMAGETYP.
    brightness : float
        Of stars and galaxy, over the usual.
    virtual_rows : int
        Overscan behind the rows, where it is larger than usual [unbinned pixels]: charge that
        traps have caught trails into it.
    flash_e : float
        Light of the post-flash of a dark [electron].
    binning : int
        Other than the usual one of its detector; 0 for that.
    stars : tuple of str
        Standard stars that epochs look at in turn.
    star_rate : float
        Light of the first one at the first epoch [electron/s].
    star_growth : float
        What all of them gain [1/year].
    """

    detector_name: str
    image_type: str
    band: str
    exposure_s: float
    aperture: str
    window: Window | None = None
    member: int = 0
    is_association: bool = False
    lamp: str = ""
    lamp_e: float = 0.0
    target: str = ""
    brightness: float = 1.0
    virtual_rows: int = 0
    flash_e: float = 0.0
    binning: int = 0
    stars: tuple[str, ...] = ()
    star_rate: float = 0.0
    star_growth: float = 0.0

    @property
    def detector(self) -> Detector:
        """What it is made with."""
        usual = DETECTORS[self.detector_name]
        return replace(usual, virtual_rows=self.virtual_rows) if self.virtual_rows else usual

    @property
    def filters(self) -> tuple[Filter, ...]:
        """The filters that cycles take in turn."""
        return _FILTERS[self.band]

    @property
    def is_external(self) -> bool:
        """Whether it looks at the sky."""
        return self.image_type == "EXT"


@dataclass(frozen=True)
class StandardStar:
    """A standard star: place at epoch 2000.0 and motion on the sky, and light over the first one.

    Attributes
    ----------
    ra_deg, dec_deg : float
        ICRS.
    pm_ra_mas, pm_dec_mas : float
        [milliarcsec/year].
    brightness : float
    """

    ra_deg: float
    dec_deg: float
    pm_ra_mas: float
    pm_dec_mas: float
    brightness: float = 1.0


@dataclass(frozen=True)
class Standards:
    """The stars by name, and by instrument the exposures of an epoch."""

    stars: dict[str, StandardStar]
    slots: dict[str, tuple[Slot, ...]]


STANDARDS = load_data("cameras/standards", Standards)
FLATS = load_data("cameras/flats", dict[str, tuple[Slot, ...]])
BLOB_FRAMES = load_data("cameras/blob_frames", dict[str, tuple[Slot, ...]])
BOWTIE_FLATS = load_data("cameras/bowtie_flats", dict[str, tuple[Slot, ...]])
PERSISTENCE = load_data("cameras/persistence", dict[str, tuple[Slot, ...]])
EPER_FLATS = load_data("cameras/eper_flats", dict[str, tuple[Slot, ...]])
DARKS = load_data("cameras/darks", dict[str, tuple[Slot, ...]])
CYCLES = load_data("cameras/cycles", dict[str, tuple[Slot, ...]])
