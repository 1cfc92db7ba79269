"""A seeded COS FUV exposure whose events two programs with different rules count alike.

What belongs here are the files that a benchmark of events reads. Whatever the rules of hstql and of
the `lightcurve` package treat differently is left out: no event is near the edge of an extraction
box, none is flagged (DQ 0) or weighted (EPSILON 1), the boxes of source and background have the
same height, the spectrum has no tilt and no airglow, and the first and the last event are at the
very start and end of the exposure, and in the first and the last column of the spectrum: the
package takes its mean flux over the columns between those with an event, hstql over all that are
good.
"""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import harness  # noqa: F401 - leads to the builders of the tests
import numpy as np
from astropy.io import fits

from builders.corrtag_files import FORMATS, NAMES, SENSITIVITY, Observation

ROOTNAME = "lbench01q"
SEED = 20090511
EXP_START_MJD = 58000.25
EXP_TIME_S = 2000.0
TICK_S = 0.032  # the COS clock
COLUMNS = 16384
BLOCK_EVENTS = 1 << 20  # files of any length are written in bounded memory

# Mode FUVA, G130M/1327: nothing from 1208 to 1312 Angstrom, where airglow is left out.
WAVELENGTH_ANGSTROM = 1320.0 + 0.00997 * np.arange(COLUMNS)
BOX_ROWS = 30
SOURCE_ROW, BACKGROUND_ROWS = 420, (360, 480)
SHARES = (0.70, 0.05, 0.05, 0.20)  # source, two backgrounds, elsewhere

EVENT = np.dtype(
    [(name, {"E": ">f4", "I": ">i2", "B": "u1"}[form])
     for name, form in zip(NAMES, FORMATS, strict=True)]
)  # fmt: skip
OBSERVATION = Observation(
    Path(),
    rootname=ROOTNAME,
    algorithm="BOXCAR",
    exp_start=EXP_START_MJD,
    exp_time=EXP_TIME_S,
    good_times=((0.0, EXP_TIME_S),),
    boxes={"A": (SOURCE_ROW, BOX_ROWS, BACKGROUND_ROWS[0], BOX_ROWS, BACKGROUND_ROWS[1], BOX_ROWS)},
    primary={
        "CENWAVE": 1327,
        "TARGNAME": "BENCHMARK",
        "EQUINOX": "J2000",
        "SIMULATD": True,
        "FLUXTAB": "lref$bench_fluxtab.fits",
        "TDSTAB": "lref$bench_tdstab.fits",
    },
)


def write_exposure(folder: Path, events: int) -> None:
    """Write corrtag_a, x1d and the two reference tables of an exposure.

    Parameters
    ----------
    folder : Path
        Where to; it exists.
    events : int
        Rows of the event list, at least 2.
    """
    _write_corrtag(folder / f"{ROOTNAME}_corrtag_a.fits", events)
    replace(OBSERVATION, folder=folder).x1d(FUVA={"WAVELENGTH": WAVELENGTH_ANGSTROM})
    _write_reference_tables(folder)


def _write_corrtag(path: Path, events: int) -> None:
    header = _table_header(events)
    with path.open("wb") as file:
        primary = fits.PrimaryHDU(header=OBSERVATION.primary_header("FUVA"))
        file.write(primary.header.tostring().encode("ascii"))
        file.write(header.tostring().encode("ascii"))
        rng = np.random.default_rng(SEED)
        edges = np.append(np.arange(0, events, BLOCK_EVENTS), events)
        for first, last in pairwise(edges.tolist()):
            file.write(_block(rng, first, last, events).tobytes())
        file.write(bytes(-events * EVENT.itemsize % 2880))
    limits = [
        fits.Column(name, "D", "s", array=[time_s])
        for name, time_s in (("START", 0.0), ("STOP", EXP_TIME_S))
    ]
    with fits.open(path, "append") as hdus:
        hdus.append(fits.BinTableHDU.from_columns(limits, name="GTI"))


