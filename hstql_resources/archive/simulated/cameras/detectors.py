"""Describe the five detectors, whose numbers stand in detectors.toml: geometry and behaviour.

Sizes are in unbinned pixels. Each part of a binned frame is its unbinned size over the binning,
rounded down. Geometry after the ACS Instrument Handbook (sections 3 and 4) and the WFC3
Instrument Handbook (sections 5.2, 5.4 and 5.7): two chips of WFC and UVIS are read at their
far ends, so the virtual rows of the upper chip are below its pixels, those of the lower above.
Noise, dark current and hot pixels are of the size of real ones, per pixel of the frame whatever
its binning.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from hstql_resources.archive.simulated.instrument_data import load_data


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
    commanded_gain : int or float
        CCDGAIN, as headers have it.
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
    commanded_gain: int | float = 1.0
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
    def mode(self) -> str:
        """OBSMODE: the IR detector is read several times."""
        return "MULTIACCUM" if self.name == "IR" else "ACCUM"

    @property
    def configuration(self) -> str:
        """CONFIG: instrument and detector."""
        return f"{self.instrument.upper()}/{self.name}"

    @property
    def amplifiers(self) -> str:
        """CCDAMP: its amplifiers; empty if it has none."""
        return "".join(sorted(self.gain))

    @property
    def mosaic_rows(self) -> int:
        """Rows of all chips and the gap between them."""
        return len(self.chips) * self.rows + (len(self.chips) - 1) * self.gap_rows


DETECTORS = load_data("cameras/detectors", dict[str, Detector])
