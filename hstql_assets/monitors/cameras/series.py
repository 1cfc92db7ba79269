"""Arrange the numbers of DARK and BIAS exposures by time, quantity, set-up and amplifier."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from hstql_assets.monitors.cameras.amplifiers import WHOLE
from hstql_assets.science.robust import ERROR_OF_MEDIAN, find_sigma


@dataclass(frozen=True)
class Quantity:
    """Something that is followed.

    Attributes
    ----------
    name : str
        For files.
    title, unit : str
        For axes.
    column : str
        Of `image_statistics`.
    error_column : str
        Its error there.
    filetypes : tuple of str
        The files that it may be taken from; an exposure has it of one of them.
    image_types : tuple of str
        The exposures that it is taken from.
    scale : float
        From the unit of the column to that of the axis.
    is_relative : bool
        Whether amplifiers differ so much that each is drawn about its own median.
    """

    name: str
    title: str
    unit: str
    column: str
    error_column: str
    filetypes: tuple[str, ...]
    image_types: tuple[str, ...]
    scale: float = 1.0
    is_relative: bool = False

    @property
    def axis_label(self) -> str:
        """What is drawn, with its unit."""
        what = f"{self.title} less its median" if self.is_relative else self.title
        return f"{what} ({self.unit})"


QUANTITIES = (
    Quantity(
        "bias_level", "bias level", "counts",
        "overscan_level", "overscan_level_error", ("raw",), ("BIAS", "DARK"),
        is_relative=True,
    ),
    Quantity(
        "read_noise", "read noise", "electrons",
        "read_noise", "read_noise_error", ("raw",), ("BIAS", "DARK"),
    ),
    Quantity(
        "dark_current", "dark current", "electrons/s",
        "dark_current", "dark_current_error", ("flt", "raw"), ("DARK",),
    ),
    Quantity(
        "hot_pixels", "hot pixels", "% of the pixels",
        "hot_fraction", "hot_fraction_error", ("flt",), ("DARK",), scale=100.0,
    ),
)  # fmt: skip


@dataclass(frozen=True, order=True)
class Setup:
    """What has to be the same in exposures that are compared.

    Attributes
    ----------
    instrument, detector : str
        Such as acs and WFC.
    gain_setting : float
        CCDGAIN, electrons per count; 0 where there is none.
    binning : int
        Detector columns in one of the image.
    """

    instrument: str
    detector: str
    gain_setting: float = 0.0
    binning: int = 1

    @property
    def name(self) -> str:
        """For files: such as acs_wfc_gain2."""
        parts = [self.instrument, self.detector.lower()]
        if self.gain_setting:
            parts.append(f"gain{self.gain_setting:g}")
        if self.binning > 1:
            parts.append(f"bin{self.binning}")
        return "_".join(parts)

    @property
    def label(self) -> str:
        """For readers: such as ACS/WFC, gain 2."""
        label = f"{self.instrument.upper()}/{self.detector}"
        if self.gain_setting:
            label += f", gain {self.gain_setting:g}"
        return label + (f", binned {self.binning} x {self.binning}" if self.binning > 1 else "")


@dataclass(frozen=True, eq=False)
class Series:
    """A quantity of one amplifier over time.

    Attributes
    ----------
    quantity : Quantity
    setup : Setup
    amplifier : str
        A to D, or `all`.
    mjd : ndarray, shape (n,)
        Start of the exposures, MJD (UTC), ascending.
    values, errors : ndarray, shape (n,)
        In the unit of the quantity; 1-sigma errors, NaN where not known.
    rootnames : tuple of str
        The exposures.
    exposures_per_point : int
        1, or how many neighbours in time a point is the median of.
    """

    quantity: Quantity
    setup: Setup
    amplifier: str
    mjd: np.ndarray
    values: np.ndarray
    errors: np.ndarray
    rootnames: tuple[str, ...]
    exposures_per_point: int = 1

    @property
    def label(self) -> str:
        """For readers: such as ACS/WFC, gain 2, amplifier A."""
        if self.amplifier == WHOLE:
            return self.setup.label
        return f"{self.setup.label}, amplifier {self.amplifier}"

    @property
    def base(self) -> float:
        """What is taken off the values where they are drawn."""
        return float(np.median(self.values)) if self.quantity.is_relative else 0.0


def make_series(rows: Sequence[Mapping[str, object]]) -> list[Series]:
    """Sort numbers into series: those with a value, by set-up, quantity and amplifier.

    The rows have columns of `image_statistics`, and `hot_fraction_error`, by time.
    """
    points: dict[tuple[Setup, int, str], list[tuple[float, float, float, str]]] = {}
    for row in rows:
        setup = _find_setup(row)
        for number, quantity in enumerate(QUANTITIES):
            is_its = row["filetype"] in quantity.filetypes
            value, error = row[quantity.column], row[quantity.error_column]
            if is_its and row["image_type"] in quantity.image_types and value is not None:
                key = (setup, number, str(row["amplifier"]))
                point = (_to_float(row["exp_start_mjd"]), _to_float(value), _to_float(error))
                points.setdefault(key, []).append((*point, str(row["rootname"])))
    return [
        _build(QUANTITIES[number], setup, amplifier, found)
        for (setup, number, amplifier), found in sorted(points.items())
    ]


def thin(series: Series, most: int) -> Series:
    """Return a series of at most so many points, each the median of neighbours in time.

    The error of a point is that of a median: 1.2533 times their robust deviation over the root of
    their number, or that of their own errors if it is larger.
    """
    number = -(-len(series.mjd) // most)
    if number <= 1:
        return series
    groups = np.array_split(np.arange(len(series.mjd)), -(-len(series.mjd) // number))
    return replace(
        series,
        mjd=np.array([np.median(series.mjd[group]) for group in groups]),
        values=np.array([np.median(series.values[group]) for group in groups]),
        errors=np.array([_error_of_median(series.values[g], series.errors[g]) for g in groups]),
        rootnames=tuple(series.rootnames[group[0]] for group in groups),
        exposures_per_point=number,
    )


def _error_of_median(values: np.ndarray, errors: np.ndarray) -> float:
    """Return the error of the median of values with errors, shape (n,), in their unit."""
    scatter = find_sigma(values)
    own = float(np.nanmedian(errors)) if np.isfinite(errors).any() else 0.0
    return ERROR_OF_MEDIAN * max(scatter, own) / float(np.sqrt(len(values)))


def _find_setup(row: Mapping[str, object]) -> Setup:
    gain = row["gain_setting"]
    return Setup(
        str(row["instrument"]),
        str(row["detector"]),
        0.0 if gain is None else _to_float(gain),
        int(_to_float(row["binning"])),
    )


def _to_float(value: object) -> float:
    return float(value) if isinstance(value, int | float) else float("nan")


def _build(
    quantity: Quantity,
    setup: Setup,
    amplifier: str,
    points: Sequence[tuple[float, float, float, str]],
) -> Series:
    ordered = sorted(points, key=lambda point: (point[0], point[3]))
    mjd, values, errors = np.array([point[:3] for point in ordered]).T
    rootnames = tuple(point[3] for point in ordered)
    scale = quantity.scale
    return Series(quantity, setup, amplifier, mjd, values * scale, errors * scale, rootnames)
