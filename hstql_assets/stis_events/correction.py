"""Correct STIS events: arrays and tables in, arrays out.

EPSILON is what an event counts for the flux: dead-time factor / (PFLTFILE x LFLTFILE). A reference
that is missing leaves its factor out and is in `missing`; nothing else may pass for a 1.
"""

from dataclasses import dataclass

import numpy as np

from hstql_assets.batching.bad_data import BadData, Reason
from hstql_assets.stis_events.bad_pixels import BadPixels, encode_quality, look_up_quality
from hstql_assets.stis_events.dead_time import dead_time_factor
from hstql_assets.stis_events.flat_fields import flag_bad_flats, flat_weights
from hstql_assets.stis_events.orders import StisSpectrum, is_spectroscopic
from hstql_assets.stis_events.reference_data import ReferenceData
from hstql_assets.stis_events.tags import EventTable, Tag, offset_s
from hstql_assets.stis_events.wavelengths import assign_wavelengths
from hstql_resources.fits.keywords import text


@dataclass(frozen=True)
class CorrectedEvents:
    """All events of a tag file; arrays have the shape (events,).

    Parameters
    ----------
    time_s : numpy.ndarray
        Seconds from EXPSTART of the first exposure.
    rawx, rawy, xcorr, ycorr : numpy.ndarray of int
        High-resolution pixels, detected and Doppler-corrected.
    epsilon : numpy.ndarray of float32
        What an event counts for the flux.
    wavelength : numpy.ndarray
        Angstrom; 0 for an image or an event of no order, NaN without x1d.
    dq : numpy.ndarray of int16
        Bits of data quality.
    order : numpy.ndarray of int16
        Spectral order of the wavelength, 0 for none.
    bad_pixels : BadPixels
        All pixels with a bit in DQ, whether there are events or not.
    dead_time_factors : tuple of float
        One per exposure; empty if not known.
    missing : tuple of str
        References that were not used, and why.
    """

    time_s: np.ndarray
    rawx: np.ndarray
    rawy: np.ndarray
    xcorr: np.ndarray
    ycorr: np.ndarray
    epsilon: np.ndarray
    wavelength: np.ndarray
    dq: np.ndarray
    order: np.ndarray
    bad_pixels: BadPixels
    dead_time_factors: tuple[float, ...]
    missing: tuple[str, ...]


def correct_events(
    tag: Tag, references: ReferenceData, spectrum: StisSpectrum | None
) -> CorrectedEvents:
    """Correct the events of an exposure.

    Parameters
    ----------
    tag : Tag
        The events.
    references : ReferenceData
        What there is to correct them with.
    spectrum : StisSpectrum or None
        The x1d of the same exposure, if it has one.

    Raises
    ------
    BadData
        Mismatched x1d, if it has no spectrum of one of the exposures.
    """
    quality = flag_bad_flats(references.flats)
    if references.quality is not None:
        quality |= references.quality
    factors, problem = _dead_times(tag, references)
    parts = [
        _correct_table(tag, table, references, quality, spectrum, factor)
        for table, factor in zip(tag.tables, factors or [1.0] * len(tag.tables), strict=True)
    ]
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return CorrectedEvents(
        **columns,
        bad_pixels=encode_quality(quality),
        dead_time_factors=factors,
        missing=references.missing + ((problem,) if problem else ()),
    )


def _correct_table(
    tag: Tag,
    table: EventTable,
    references: ReferenceData,
    quality: np.ndarray,
    spectrum: StisSpectrum | None,
    dead_time: float,
) -> dict[str, np.ndarray]:
    """Correct n events with DQ of their pixels, shape (1024, 1024); columns have the shape (n,)."""
    x, y = table.detaxis1, table.axis2
    weights = flat_weights(x, y, references.flats)
    wavelength, order = _wavelengths(tag, table, spectrum)
    return {
        "time_s": table.times_s + offset_s(table, tag.tables[0]),
        "rawx": x,
        "rawy": y,
        "xcorr": table.axis1,
        "ycorr": y,
        "epsilon": (weights * dead_time).astype(np.float32),
        "wavelength": wavelength,
        "dq": look_up_quality(x, y, quality).astype(np.int16),
        "order": order,
    }


def _wavelengths(
    tag: Tag, table: EventTable, spectrum: StisSpectrum | None
) -> tuple[np.ndarray, np.ndarray]:
    rows = len(table.times_s)
    if spectrum is None or not is_spectroscopic(tag.primary):
        nothing = np.nan if is_spectroscopic(tag.primary) else 0.0
        return np.full(rows, nothing), np.zeros(rows, np.int16)
    for one in spectrum.tables:
        if one.version == table.version:
            return assign_wavelengths(table.axis1, table.axis2, one.orders)
    raise BadData(
        spectrum.path.name,
        Reason.MISMATCHED_X1D,
        f"has no SCI table with EXTVER {table.version}, which {tag.path.name} has events of.",
    )


def _dead_times(tag: Tag, references: ReferenceData) -> tuple[tuple[float, ...], str | None]:
    """Return the factor of each exposure, or why there is none."""
    linearity = references.linearity
    if linearity is None:
        return (), None
    name = "MLINTAB=" + text(tag.primary, "MLINTAB", "").rpartition("$")[2]
    factors = []
    for table in tag.tables:
        if not table.exp_time_s > 0:
            return (), f"{name}: no rate, EXPTIME is {table.exp_time_s:g} s"
        rate = _count_good(tag, table) / table.exp_time_s
        if rate > linearity.limit_count_per_s:
            limit = linearity.limit_count_per_s
            return (), f"{name}: {rate:.0f} counts/s are above GLOBAL_LIMIT {limit:g}"
        try:
            factors.append(dead_time_factor(rate, linearity.tau_s))
        except ValueError as error:
            return (), f"{name}: {error}"
    return tuple(factors), None


def _count_good(tag: Tag, table: EventTable) -> int:
    """Count the events of a table within the good times, as calstis has them in its image."""
    times_s = table.times_s + offset_s(table, tag.tables[0])
    return sum(
        int(np.count_nonzero((times_s >= start_s) & (times_s <= stop_s)))
        for start_s, stop_s in tag.good_times_s
    )
