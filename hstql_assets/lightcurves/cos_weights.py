"""Weigh the events of COS: the regions of a file, laid over each other as one image.

An image holds a code per pixel (in which sources and backgrounds it lies), and small tables hold,
per code and column, what an event counts there.

Rejected are events whose DQ has a bit of SERIOUS_DQ (burst, pulse height, bad time), which CalCOS
never extracts; without an x1d also those of SDQFLAGS, since nothing else tells of bad pixels.
"""

from collections.abc import Iterator
from functools import partial

import numpy as np

from hstql_assets.batching.bad_data import BadData, Reason
from hstql_assets.lightcurves.cos_regions import ROWS, STRIPES, CosRegion, is_selected, make_regions
from hstql_assets.lightcurves.event_weights import (
    Area,
    Columns,
    Places,
    Plan,
    Weights,
    count_nowhere,
    look_up,
    nearest_pixel,
    plan_detector,
)
from hstql_assets.lightcurves.events import EventFile
from hstql_assets.lightcurves.regions import average_weights, share_wavelengths, sum_norms
from hstql_assets.lightcurves.settings import ExtractionSettings
from hstql_assets.lightcurves.spectrum import Spectrum
from hstql_assets.lightcurves.x1d_rates import add_up_regions, tells_background

BURST, PULSE_HEIGHT, BAD_TIME = 64, 512, 2048
SERIOUS_DQ = BURST | PULSE_HEIGHT | BAD_TIME
FEW = 3  # codes, of one region: to look for each is faster than to count which there are
Row = np.ndarray | float  # what an event in each column is worth, shape (columns,), or in any
SKY = Area("XFULL", "YFULL", first=0, columns=1024, rows=512, pixels=1024)


def plan_cos(events: EventFile, spectrum: Spectrum | None, settings: ExtractionSettings) -> Plan:
    """Plan the extraction of a COS event file.

    Parameters are those of `make_regions`, and so is what is raised. An image has no spectrum:
    all counts on the half of the detector that has the sky, not the lamp, as hstlc took them.
    """
    if events.is_imaging:
        nothing_good = partial(_no_good_column, events, None)
        return plan_detector(events, SERIOUS_DQ | events.sdq_flags, SKY, nothing_good)
    regions = make_regions(events, spectrum, settings)
    if settings.has_band_flux:
        regions = share_wavelengths(regions)
    x1d = add_up_regions([regions], np.zeros(1))
    if x1d is not None and settings.pulse_heights is not None:
        x1d = x1d.without_background()  # it is of the pulse heights that the pipeline keeps
    return Plan(
        segments=tuple(region.segment for region in regions if region.is_used.any()),
        good_shares={region.segment: float(region.is_good.mean()) for region in regions},
        band=sum(region.band for region in regions),
        is_background_subtracted=True,
        x1d=x1d,
        nothing_good=partial(_no_good_column, events, spectrum),
        remarks=tuple(_tell_left_out(events, spectrum, regions)),
        open_weights=partial(
            CosWeights, events, regions, settings, subtracts=not tells_background(x1d)
        ),
        exposures=() if spectrum is None else (regions,),
    )


