"""Hold a lightcurve, and the counts that it is made of, against the x1d of its exposure."""

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from hstql_assets.lightcurves.events import EventFile
from hstql_assets.lightcurves.extraction import BinSums
from hstql_assets.lightcurves.rates import Totals
from hstql_assets.lightcurves.time_bins import TimeBins
from hstql_assets.lightcurves.x1d_rates import X1dMeans, X1dRates, tells_background

TOLERANCE = 1e-4  # from which a difference is told
EQUAL_S = 0.01  # of live times, and
EQUAL = 1e-6  # of counts: of this share, 32-bit numbers of the x1d tell no difference
WHOLE = 0.99  # of the exposure time: in less of it, a star may have other rates
MOST_TIMES = 1.5  # that source events may differ from those of the x1d, which has just these,
SURE = 5.0  # or sigma


class Comparison(NamedTuple):
    """The mean of a lightcurve over that of its x1d, and why it may not be 1."""

    ratio: float
    note: str


def find_contradiction(
    file: EventFile, x1d: X1dRates | None, bins: TimeBins, sums: BinSums
) -> str | None:
    """Return how the events of a file contradict its x1d, one sentence; None where they do not.

    Parameters
    ----------
    file : EventFile
        The file; of COS, for calstis counts no whole events.
    x1d : X1dRates or None
        What its x1d tells of the columns used.
    bins : TimeBins
        The bins.
    sums : BinSums
        What its events add up to.
    """
    live_s = float(bins.exposure_s.sum())
    if not tells_background(x1d) or x1d.is_weighted or live_s < WHOLE * file.exposure.exp_time_s:
        return None
    counts, expected = float(sums.gross.sum()), x1d.average(bins).gross * live_s
    is_sure = abs(counts - expected) > SURE * math.sqrt(max(counts, expected))
    if not is_sure or max(counts, expected) < MOST_TIMES * min(counts, expected):
        return None
    return (
        f"The x1d contradicts {file.path.name}, whose events tell the background: {counts:.0f} "
        f"source events, {expected:.0f} in the x1d."
    )


def compare(
    files: Sequence[tuple[EventFile, X1dRates | None]], bins: TimeBins, totals: Totals
) -> Comparison:
    """Compare mean fluxes; net where there is no flux.

    Parameters
    ----------
    files : sequence of tuple
        Each event file used, and what the x1d tells of the columns that were used of it.
    bins : TimeBins
        The bins.
    totals : Totals
        Of the lightcurve. Its flux is a mean over columns, so is that of the x1d.
    """
    rates = [x1d for _, x1d in files if x1d is not None]
    if len(rates) < len(files):
        return Comparison(math.nan, "")
    means = X1dMeans(
        *(sum(parts) for parts in zip(*(one.average(bins) for one in rates), strict=True))
    )
    columns = sum(one.flux_columns for one in rates)
    if columns:
        ratio = totals.flux * columns / means.flux if means.flux else math.nan
    else:
        ratio = totals.net_count_per_s / means.net if means.net else math.nan
    if abs(ratio - 1) <= TOLERANCE:
        return Comparison(ratio, "")
    note = " ".join(_explain(files, totals, means, ratio))
    return Comparison(
        ratio, note or "NET of the x1d is not what its GROSS and its background make."
    )


def _explain(
    files: Sequence[tuple[EventFile, X1dRates | None]],
    totals: Totals,
    means: X1dMeans,
    ratio: float,
) -> Iterator[str]:
    live_s = totals.exposure_s
    if math.isnan(ratio):
        yield "NET and FLUX of the x1d are 0, or no numbers in columns that are used."
    for file, x1d in files:
        if abs(live_s - file.exposure.exp_time_s) > EQUAL_S:
            yield (
                f"{live_s:.3f} s of {file.path.name} are used, but the x1d is of "
                f"{file.exposure.exp_time_s:.3f} s."
            )
        if not tells_background(x1d):
            yield f"The x1d has no usable background for {file.path.name}: its events tell it."
    expected = means.gross * live_s
    if (
        files[0][0].exposure.instrument == "COS"
        and abs(totals.gross - expected) > 0.5 + EQUAL * expected
    ):
        yield f"{totals.gross:.0f} source events are counted, the x1d has {expected:.1f} in GROSS."
