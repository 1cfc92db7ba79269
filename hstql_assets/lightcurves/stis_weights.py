"""Weigh the events of STIS: images of high-resolution rows and low-resolution columns.

All orders are laid into the same images; a pixel in the background of two orders counts for both.
Where the x1d holds several exposures each has images of its own, and the time says which one an
event is of; a column counts for all of them or for none, so that the mean flux is over the same
wavelengths throughout.

No event with a bit of SDQFLAGS counts. Besides, the x1d says which columns are good, as it does for
COS. Without one, or for an image, the source is the whole detector: no background, no flux.
"""

from dataclasses import replace
from functools import cached_property, partial

import numpy as np

from hstql_assets.batching.bad_data import BadData, Reason
from hstql_assets.lightcurves.event_weights import (
    Area,
    Columns,
    Places,
    Plan,
    Weights,
    count_nowhere,
    plan_detector,
)
from hstql_assets.lightcurves.events import EventFile
from hstql_assets.lightcurves.regions import average_weights, share_wavelengths, sum_norms
from hstql_assets.lightcurves.settings import ExtractionSettings
from hstql_assets.lightcurves.stis_regions import OrderRegion, make_order_regions
from hstql_assets.lightcurves.x1d_rates import add_up_regions, tells_background
from hstql_assets.stis_events.orders import StisSpectrum
from hstql_assets.stis_events.traces import HIGH, LOW, Rows, height
from hstql_resources.times import SECONDS_PER_DAY

PIXELS = HIGH * LOW
DETECTOR = Area("XCORR", "YCORR", first=1, columns=HIGH, rows=HIGH, pixels=HIGH)
Exposures = list[tuple[OrderRegion, ...]]


def plan_stis(
    events: EventFile, spectrum: StisSpectrum | None, settings: ExtractionSettings
) -> Plan:
    """Plan the extraction of a STIS event file.

    Parameters
    ----------
    spectrum : StisSpectrum or None
        Without the x1d of the exposure the source is the whole detector.
    settings : ExtractionSettings
        Wavelength limits and airglow.
    """
    if spectrum is None:
        nothing_good = partial(_nothing_good, events.path.name)
        return plan_detector(events, events.sdq_flags, DETECTOR, nothing_good)
    is_bad = None if events.bad_pixels is None else (events.bad_pixels & events.sdq_flags) != 0
    exposures = _share_columns(
        [
            make_order_regions(table.orders, events.exposure, settings, is_bad)
            for table in spectrum.tables
        ]
    )
    if settings.has_band_flux:
        exposures = [share_wavelengths(regions) for regions in exposures]
    regions = [region for exposure in exposures for region in exposure]
    starts_s = [
        (table.start_mjd - spectrum.tables[0].start_mjd) * SECONDS_PER_DAY
        for table in spectrum.tables
    ]
    x1d = add_up_regions(exposures, np.array(starts_s), is_weighted=True)
    return Plan(
        segments=(events.segment,) if any(region.is_used.any() for region in regions) else (),
        good_shares={events.segment: float(np.mean([region.is_good for region in regions]))},
        band=sum(region.band for region in exposures[0]),
        is_background_subtracted=any(
            bool(height(box).any()) for region in regions for box in region.background
        ),
        x1d=x1d,
        nothing_good=partial(_nothing_good, spectrum.path.name),
        open_weights=partial(
            OrdersWeights,
            events,
            exposures,
            np.array(starts_s),
            subtracts=not tells_background(x1d),
        ),
        exposures=exposures,
    )


def _share_columns(exposures: Exposures) -> Exposures:
    """Use a column of an order in all exposures or in none."""
    if len({len(regions) for regions in exposures}) > 1:
        return exposures  # other orders: the mean flux is over all of them
    used = [
        np.logical_and.reduce([region.is_used for region in same])
        for same in zip(*exposures, strict=True)
    ]
    return [
        tuple(replace(one, is_used=columns) for one, columns in zip(regions, used, strict=True))
        for regions in exposures
    ]


