"""Arrange the numbers of DARK and BIAS exposures by time, quantity, set-up and amplifier."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hstql_assets.monitors.cameras.amplifiers import WHOLE
from hstql_assets.science.robust import ERROR_OF_MEDIAN, find_sigmas
from hstql_resources.columns import Columns


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


def make_series(rows: Columns) -> list[Series]:
    """Sort numbers into series: those with a value, by set-up, quantity and amplifier.

    The rows have columns of `image_statistics`, and `hot_fraction_error`, by time.
    """
    rows = rows.where(np.lexsort((rows["rootname"].astype(str), rows.numbers("exp_start_mjd"))))
    found: dict[tuple[Setup, int, str], list[NDArray[np.int64]]] = {}
    for kind, places in _find_kinds(rows).items():
        for number, quantity in enumerate(QUANTITIES):
            if kind.filetype in quantity.filetypes and kind.image_type in quantity.image_types:
                known = places[~np.isnan(rows[quantity.column][places].astype(np.float64))]
                if known.size:
                    found.setdefault((kind.setup, number, kind.amplifier), []).append(known)
    return [_build(*key, rows, np.sort(np.concatenate(found[key]))) for key in sorted(found)]


def thin(series: Series, most: int) -> Series:
    """Return a series of at most so many points, each the median of neighbours in time.

    The error of a point is that of a median: 1.2533 times their robust deviation over the root of
    their number, or that of their own errors if it is larger.
    """
    number = -(-len(series.mjd) // most)
    if number <= 1:
        return series
    points = -(-len(series.mjd) // number)
    mjd, values, errors = (
        [*_split(column, points)] for column in (series.mjd, series.values, series.errors)
    )
    starts = np.cumsum([0, *(block.shape[1] for block in mjd for _ in block)])[:-1]
    return replace(
        series,
        mjd=np.concatenate([np.median(block, axis=1) for block in mjd]),
        values=np.concatenate([np.median(block, axis=1) for block in values]),
        errors=np.concatenate([*map(_errors_of_medians, values, errors)]),
        rootnames=tuple(series.rootnames[start] for start in starts.tolist()),
        exposures_per_point=number,
    )


def _split(column: np.ndarray, points: int) -> Iterator[np.ndarray]:
    """Yield the groups of `np.array_split` as rows of two arrays: those longer by one, the rest."""
    length, longer = divmod(len(column), points)
    border = longer * (length + 1)
    if longer:
        yield column[:border].reshape(longer, length + 1)
    yield column[border:].reshape(points - longer, length)


def _errors_of_medians(values: np.ndarray, errors: np.ndarray) -> np.ndarray:
    """Return the errors of the medians of values with errors, rows of shape (n, m); in their unit.

    A row without any error has that of its scatter.
    """
    own = np.zeros(len(errors))
    is_known = np.isfinite(errors).any(axis=1)
    own[is_known] = np.nanmedian(errors[is_known], axis=1)
    return np.asarray(
        ERROR_OF_MEDIAN * np.maximum(find_sigmas(values), own) / np.sqrt(values.shape[1])
    )


class Kind(NamedTuple):
    """What rows have in common."""

    setup: Setup
    amplifier: str
    filetype: str
    image_type: str


def _find_kinds(rows: Columns) -> dict[Kind, NDArray[np.int64]]:
    """Return the kinds that there are, with the places of their rows, ascending."""
    gains, binnings = np.nan_to_num(rows.numbers("gain_setting")), rows.numbers("binning")
    texts = (
        rows[name] for name in ("instrument", "detector", "amplifier", "filetype", "image_type")
    )
    told: dict[tuple[Any, ...], int] = {}
    columns = (gains.tolist(), binnings.tolist(), *texts)
    numbers = np.array([told.setdefault(one, len(told)) for one in zip(*columns, strict=True)])
    order = np.argsort(numbers, kind="stable")
    parts = np.split(order, np.cumsum(np.bincount(numbers))[:-1])
    return {
        Kind(
            Setup(str(instrument), str(detector), gain, int(binning)), str(amplifier), *types
        ): part
        for (gain, binning, instrument, detector, amplifier, *types), part in zip(
            told, parts, strict=True
        )
    }


def _build(
    setup: Setup, number: int, amplifier: str, rows: Columns, chosen: NDArray[np.int64]
) -> Series:
    """Return the numbers of a quantity, by its number, in the rows at some places, by time."""
    quantity = QUANTITIES[number]
    mjd, values, errors = (
        rows[name][chosen].astype(np.float64)
        for name in ("exp_start_mjd", quantity.column, quantity.error_column)
    )
    names = tuple(rows["rootname"][chosen])
    scale = quantity.scale
    return Series(quantity, setup, amplifier, mjd, values * scale, errors * scale, names)
