"""Describe the simulated STIS: its clock, two settings, and where their spectra lie.

Numbers that do not change from exposure to exposure. Dispersions, traces and extraction
boxes are rounded from real headers and spectra; the echelle is ten times as sensitive as the
real one, so that the targets of COS have usable spectra. Flat fields and bad pixels are in
`detector`.

Positions are counted as in a real x1d: lo-res pixels, of which the first has its centre at 1.
A hi-res pixel is half of one in each direction.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from hstql_resources.archive.simulated.instrument_data import load_data

TICK_S = 0.000125  # the STIS clock
PIXELS = 1024  # lo-res pixels of the detector, in each direction
REFERENCE_COLUMN = 513  # where A2CENTER is the trace: the element of index 512 of a real EXTRLOCY
COLUMNS = np.arange(1.0, PIXELS + 1.0)


@dataclass(frozen=True)
class Order:
    """One spectral order on the detector, which is one row of the x1d.

    Attributes
    ----------
    number : int
        The spectral order.
    wavelength_a, dispersion_a : float
        Wavelength at the reference column [Angstrom], and Angstrom per lo-res column.
    row, tilt : float
        Lo-res row of the trace at the reference column, and rows per column.
    sensitivity : float
        Count/s per lo-res column per erg/s/cm2/Angstrom at its peak, of all rows.
    peak_a, width_a : float
        Wavelength of the peak and Gaussian width of the sensitivity [Angstrom].
    background_offsets : tuple of float
        Rows from the trace to the middle of the two background boxes.
    """

    number: int
    wavelength_a: float
    dispersion_a: float
    row: float
    tilt: float
    sensitivity: float
    peak_a: float
    width_a: float
    background_offsets: tuple[float, float]

    def wavelength_at(self, column: NDArray[np.float64], shift1: float) -> NDArray[np.float64]:
        """Return the wavelength [Angstrom] at lo-res columns, shape (n,); shift1 is in columns."""
        return self.wavelength_a + self.dispersion_a * (column - REFERENCE_COLUMN - shift1)

    def trace_at(self, column: NDArray[np.float64], shift2: float) -> NDArray[np.float64]:
        """Return the lo-res row of the trace at lo-res columns, shape (n,); shift2 is in rows."""
        return self.row + shift2 + self.tilt * (column - REFERENCE_COLUMN)

    def sensitivity_at(self, wavelength_a: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return count/s/column of 1 erg/s/cm2/Angstrom at wavelengths [Angstrom], shape (n,)."""
        deviation = (wavelength_a - self.peak_a) / self.width_a
        return self.sensitivity * np.exp(-0.5 * deviation**2)


@dataclass(frozen=True)
class Setting:
    """An instrument setting: grating, aperture, and how its spectra are extracted.

    Attributes
    ----------
    sigma : float
        Gaussian width of a spectrum across the dispersion [lo-res rows].
    box_rows : int
        Rows of the extraction box.
    background_rows : tuple of int
        Rows of the two background boxes.
    orders : tuple of Order
        In the order of the rows of the x1d.
    """

    opt_elem: str
    cenwave: int
    aperture: str
    minimum_a: float
    maximum_a: float
    sigma: float
    box_rows: int
    background_rows: tuple[int, int]
    orders: tuple[Order, ...]

    @property
    def enclosed(self) -> float:
        """The fraction of a source's light that is in the extraction box."""
        return self._enclose(self.sigma)

    @property
    def enclosed_in_image(self) -> float:
        """The same in an image of lo-res pixels, whose ends count by the part in the box.

        Light is spread evenly over a row twice, when it is binned and when the row is cut:
        the variance of each is a twelfth.
        """
        return self._enclose(float(np.sqrt(self.sigma**2 + 2.0 / 12.0)))

    @property
    def doppler_pixels(self) -> float:
        """Lo-res columns per unit of velocity over the speed of light."""
        order = self.orders[0]
        return order.wavelength_a / order.dispersion_a

    def _enclose(self, sigma: float) -> float:
        return float(2.0 * ndtr(self.box_rows / 2.0 / sigma) - 1.0)


def _make_echelle_orders() -> tuple[Order, ...]:
    """Return twenty orders, 18 to 30 rows apart; the background is taken half-way between."""
    count = 20
    spacings = np.linspace(30.3, 17.7, count + 1)  # below the first ... above the last
    rows = 250.0 + np.concatenate([[0.0], np.cumsum(spacings[1:-1])])
    orders = []
    for index in range(count):
        number = 94 + index
        wavelength_a = 147100.0 / number
        orders.append(
            Order(
                number=number,
                wavelength_a=wavelength_a,
                dispersion_a=wavelength_a / 91700.0,
                row=round(float(rows[index]), 3),
                tilt=0.0050 + 0.00002 * index,
                sensitivity=2.4e12,
                peak_a=wavelength_a,
                width_a=5.5,
                background_offsets=(
                    round(float(spacings[index + 1]) / 2.0, 3),
                    round(-float(spacings[index]) / 2.0, 3),
                ),
            )
        )
    return tuple(orders)


_TEXT = load_data("stis/instrument", dict[str, Setting])
SETTINGS = (_TEXT["G140L"], replace(_TEXT["E140M"], orders=_make_echelle_orders()))
