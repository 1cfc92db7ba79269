"""Describe the simulated COS: detectors, spectra on them, sensitivity, flaws, backgrounds.

Numbers that do not change from exposure to exposure, for the lifetime position of 2017 to 2021,
stand in instrument.toml; dispersions and sensitivities are rounded from real headers and spectra.
The rows of an extraction are in `zones`, photons in `photons`.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from hstql_resources.archive.simulated.instrument_data import load_data

TICK_S = 0.032  # the COS clock

BURST = 64
OUT_OF_BOUNDS = 128
PULSE_HEIGHT = 512
BAD_TIME = 2048
REJECTED = BURST | PULSE_HEIGHT | BAD_TIME  # CalCOS leaves these out, whatever SDQFLAGS says

Detector = Literal["FUV", "NUV"]
Algorithm = Literal["TWOZONE", "BOXCAR"]


@dataclass(frozen=True)
class Stripe:
    """One spectrum on a detector, which is one row of the x1d.

    Attributes
    ----------
    segment : str
        `FUVA`, `FUVB`, `NUVA`, `NUVB` or `NUVC`.
    wavelength_a, dispersion_a : float
        Wavelength of pixel 0 [Angstrom], and Angstrom per pixel.
    sensitivity, peak_a, width_a : float
        Accepted count/s per pixel per erg/s/cm2/Angstrom at its peak, wavelength of the peak and
        Gaussian width of the sensitivity [Angstrom].
    row, slope, sigma : float
        Row of the spectrum in mid-detector, rows per column, Gaussian width [rows].
    height : int
        Rows of the extraction box.
    background_rows : tuple of float
        Rows of the middle of the two background boxes, in mid-detector.
    background_height : int
        Rows of each background box.
    """

    segment: str
    wavelength_a: float
    dispersion_a: float
    sensitivity: float
    peak_a: float
    width_a: float
    row: float
    slope: float
    sigma: float
    height: int
    background_rows: tuple[float, float]
    background_height: int

    @property
    def letter(self) -> str:
        """The last letter of the segment, which ends its header keywords."""
        return self.segment[-1]

    def wavelength_at(self, column: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the wavelength [Angstrom] at detector pixels, whole or not, shape (n,)."""
        return self.wavelength_a + self.dispersion_a * column

    def sensitivity_at(self, wavelength_a: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return count/s/pixel, accepted, of 1 erg/s/cm2/Angstrom at Angstroms, shape (n,)."""
        deviation = (wavelength_a - self.peak_a) / self.width_a
        return self.sensitivity * np.exp(-0.5 * deviation**2)


@dataclass(frozen=True)
class Flaw:
    """A rectangle of flagged pixels; all bounds are inside it."""

    flag: int
    left: int
    right: int
    bottom: int
    top: int


@dataclass(frozen=True)
class Readout:
    """A detector half or detector with its own event list, which is one corrtag file.

    Attributes
    ----------
    suffix : str
        What follows `corrtag` in the file name.
    segment : str
        The header's SEGMENT.
    stripes : tuple of Stripe
        The spectra on it.
    columns, rows : int
        Its size in pixels.
    column_offset : int
        How many columns of an x1d row lie before detector pixel 0 (X_OFFSET).
    active : tuple of int
        First and last column, first and last row that give events.
    background_rate : float
        Events per pixel and second.
    flaws : tuple of Flaw
        Flagged rectangles.
    """

    suffix: str
    segment: str
    stripes: tuple[Stripe, ...]
    columns: int
    rows: int
    column_offset: int
    active: tuple[int, int, int, int]
    background_rate: float
    flaws: tuple[Flaw, ...]

    @property
    def table_columns(self) -> NDArray[np.int64]:
        """The detector pixel of every element of an x1d row: 16384 of them, or 1274."""
        extra = 150 if self.column_offset else 0
        return np.arange(-self.column_offset, self.columns + extra, dtype=np.int64)

    @property
    def active_elements(self) -> slice:
        """Which elements of an x1d row have events."""
        first, last = (column + self.column_offset for column in self.active[:2])
        return slice(first, last + 1)

    @property
    def active_pixels(self) -> int:
        """How many pixels give events."""
        left, right, bottom, top = self.active
        return (right - left + 1) * (top - bottom + 1)

    def spread(
        self, rng: np.random.Generator, size: int
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return columns and rows [pixel], shape (size,), spread evenly over the active pixels."""
        left, right, bottom, top = self.active
        x = rng.uniform(left - 0.5, right + 0.5, size)
        return x, rng.uniform(bottom - 0.5, top + 0.5, size)

    def nearest_stripes(self, row: NDArray[np.number]) -> NDArray[np.intp]:
        """Return the number of the stripe, from 0, nearest to each row [pixel], shape (n,)."""
        rows = np.array([stripe.row for stripe in self.stripes])
        return np.searchsorted((rows[1:] + rows[:-1]) / 2.0, row)

    @property
    def middle(self) -> int:
        """The detector pixel at which SP_LOC holds: the middle of an x1d row."""
        return self.table_columns.size // 2 - self.column_offset


@dataclass(frozen=True)
class Configuration:
    """An instrument setting: detector, grating, and what it reads out."""

    detector: Detector
    opt_elem: str
    cenwave: int
    algorithm: Algorithm
    life_adj: int
    serious_flags: int
    readouts: tuple[Readout, ...]

    @property
    def photons_accepted(self) -> float:
        """Fraction of photons with a good pulse height; the NUV detector measures none."""
        return 0.99 if self.detector == "FUV" else 1.0

    @property
    def background_accepted(self) -> float:
        """Fraction of background events with a good pulse height."""
        return 0.7 if self.detector == "FUV" else 1.0

    @property
    def stripes(self) -> tuple[Stripe, ...]:
        """All spectra, in the order of the rows of the x1d."""
        return tuple(stripe for readout in self.readouts for stripe in readout.stripes)


_SETTINGS = load_data("cos/instrument", dict[str, Configuration])
G130M, G140L, G230L = (_SETTINGS[name] for name in ("G130M", "G140L", "G230L"))

# One after the other on every target: half of the exposures in one mode, as in real programs.
CONFIGURATIONS = (G130M, G230L, G140L, G130M)