class OrdersWeights:
    """What an event is worth by the boxes of an x1d.

    Parameters
    ----------
    events : EventFile
        The file.
    exposures : list of tuple of OrderRegion
        Regions of each exposure, in the order of time.
    starts_s : numpy.ndarray, shape (exposures,)
        When each exposure began, seconds from the first.
    subtracts : bool
        Whether background events are taken off net and flux; not where the x1d tells how much.

    Notes
    -----
    Gross counts whole events in the rows of the source. NET and FLUX are, as calstis makes them,
    of all rows that the box of the x1d touches, the outermost by the fraction that is in it.
    """

    def __init__(
        self, events: EventFile, exposures: Exposures, starts_s: np.ndarray, *, subtracts: bool
    ) -> None:
        self._exposures = exposures
        self._starts_s, self._subtracts = starts_s, subtracts
        self.columns = ("XCORR", "YCORR", "TIME")
        self.rejected_dq, self.nowhere = events.sdq_flags, 0
        size = len(exposures) * PIXELS
        self.typical = average_weights(region for regions in exposures for region in regions)
        # The last element, which has the index -1, is every place off the detector.
        self._gross, self._background, self._net, *self._fluxes = np.zeros(
            (2 + len(self.typical), size + 1)
        )
        for k, regions in enumerate(exposures):
            for region in regions:
                self._lay(region, slice(k * PIXELS, (k + 1) * PIXELS))
        self._is_counted = (self._gross > 0) | (self._background > 0) | (self._net > 0)
        self.norms = sum_norms(exposures[0])
        used = np.concatenate(
            [region.used_wavelength for regions in exposures for region in regions]
        )
        self.wave_span = (float(used.min()), float(used.max())) if len(used) else (np.nan, np.nan)

    def _lay(self, region: OrderRegion, part: slice) -> None:
        if not region.is_used.any():
            return
        gross, background, *images = (
            image[part].reshape(HIGH, LOW)  # a view
            for image in (self._gross, self._background, self._net, *self._fluxes)
        )
        per_counts = region.net_per_count, *region.fluxes_per_count
        weighted = list(zip(images, per_counts, strict=True))
        _add_rows(gross, region.source, region.is_used * 1.0)
        rows, share = _find_shares(region.edges, region.is_used)
        for image, per_count in weighted:
            image[rows] += share * per_count
        for box in region.background:
            _add_rows(background, box, region.is_used * region.scale)
            for image, per_count in weighted if self._subtracts else ():
                _add_rows(image, box, -(region.is_used * region.scale * per_count))

    def locate(self, columns: Columns) -> tuple[np.ndarray, Places]:
        """Find the pixel of each event of a block, shape (n,): its index in all images."""
        x, y = columns["XCORR"], columns["YCORR"]
        self.nowhere += count_nowhere(x, y, HIGH, HIGH)
        place = _find_pixels(x, y)
        if len(self._starts_s) > 1:
            exposure = np.searchsorted(self._starts_s, columns["TIME"], side="right") - 1
            place += np.where(place >= 0, np.maximum(exposure, 0) * PIXELS, 0)
        return self._is_counted[place], (place,)

    def weigh(self, places: Places, is_chosen: np.ndarray) -> tuple[Weights]:
        """Return what the chosen events of a block add, as `EventWeights.weigh` has it."""
        chosen = np.flatnonzero(is_chosen)
        place = places[0][chosen]
        fluxes = [image[place] for image in self._fluxes]
        gross, background, net = self._gross[place], self._background[place], self._net[place]
        return (Weights(chosen, gross, background, net, fluxes),)

    def find_regions(self, places: Places, chosen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return order and column of the chosen events, as `EventWeights.find_regions` has it."""
        place = places[0][chosen]
        return self._orders[place], place % LOW

    @cached_property
    def _orders(self) -> np.ndarray:
        """Which order's source each pixel is in, from 0, or else in the box of which; flat."""
        orders = np.full(len(self._gross), -1, np.int16)
        for k, regions in enumerate(self._exposures):
            image = orders[k * PIXELS : (k + 1) * PIXELS].reshape(HIGH, LOW)
            for number, region in enumerate(regions):
                rows, share = _find_shares(region.edges, region.is_used)
                image[rows][share > 0] = number
            for number, region in enumerate(regions):
                _lay_rows(image, region.source, region.is_used, number)
        return orders


def _find_pixels(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return each event's flat index, shape (n,), in an image of (2048, 1024); -1 off it."""
    row, column = y.astype(np.intp) - 1, (x.astype(np.intp) - 1) >> 1
    inside = (row >= 0) & (row < HIGH) & (column >= 0) & (column < LOW)
    return np.where(inside, row * LOW + column, -1)


def _find_shares(
    edges: tuple[np.ndarray, np.ndarray], is_used: np.ndarray
) -> tuple[slice, np.ndarray]:
    """Return the rows that a box touches, and the share of each that is in it, shape (n, 1024).

    Edges are low-resolution rows, shape (1024,); the rows of the image are high-resolution ones.
    Columns that are not used have no share.
    """
    lower, upper = np.where(is_used, edges, np.nan)
    if not np.isfinite(lower).any():
        return slice(0), np.zeros((0, LOW))
    first = max(int(np.nanmin(lower)), 1)
    row = np.arange(first, min(int(np.nanmax(upper)) + 1, LOW) + 1)[:, None]
    share = np.clip(np.minimum(row + 0.5, upper) - np.maximum(row - 0.5, lower), 0.0, 1.0)
    times = HIGH // LOW
    rows = slice(times * (first - 1), times * row[-1, 0])
    return rows, np.repeat(np.nan_to_num(share), times, axis=0)


def _add_rows(image: np.ndarray, rows: Rows, values: np.ndarray) -> None:
    """Add a value per column to the rows of an image, shape (2048, 1024), in place."""
    first, end = int(rows[0].min()), int(rows[1].max())
    row = np.arange(first, end)[:, None]
    image[first:end] += ((row >= rows[0]) & (row < rows[1])) * values


def _lay_rows(image: np.ndarray, rows: Rows, is_used: np.ndarray, number: int) -> None:
    """Set the used columns of rows of an image, shape (2048, 1024), to a number, in place."""
    first, end = int(rows[0].min()), int(rows[1].max())
    row = np.arange(first, end)[:, None]
    image[first:end][(row >= rows[0]) & (row < rows[1]) & is_used] = number


def _nothing_good(filename: str, _segments: tuple[str, ...]) -> BadData:
    detail = (
        "no column of any order is without bits of SDQFLAGS in DQ, has a WAVELENGTH, and has rows "
        "of source and background on the detector: see DQ, EXTRLOCY, EXTRSIZE and BK1OFFST."
    )
    return BadData(filename, Reason.MISMATCHED_X1D, detail)
