"""Weigh events, and say what there is to extract of a file: the same for every instrument.

Only the shapes are here. `cos_weights` and `stis_weights` fill them, each with the geometry of its
instrument; `extraction` adds up what they say and knows neither.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from hstql_assets.batching.bad_data import BadData

Places = tuple[np.ndarray, ...]
Rows = tuple[np.ndarray, np.ndarray]  # of a box in each column, shape (columns,)
Weights = tuple[np.ndarray, np.ndarray, np.ndarray]  # gross, background, flux; shape (m,)


class EventWeights(Protocol):
    """Looks up what each event of a file counts, by the pixel that it fell in."""

    @property
    def rejected_dq(self) -> int:
        """Bits of DQ with which an event does not count."""

    @property
    def flux_columns(self) -> int:
        """Columns that a flux is the sum over."""

    @property
    def wave_span(self) -> tuple[float, float]:
        """Shortest and longest wavelength counted, Angstrom; NaN if none or not known."""

    def locate(self, block: np.ndarray) -> tuple[np.ndarray, Places]:
        """Find the pixels of a block of events.

        Parameters
        ----------
        block : numpy.ndarray, shape (n,)
            Records of the EVENTS table.

        Returns
        -------
        is_counted : numpy.ndarray of bool, shape (n,)
            Whether the event is in a source or a background.
        places : tuple of numpy.ndarray, shape (n,)
            What `weigh` needs to know of them.
        """

    def weigh(self, places: Places, chosen: np.ndarray) -> Weights:
        """Return what the chosen events of a block add.

        Parameters
        ----------
        places : tuple of numpy.ndarray, shape (n,)
            From `locate`.
        chosen : numpy.ndarray of int, shape (m,)
            Which events of the block.

        Returns
        -------
        gross, background : numpy.ndarray, shape (m,)
            Counts; that of the background scaled to the source.
        flux : numpy.ndarray, shape (m,)
            erg/cm2/Angstrom for EPSILON 1, background negative. The caller may change it.
        """


@dataclass(frozen=True)
class Region:
    """Source and background of one segment, stripe or order; arrays have the shape (columns,).

    Parameters
    ----------
    source : tuple of numpy.ndarray of int
        First and last row of the source, counted as the instrument does.
    background : tuple of such tuples
        The same of each background box.
    is_good : numpy.ndarray of bool
        Columns that the files allow, whatever the settings.
    is_used : numpy.ndarray of bool
        Columns to count in: the good ones that the settings select.
    scale : numpy.ndarray
        Source rows over background rows, 0 where there are none.
    flux_per_count : numpy.ndarray
        erg/cm2/Angstrom that one event with EPSILON 1 stands for, NaN where not calibrated.
    wavelength : numpy.ndarray or None
        Angstrom, of the x1d; None if there is none.
    """

    source: Rows
    background: tuple[Rows, ...]
    is_good: np.ndarray
    is_used: np.ndarray
    scale: np.ndarray
    flux_per_count: np.ndarray
    wavelength: np.ndarray | None

    @property
    def flux_columns(self) -> int:
        """Number of columns that are used and have a known sensitivity."""
        return int(np.sum(self.is_used & np.isfinite(self.flux_per_count)))

    @property
    def used_wavelength(self) -> np.ndarray:
        """Wavelengths of the columns that are used, Angstrom, shape (n,)."""
        return np.empty(0) if self.wavelength is None else self.wavelength[self.is_used]


def scale_rows(source: np.ndarray, background: np.ndarray) -> np.ndarray:
    """Return source rows over background rows, shape (columns,); 0 without any of these."""
    scale = np.zeros(len(source))
    np.divide(source, background, out=scale, where=background > 0)
    return scale


def invert_sensitivity(sensitivity: np.ndarray) -> np.ndarray:
    """Return the flux per count, shape (columns,), of counts per flux; NaN where not known."""
    with np.errstate(divide="ignore", invalid="ignore"):
        flux_per_count = np.asarray(1 / sensitivity)
    flux_per_count[~np.isfinite(flux_per_count)] = np.nan
    return flux_per_count


@dataclass(frozen=True)
class Plan:
    """What there is to extract of an event file.

    Parameters
    ----------
    candidates, segments : tuple of str
        What the file has, and what is used of it, by name.
    has_good : bool
        Whether the files allow anything at all, whatever the settings.
    has_used : bool
        Whether the settings leave anything of it.
    is_background_subtracted : bool
        Whether there is a background region.
    nothing_good : callable
        Says what is wrong where nothing is good, of all files of the exposure by name.
    open_weights : callable
        Makes the `EventWeights` of the file.
    """

    candidates: tuple[str, ...]
    segments: tuple[str, ...]
    has_good: bool
    has_used: bool
    is_background_subtracted: bool
    nothing_good: Callable[[tuple[str, ...]], BadData]
    open_weights: Callable[[], EventWeights]


def nearest_pixel(position: np.ndarray, pixels: int) -> np.ndarray:
    """Return the pixel of each position; -1 or `pixels` outside of 0 to `pixels` - 1.

    Parameters
    ----------
    position : numpy.ndarray, shape (n,)
        Pixels, where whole numbers are centres.
    pixels : int
        Size of the image along this axis.

    Returns
    -------
    numpy.ndarray of int, shape (n,)
        -1 for NaN too.
    """
    # fmax and fmin, because a NaN has to go outside the image too.
    pixel: np.ndarray = np.fmax(position, -1.0)
    np.fmin(pixel, pixels, out=pixel)
    pixel += 0.5
    np.floor(pixel, out=pixel)
    return pixel.astype(np.intp)


def look_up(table: np.ndarray, place: np.ndarray) -> np.ndarray:
    """Return entries of a table, shape (n,): fast, because nothing is checked.

    Parameters
    ----------
    table : numpy.ndarray of any shape
    place : numpy.ndarray of int, shape (n,)
        Flat indices, all within it.
    """
    entries: np.ndarray = table.ravel().take(place, mode="clip")
    return entries