class CosWeights:
    """What one event is worth in each pixel.

    A pixel's code has the bit 2k if it is in the source of region k, and 2k + 1 if it is in its
    background. A pixel may be in the background of several stripes; then its worth is the sum,
    and the square of the sum is its part of the variance.

    Parameters
    ----------
    events : EventFile
        The file.
    regions : tuple of CosRegion
        Its regions, at least one.
    settings : ExtractionSettings
        Wavelength limits and airglow; used for events only where there is no x1d.
    subtracts : bool
        Whether background events are taken off net and flux; not where the x1d tells how much.
    """

    def __init__(
        self,
        events: EventFile,
        regions: tuple[CosRegion, ...],
        settings: ExtractionSettings,
        *,
        subtracts: bool,
    ) -> None:
        self._events, self._settings = events, settings
        self.nowhere = 0
        self._columns = len(regions[0].is_used)
        self._x_offset = regions[0].x_offset
        # All regions of a file come from the x1d, or none.
        self._has_spectrum = regions[0].wavelength is not None
        self._span = _column_span(regions)
        self.rejected_dq = SERIOUS_DQ if self._has_spectrum else SERIOUS_DQ | events.sdq_flags
        if settings.pulse_heights is not None:
            self.rejected_dq &= ~PULSE_HEIGHT
        heights = () if settings.pulse_heights is None else ("PHA",)
        waves = () if self._has_spectrum else ("WAVELENGTH",)
        self.columns = ("XFULL", "YFULL", *heights, *waves)
        self.norms = sum_norms(regions)
        self.typical = average_weights(regions)
        codes = 4 ** len(regions)
        self._first, self._last = ROWS, -1  # rows of sources and backgrounds
        # A border of one pixel with the code 0: what lies outside the image is in no region.
        self._bordered_code = np.zeros((ROWS + 2, self._columns + 2), np.uint8)
        background, net, *fluxes = np.zeros((1 + len(self.typical), codes, self._columns))
        self._gross, self._region = np.zeros(codes), np.full(codes, -1)
        code = np.arange(codes)
        for k, region in enumerate(regions):
            self._lay(region.source, region.is_used, 1 << 2 * k)
            for box in region.background:
                self._lay(box, region.is_used, 2 << 2 * k)
            is_source, is_background = (code >> 2 * k) & 1, (code >> 2 * k + 1) & 1
            self._gross += is_source
            self._region[is_source > 0] = k
            background += np.outer(is_background, region.scale)
            share = is_source[:, None] - subtracts * np.outer(is_background, region.scale)
            net += share * region.net_per_count
            for table, per_count in zip(fluxes, region.fluxes_per_count, strict=True):
                table += share * per_count
        is_used = np.logical_or.reduce([region.is_used for region in regions])
        self._background = _simplify(background, is_used)
        self._net = _simplify(net, is_used)
        self._fluxes = [_simplify(table, is_used) for table in fluxes if self.norms[0]]

    def _lay(self, rows: tuple[np.ndarray, np.ndarray], is_used: np.ndarray, bit: int) -> None:
        """Set a bit from the first to the last row of each used column; shapes (columns,)."""
        lower, upper = rows
        if not is_used.any():
            return
        low, high = lower[is_used], upper[is_used]
        first, last = int(low.min()), int(high.max())
        self._first, self._last = min(self._first, first), max(self._last, last)
        bits, image = is_used * np.uint8(bit), self._bordered_code[1:-1, 1:-1]
        row = np.arange(first, last + 1)
        is_whole = (row >= low.max()) & (row <= high.min())
        image[row[is_whole]] |= bits
        ragged = row[~is_whole, None]
        image[ragged[:, 0]] |= bits * ((ragged >= lower) & (ragged <= upper))

    @property
    def wave_span(self) -> tuple[float, float]:
        """Shortest and longest wavelength counted, Angstrom; NaN if none."""
        return (float(self._span[0]), float(self._span[1])) if len(self._span) else (np.nan, np.nan)

    def locate(self, columns: Columns) -> tuple[np.ndarray, Places]:
        """Find the pixel of each event of a block, as `EventWeights` has it.

        Its places are code (0 outside the image), image column and, without an x1d, wavelength in
        Angstrom.
        """
        x, y = columns["XFULL"], columns["YFULL"]
        if self._x_offset:
            x = x + self._x_offset
        self.nowhere += count_nowhere(x, y, self._columns, ROWS)
        column, place = nearest_pixel(x, self._columns), nearest_pixel(y, ROWS)
        # In place: new arrays of this size take three times as long. The rows of regions, and one
        # more on either side, stay in the processor's cache.
        np.clip(place, self._first - 1, self._last + 1, out=place)
        place *= self._columns + 2
        place += column
        place += self._columns + 3  # from the border on
        code = look_up(self._bordered_code, place)
        is_counted = code > 0
        if self._settings.pulse_heights is not None:
            height = columns["PHA"]
            first, last = self._settings.pulse_heights
            is_counted &= (height >= first) & (height <= last)
        if self._has_spectrum:
            return is_counted, (code, column)
        wavelength = columns["WAVELENGTH"]
        is_counted &= is_selected(wavelength, self._events.exposure, self._settings)
        return is_counted, (code, column, wavelength)

    def weigh(self, places: Places, is_chosen: np.ndarray) -> Iterator[Weights]:
        """Yield what the chosen events of a block add, code by code, as `EventWeights` has it."""
        if not self._has_spectrum:
            self._widen(places[2], is_chosen)
        code = places[0]
        few = range(1, len(self._gross))
        for number in few if len(few) <= FEW else np.flatnonzero(np.bincount(code))[1:]:
            chosen = np.flatnonzero(is_chosen & (code == number))
            rows = [row[number] for row in (self._background, self._net, *self._fluxes)]
            is_same = all(isinstance(row, float) for row in rows)
            column = chosen if is_same else look_up(places[1], chosen)
            background, net, *fluxes = (
                row if isinstance(row, float) else look_up(row, column) for row in rows
            )
            yield Weights(chosen, float(self._gross[number]), background, net, fluxes)

    def _widen(self, wavelength: np.ndarray, is_chosen: np.ndarray) -> None:
        """Take the chosen wavelengths of a block, Angstrom, shape (n,), into the span."""
        if len(self._span) and np.array_equal(
            self._span, [min(self._span[0], wavelength.min()), max(self._span[1], wavelength.max())]
        ):
            return  # most often none is beyond, which is seen at once
        span = np.append(self._span, wavelength[is_chosen])
        self._span = np.array([span.min(), span.max()]) if len(span) else span

    def find_regions(self, places: Places, chosen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return region and column of the chosen events, as `EventWeights.find_regions` has it."""
        return self._region[places[0][chosen]], places[1][chosen]


def _simplify(table: np.ndarray, is_used: np.ndarray) -> list[Row]:
    """Return each row of a table, shape (codes, columns), or the number that all used columns have.

    A column that is not used is never looked up.
    """
    return [
        float(row[is_used][0]) if is_used.any() and not np.ptp(row[is_used]) else row
        for row in table
    ]


def _column_span(regions: tuple[CosRegion, ...]) -> np.ndarray:
    waves = np.concatenate([region.used_wavelength for region in regions])
    return np.array([waves.min(), waves.max()]) if len(waves) else waves


def _tell_left_out(
    file: EventFile, spectrum: Spectrum | None, regions: tuple[CosRegion, ...]
) -> Iterator[str]:
    """Say which stripes of NUV the x1d does not have, and where its columns have no light."""
    if spectrum is None:
        return
    missing = [name for name in STRIPES if name not in spectrum.segments]
    if missing and file.exposure.detector != "FUV":
        yield f"{spectrum.path.name} has no spectrum of {' and '.join(missing)}: left out."
    for region in regions:
        if unlit := spectrum.segments[region.segment].unlit:
            yield (
                f"{spectrum.path.name}: {unlit:,} columns of {region.segment} with DQ_WGT above 0 "
                "are left out, for ACTUAL_EE is 0 or no number there."
            )


def _no_good_column(
    file: EventFile, spectrum: Spectrum | None, segments: tuple[str, ...]
) -> BadData:
    if spectrum is None:
        detail = "SP_LOC, SP_HGT, B_BKG1 and B_HGT1 lay source or background outside the detector."
        return BadData(file.path.name, Reason.UNREADABLE, detail)
    names = ", ".join(segments)
    detail = (
        f"no column of {names} with DQ_WGT above 0 has a wavelength, and rows of source and "
        f"background within 0 to {ROWS - 1}: see WAVELENGTH, Y_LOWER_OUTER and Y_UPPER_OUTER."
    )
    spectra = [spectrum.segments[name] for name in segments]
    if not any(one.is_good.any() for one in spectra):
        is_lit = any((one.enclosed_fraction > 0).any() for one in spectra)
        name = "DQ_WGT" if is_lit else "ACTUAL_EE"
        detail = f"{name} of {names} is 0 everywhere: no column is good."
    return BadData(spectrum.path.name, Reason.MISMATCHED_X1D, detail)