def _block(rng: np.random.Generator, first: int, last: int, events: int) -> np.ndarray:
    """Return events `first` to `last` of all, evenly spread over the exposure and sorted."""
    n = last - first
    block = np.zeros(n, EVENT)
    time_s = np.sort(rng.uniform(first, last, n)) * (EXP_TIME_S / events)
    block["TIME"] = np.floor(time_s / TICK_S) * TICK_S
    column = rng.integers(0, COLUMNS, n)
    # Rounds to the same pixel in any convention: floor(x + 0.5), round(x).
    off_centre, row = rng.uniform(-0.4, 0.4, n), _rows(rng, n)
    if first == 0:
        block["TIME"][0], column[0], row[0] = 0.0, 0, SOURCE_ROW
    if last == events:
        block["TIME"][-1], column[-1], row[-1] = EXP_TIME_S, COLUMNS - 1, SOURCE_ROW
    x = np.clip(column + off_centre, 0.0, COLUMNS - 1)
    for name in ("XCORR", "XDOPP", "XFULL"):
        block[name] = x
    for name in ("YCORR", "YFULL"):
        block[name] = row
    block["RAWX"], block["RAWY"] = column, np.round(row)
    block["WAVELENGTH"] = WAVELENGTH_ANGSTROM[column]
    block["EPSILON"] = 1.0
    block["PHA"] = rng.integers(8, 20, n)
    return block


def _rows(rng: np.random.Generator, n: int) -> np.ndarray:
    """Draw rows two pixels clear of the edges of every box."""
    place = rng.choice(len(SHARES), n, p=SHARES)
    centre = np.array([SOURCE_ROW, *BACKGROUND_ROWS, 700])[place]
    half = np.array([BOX_ROWS / 2 - 2] * 3 + [150])[place]
    return np.asarray(centre + half * rng.uniform(-1, 1, n))


def _table_header(events: int) -> fits.Header:
    keywords = OBSERVATION.extension_header()
    table = fits.BinTableHDU(np.empty(0, EVENT), keywords, name="EVENTS")
    table.header["NAXIS2"] = events
    return table.header


def _write_table(path: Path, columns: list[fits.Column], cards: dict[str, object]) -> None:
    table = fits.BinTableHDU.from_columns(columns, name="SCI")
    table.header.update(cards)
    fits.HDUList([fits.PrimaryHDU(header=OBSERVATION.primary_header("FUVA")), table]).writeto(path)


def _write_reference_tables(folder: Path) -> None:
    """Write the sensitivity, and its change with time, which is none, as `lightcurve` wants it."""
    # The real tables of this mode have so many entries.
    wavelength = np.linspace(1300.0, 1500.0, 8000)[None]
    mode = [
        fits.Column("SEGMENT", "4A", array=["FUVA"]),
        fits.Column("OPT_ELEM", "8A", array=["G130M"]),
        fits.Column("APERTURE", "4A", array=["PSA"]),
    ]
    sensitivity = [
        *mode,
        fits.Column("CENWAVE", "J", array=[1327]),
        fits.Column("WAVELENGTH", "8000D", array=wavelength),
        fits.Column("SENSITIVITY", "8000D", array=np.full_like(wavelength, SENSITIVITY)),
    ]
    _write_table(folder / "bench_fluxtab.fits", sensitivity, {})
    change = [
        *mode,
        fits.Column("NT", "J", array=[2]),
        fits.Column("TIME", "2D", array=[[EXP_START_MJD - 2000, EXP_START_MJD - 1000]]),
        fits.Column("WAVELENGTH", "20D", array=np.linspace(1300.0, 1500.0, 20)[None]),
        fits.Column("SLOPE", "40D", dim="(20,2)", array=np.zeros((1, 2, 20))),
        fits.Column("INTERCEPT", "40D", dim="(20,2)", array=np.ones((1, 2, 20))),
    ]
    _write_table(folder / "bench_tdstab.fits", change, {"REF_TIME": EXP_START_MJD - 1000})
