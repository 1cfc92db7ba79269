"""Lightcurves with known rates: as a series in memory, and as files like those of hstql."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from astropy.io import fits

from hstql_assets.lightcurves.fits_table import COLUMNS
from hstql_assets.lightcurves.rates import Quality
from hstql_assets.lightcurves.table import CurveTable
from hstql_assets.science.steady_blocks import expect, find_steady_blocks
from hstql_assets.statistics.series import Series, make_series
from hstql_resources.fits.header import Header

BIN_S = 2.0
DAY_S = 86400.0
FIRST_MJD = 58000.0
ORBIT_S = 95.5 * 60
VISITS_S = tuple(DAY_S * day for day in (0.0, 1.31, 3.77, 5.92, 8.04))

Law = Callable[[np.ndarray], np.ndarray]


def constant(_: np.ndarray) -> np.ndarray:
    return np.ones(1)


def sinusoid(period_s: float, amplitude: float, phase: float = 0.3) -> Law:
    return lambda t: 1 + amplitude * np.sin(2 * np.pi * t / period_s + phase)


def make_table(
    rng: np.random.Generator,
    mean: float | Sequence[float],
    *,
    bins: int = 1400,
    starts_s: Sequence[float] = (0.0,),
    law: Law = constant,
    hole: tuple[int, int] = (0, 0),
) -> CurveTable:
    """Poisson counts of a source in exposures of equal length.

    `mean` is the counts per bin, or one for each exposure; `starts_s` their starts; `law` the
    brightness at a time since the first start; bins `hole[0]` to `hole[1]` of each are dead.
    """
    times_s = np.tile(np.arange(bins) * BIN_S, len(starts_s))
    since_s = times_s + np.repeat(starts_s, bins) + BIN_S / 2
    number = np.tile(np.arange(bins), len(starts_s))
    is_dead = (number >= hole[0]) & (number < hole[1])
    expected = np.repeat(np.broadcast_to(mean, len(starts_s)), bins) * law(since_s)
    gross = np.where(is_dead, np.nan, rng.poisson(expected).astype(float))
    mjd = FIRST_MJD + (since_s - BIN_S / 2) / DAY_S
    nothing = np.full(len(gross), np.nan)
    live_s = np.where(is_dead, 0.0, BIN_S)
    error = np.full(len(gross), np.nan)
    for place in np.split(np.arange(len(gross)), len(starts_s)):
        counts = np.nan_to_num(gross[place])
        blocks = find_steady_blocks(counts, live_s[place])
        error[place] = np.sqrt(expect(counts, 1.0, live_s[place], blocks))
    error[is_dead] = np.nan
    return CurveTable(
        path=Path("made_curve.fits"),
        header=Header(values={"FLUXCAL": True, "STEPSIZE": BIN_S}),
        rootnames=tuple(f"lmade{number:03d}q" for number in range(1, len(starts_s) + 1)),
        bin_s=BIN_S,
        times_s=times_s,
        mjd=mjd,
        mjd_centre=mjd + BIN_S / 2 / DAY_S,
        gross=gross,
        counts=gross,
        net=gross / BIN_S,
        net_error=error / BIN_S,
        flux=nothing,
        flux_error=nothing,
        background=gross * 0,
        error=error,
        exposure_s=live_s,
        dataset=np.repeat(np.arange(1, len(starts_s) + 1), bins),
        quality=np.where(is_dead, Quality.NO_LIVE_TIME | Quality.PARTLY_LIVE, 0),
        bjd_tdb=nothing,
    )


def make_curve(
    rng: np.random.Generator, mean: float | Sequence[float], **options: object
) -> Series:
    """The series of `make_table`."""
    return make_series(make_table(rng, mean, **options))


def write_table(table: CurveTable, path: Path, **cards: object) -> Path:
    """Write a table to a file with the columns of a lightcurve; with PROVENANCE if a composite."""
    columns = {
        "bins": np.full(len(table.mjd), table.bin_s), "times": table.times_s, "mjd": table.mjd,
        "gross": table.gross, "counts": table.counts, "net": table.net,
        "net_error": table.net_error, "flux": table.flux,
        "flux_error": table.flux_error, "background": table.background, "error": table.error,
        "gross_lower": table.gross, "gross_upper": table.gross, "dataset": table.dataset,
        "TIME": table.mjd_centre, "FLUX_ERR": table.flux_error,
        "exposure": table.exposure_s, "quality": table.quality, "BJD_TDB": table.bjd_tdb,
        "SECONDS": table.mjd_centre * DAY_S, "FRACEXP": table.exposure_s / table.bin_s,
    }  # fmt: skip
    curve = fits.BinTableHDU.from_columns(
        [fits.Column(c.name, c.form, c.unit or None, array=columns[c.name]) for c in COLUMNS],
        name="LIGHTCURVE",
    )
    header = fits.Header({"STEPSIZE": table.bin_s, "FLUXCAL": True, **cards})
    hdus = fits.HDUList([fits.PrimaryHDU(header=header), curve])
    if "HLSPID" in header:
        names = list(table.rootnames)
        provenance = [
            fits.Column("dataset", "J", array=np.arange(1, len(names) + 1)),
            fits.Column("rootname", "9A", array=names),
        ]
        hdus.append(fits.BinTableHDU.from_columns(provenance, name="PROVENANCE"))
    else:
        header["ROOTNAME"] = hdus[0].header["ROOTNAME"] = table.rootnames[0]
    hdus.writeto(path, overwrite=True, checksum=True)
    return path
