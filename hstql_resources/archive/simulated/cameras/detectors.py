"""Describe the five detectors: their geometry, and how they behave.

Sizes are in unbinned pixels. Each part of a binned frame is its unbinned size over the binning,
rounded down. Geometry after the ACS Instrument Handbook (sections 3 and 4) and the WFC3
Instrument Handbook (sections 5.2, 5.4 and 5.7): two chips of WFC and UVIS are read at their
far ends, so the virtual rows of the upper chip are below its pixels, those of the lower above.
Noise, dark current and hot pixels are of the size of real ones, per pixel of the frame whatever
its binning.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True)
class Chip:
    """A chip of a detector.

    Attributes
    ----------
    number : int
        Its CCDCHIP.
    amplifiers : tuple of tuple of str
        Which amplifier reads which quadrant: lower left, lower right; upper left, upper right.
    virtual_above : bool
        Whether its virtual rows are above its pixels.
    """

    number: int
    amplifiers: tuple[tuple[str, str], tuple[str, str]]
    virtual_above: bool = True


@dataclass(frozen=True)
class Detector:
    """A detector, in unbinned pixels.

    Attributes
    ----------
    instrument, name : str
        `acs` or `wfc3`, and its DETECTOR.
    columns, rows : int
        Science pixels of a chip.
    chips : tuple of Chip
        In the order of their extensions: the lower chip first.
    physical : int
        Physical overscan, or reference pixels, at each end of a row.
    virtual_columns, virtual_rows : int
        Virtual overscan in the middle of each row, and beyond the rows.
    border_rows : int
        Reference pixels below and above the rows.
    gap_rows : int
        Between the chips on the sky.
    scale_arcsec : float
        Size of a pixel [arcsec].
    gain, read_noise_e, bias_dn : mapping
        Of each amplifier [electron/DN, electron, DN].
    commanded_gain : float
        CCDGAIN.
    first_mjd, last_mjd : float
        Between which it observes here.
    dark_rate, dark_growth : float
        Dark current at the first date [electron/s], and what it gains in a year.
    hot_fraction, hot_growth : float
        Fraction of pixels that are hot at the first date, and what it gains in a year.
    cosmic_ray_rate : float
        Fraction of pixels that cosmic rays touch in a second.
    full_well_e : float
        Where a pixel saturates [electron].
    """

    instrument: str
    name: str
    columns: int
    rows: int
    chips: tuple[Chip, ...]
    scale_arcsec: float
    first_mjd: float
    last_mjd: float
    binning: int = 8
    physical: int = 0
    virtual_columns: int = 0
    virtual_rows: int = 0
    border_rows: int = 0
    gap_rows: int = 0
    gain: Mapping[str, float] = field(default_factory=dict)
    read_noise_e: Mapping[str, float] = field(default_factory=dict)
    bias_dn: Mapping[str, float] = field(default_factory=dict)
    commanded_gain: float = 1.0
    dark_rate: float = 0.0
    dark_growth: float = 0.0
    hot_fraction: float = 0.0
    hot_growth: float = 0.0
    cosmic_ray_rate: float = 0.0
    full_well_e: float = 0.0

    @property
    def is_ccd(self) -> bool:
        """Whether it is a CCD."""
        return self.name in {"WFC", "HRC", "UVIS"}

    @property
    def amplifiers(self) -> str:
        """CCDAMP: its amplifiers; empty if it has none."""
        return "".join(sorted(self.gain))

    @property
    def mosaic_rows(self) -> int:
        """Rows of all chips and the gap between them."""
        return len(self.chips) * self.rows + (len(self.chips) - 1) * self.gap_rows


def _amplifiers(**values: float) -> Mapping[str, float]:
    return MappingProxyType(values)


WFC = Detector(
    instrument="acs",
    name="WFC",
    columns=4096,
    rows=2048,
    chips=(
        Chip(2, (("C", "D"), ("C", "D"))),
        Chip(1, (("A", "B"), ("A", "B")), virtual_above=False),
    ),
    scale_arcsec=0.05,
    first_mjd=54990.0,
    last_mjd=60900.0,
    physical=24,
    virtual_rows=20,
    gap_rows=50,
    gain=_amplifiers(A=2.02, B=1.886, C=2.017, D=2.0109),
    read_noise_e=_amplifiers(A=4.35, B=3.75, C=4.05, D=3.85),
    bias_dn=_amplifiers(A=2370.0, B=2245.0, C=2320.0, D=2360.0),
    commanded_gain=2.0,
    dark_rate=0.006,
    dark_growth=0.0006,
    hot_fraction=0.004,
    hot_growth=0.0008,
    cosmic_ray_rate=2.0e-5,
    full_well_e=80000.0,
)
HRC = Detector(
    instrument="acs",
    name="HRC",
    columns=1024,
    rows=1024,
    chips=(Chip(1, (("C", "C"), ("C", "C"))),),
    scale_arcsec=0.026,
    first_mjd=52340.0,
    last_mjd=54120.0,  # it failed in January 2007
    physical=19,
    virtual_rows=20,
    gain=_amplifiers(C=2.216),
    read_noise_e=_amplifiers(C=4.74),
    bias_dn=_amplifiers(C=2461.0),
    commanded_gain=2,  # an integer in old headers
    dark_rate=0.0025,
    dark_growth=0.0005,
    hot_fraction=0.003,
    hot_growth=0.001,
    cosmic_ray_rate=2.5e-5,
    full_well_e=150000.0,
)
SBC = Detector(
    instrument="acs",
    name="SBC",
    columns=1024,
    rows=1024,
    chips=(Chip(1, (("", ""), ("", ""))),),
    scale_arcsec=0.032,
    first_mjd=52340.0,
    last_mjd=60900.0,
    dark_rate=1.0e-5,
)
UVIS = Detector(
    instrument="wfc3",
    name="UVIS",
    columns=4096,
    rows=2051,
    chips=(
        Chip(2, (("C", "D"), ("C", "D"))),
        Chip(1, (("A", "B"), ("A", "B")), virtual_above=False),
    ),
    scale_arcsec=0.0396,
    first_mjd=55030.0,
    last_mjd=60900.0,
    physical=25,
    virtual_columns=60,
    virtual_rows=19,
    gap_rows=31,
    gain=_amplifiers(A=1.56, B=1.56, C=1.58, D=1.57),
    read_noise_e=_amplifiers(A=2.97, B=2.99, C=2.90, D=3.01),
    bias_dn=_amplifiers(A=2550.0, B=2545.0, C=2470.0, D=2580.0),
    commanded_gain=1.5,
    dark_rate=0.0004,
    dark_growth=0.0003,
    hot_fraction=0.003,
    hot_growth=0.0012,
    cosmic_ray_rate=2.0e-5,
    full_well_e=70000.0,
)
IR = Detector(
    instrument="wfc3",
    name="IR",
    columns=1014,
    rows=1014,
    chips=(Chip(1, (("B", "C"), ("A", "D"))),),
    scale_arcsec=0.1283,
    first_mjd=55030.0,
    last_mjd=60900.0,
    binning=5,  # 8 would leave nothing of the 5 reference pixels
    physical=5,
    border_rows=5,
    gain=_amplifiers(A=2.34, B=2.37, C=2.31, D=2.38),
    read_noise_e=_amplifiers(A=20.2, B=19.8, C=19.9, D=20.1),
    bias_dn=_amplifiers(A=11290.0, B=11540.0, C=10960.0, D=11410.0),
    commanded_gain=2.5,
    dark_rate=0.048,
    dark_growth=0.0,
    hot_fraction=0.003,
    hot_growth=0.0,
    cosmic_ray_rate=1.1e-5,
    full_well_e=78000.0,
)
