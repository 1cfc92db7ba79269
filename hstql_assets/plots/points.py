"""Choose the points that a plot shows: bins of a lightcurve, or means over some of very many.

What a point means belongs here, how it looks does not.
"""

from dataclasses import dataclass, fields

import numpy as np

from hstql_assets.lightcurves.table import CurveTable


@dataclass(frozen=True)
class Points:
    """Points in the order of the table; arrays have the shape (n,), NaN where nothing was live.

    Attributes
    ----------
    mjd : numpy.ndarray
        Centres, MJD (UTC).
    times_s : numpy.ndarray
        Centres, seconds from the EXPSTART of their exposure.
    dataset : numpy.ndarray of int
        Number of the exposure, from 1.
    gross, background, error : numpy.ndarray
        Counts in the time of a point.
    net, net_error : numpy.ndarray
        Count per live second, and its 1-sigma error.
    flux, flux_error : numpy.ndarray
        erg/s/cm2/Angstrom.
    """

    mjd: np.ndarray
    times_s: np.ndarray
    dataset: np.ndarray
    gross: np.ndarray
    background: np.ndarray
    error: np.ndarray
    net: np.ndarray
    net_error: np.ndarray
    flux: np.ndarray
    flux_error: np.ndarray


@dataclass(frozen=True)
class Thinned:
    """Points, and the bins that each stands for.

    Attributes
    ----------
    points : Points
        What is drawn.
    bins_per_point : int
        1 if every bin is a point of its own.
    width_s : float
        Time that a point stands for, s; the last one of an exposure may stand for less.
    """

    points: Points
    bins_per_point: int
    width_s: float


def take_points(table: CurveTable, most: int) -> Thinned:
    """Return the bins of a lightcurve, or means over neighbours so that there are not too many.

    Counts are added, rates and fluxes weighted with the live time. No point holds bins of two
    exposures.

    Parameters
    ----------
    table : CurveTable
        Individual or composite.
    most : int
        About how many points there may be; each exposure can have one more.
    """
    bins = max(1, -(-len(table.mjd) // most))
    if bins == 1:
        return Thinned(_all_bins(table), 1, table.bin_s)
    return Thinned(_means(table, _starts(table.dataset, bins)), bins, bins * table.bin_s)


def break_lines(points: Points) -> Points:
    """Put a point without values where the exposure changes, so that no line joins them."""
    at = np.flatnonzero(np.diff(points.dataset)) + 1
    values = {name: np.insert(np.asarray(array, float), at, np.nan) for name, array in _by(points)}
    values["dataset"] = np.insert(points.dataset, at, points.dataset[at])
    values["mjd"] = np.insert(points.mjd, at, points.mjd[at])  # the axis wants a number
    return Points(**values)


def place_side_by_side(points: Points, width_s: float) -> tuple[np.ndarray, np.ndarray]:
    """Return where points go if each exposure begins where the one before it ended.

    Parameters
    ----------
    points : Points
        In order of time.
    width_s : float
        Time that a point stands for, s.

    Returns
    -------
    places_s : numpy.ndarray, shape (n,)
        Time of each point without that between exposures, s.
    starts_s : numpy.ndarray, shape (exposures,)
        Where each exposure begins, s.
    """
    first = np.flatnonzero(np.diff(points.dataset, prepend=points.dataset[:1] - 1))
    last = np.append(first[1:], len(points.dataset)) - 1
    lengths_s = points.times_s[last] - points.times_s[first] + width_s
    starts_s = np.cumsum(lengths_s) - lengths_s
    exposure = np.repeat(np.arange(len(first)), last - first + 1)
    within_s = points.times_s - points.times_s[first][exposure] + width_s / 2
    return starts_s[exposure] + within_s, starts_s


def _by(points: Points) -> list[tuple[str, np.ndarray]]:
    return [(field.name, getattr(points, field.name)) for field in fields(Points)]


def _all_bins(table: CurveTable) -> Points:
    is_live = np.where(table.exposure_s > 0, 1.0, np.nan)
    return Points(
        mjd=table.mjd_centre,
        times_s=table.times_s + table.bin_s / 2,
        dataset=table.dataset,
        gross=table.gross * is_live,
        background=table.background * is_live,
        error=table.error * is_live,
        net=table.net * is_live,
        net_error=table.net_error * is_live,
        flux=table.flux * is_live,
        flux_error=table.flux_error * is_live,
    )


def _starts(dataset: np.ndarray, bins: int) -> np.ndarray:
    """Return the first bin of points, shape (points,): every `bins` of a dataset, shape (n,)."""
    first = np.flatnonzero(np.diff(dataset, prepend=dataset[:1] - 1))
    sizes = np.diff(np.append(first, len(dataset)))
    within = np.arange(len(dataset)) - np.repeat(first, sizes)
    return np.flatnonzero(within % bins == 0)


def _means(table: CurveTable, starts: np.ndarray) -> Points:
    """Return means over the bins from each start, shape (points,), to the next."""
    sizes = np.diff(np.append(starts, len(table.mjd)))

    def add(values: np.ndarray) -> np.ndarray:
        return np.asarray(np.add.reduceat(np.nan_to_num(values), starts))

    live_s = add(table.exposure_s)
    live_s = np.where(live_s > 0, live_s, np.nan)
    is_live = np.where(np.isfinite(live_s), 1.0, np.nan)
    with_flux_s = add(table.exposure_s * np.isfinite(table.flux))
    with_flux_s = np.where(with_flux_s > 0, with_flux_s, np.nan)
    return Points(
        mjd=add(table.mjd_centre) / sizes,
        times_s=add(table.times_s) / sizes + table.bin_s / 2,
        dataset=table.dataset[starts],
        gross=add(table.gross) * is_live,
        background=add(table.background) * is_live,
        error=np.sqrt(add(table.error**2)) * is_live,
        net=add(table.net * table.exposure_s) / live_s,
        net_error=np.sqrt(add((table.net_error * table.exposure_s) ** 2)) / live_s,
        flux=add(table.flux * table.exposure_s) / with_flux_s,
        flux_error=np.sqrt(add((table.flux_error * table.exposure_s) ** 2)) / with_flux_s,
    )
