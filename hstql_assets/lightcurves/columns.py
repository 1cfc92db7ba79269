"""The columns of a lightcurve table, declared once: individual and composite lightcurves alike.

The first eleven are those of hstlc, in its order. The rest is what other readers look for: TIME,
FLUX and FLUX_ERR, which astropy and lightkurve find by name, the live time and the quality bits.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """One column: name, FITS format, unit in FITS spelling (empty for none), description."""

    name: str
    form: str
    unit: str
    description: str


FLUX_UNIT = "erg/(s cm2 Angstrom)"

COLUMNS = (
    Column("bins", "D", "s", "width of the bin"),
    Column("times", "D", "s", "left edge of the bin, from EXPSTART"),
    Column("mjd", "D", "d", "left edge of the bin, MJD (UTC)"),
    Column("gross", "D", "count", "events in the source region"),
    Column("counts", "D", "count", "gross - background"),
    Column("net", "D", "count/s", "counts / exposure"),
    Column("flux", "D", FLUX_UNIT, "mean over the wavelengths used"),
    Column("flux_error", "D", FLUX_UNIT, "1-sigma error of flux"),
    Column("background", "D", "count", "background events scaled to the source"),
    Column("error", "D", "count", "1-sigma error of counts"),
    Column("dataset", "J", "", "number of the exposure, from 1"),
    Column("TIME", "D", "d", "centre of the bin, MJD (UTC)"),
    Column("FLUX_ERR", "D", FLUX_UNIT, "flux_error, under its other name"),
    Column("exposure", "D", "s", "live time in the bin"),
    Column("quality", "J", "", "1 no live time, 2 partly live, 4 no flux"),
)
