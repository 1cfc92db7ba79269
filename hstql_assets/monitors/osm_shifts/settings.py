"""Choose how settings of the spectrograph look on charts: colours, symbols, lifetime positions."""

import re
from collections.abc import Iterator
from colorsys import hls_to_rgb
from typing import Any

import numpy as np

from hstql_assets.monitors.osm_shifts.flash_table import UNKNOWN, Bools, FlashTable, Floats
from hstql_assets.pages.charts import Mark, Points, Symbol
from hstql_assets.pages.colours import COLOURS
from hstql_resources.times import mark_newest

GRATINGS = {
    "FUV": ("G130M", "G160M", "G140L"),
    "NUV": ("G185M", "G225M", "G285M", "G230L"),
}
MIRRORS = ("MIRRORA", "MIRRORB")
FPPOS_SYMBOLS: dict[int, Symbol] = {1: "circle", 2: "square", 3: "triangle", 4: "diamond"}
OTHER_SYMBOL: Symbol = "x"
UNKNOWN_COLOUR = "#888888"
SYMBOL_NOTE = "FP-POS 1 circles, 2 squares, 3 triangles, 4 diamonds."
# When the FUV spectra were moved to another place of the detector: STScI, COS lifetime positions.
LIFETIME_POSITIONS = {
    "LP2": 56131.0,  # 2012-07-23
    "LP3": 57062.0,  # 2015-02-09
    "LP4": 58028.0,  # 2017-10-02
    "LP5": 59491.0,  # 2021-10-04
    "LP6": 59856.0,  # 2022-10-04
    "LP7 and LP10": 60982.0,  # 2025-11-03
}


def draw_flashes(
    flashes: FlashTable, x: Floats, y: Floats, label: str, latest: float | None, **style: Any
) -> Points:
    """Return flashes as points, with their exposures, and rings around the newest.

    x and y are of shape (n,) as the flashes are; `latest` is the MJD that the newest are counted
    back from. The style is that of `Points`.
    """
    is_newest = mark_newest(flashes.start_mjd, latest=latest)
    return Points(x, y, label, rootnames=tuple(flashes.rootname), is_newest=is_newest, **style)


def list_gratings(table: FlashTable, detector: str) -> list[str]:
    """Return the gratings that there are exposures of: the usual ones first, then others."""
    found = table.list_values("opt_elem")
    usual = [name for name in GRATINGS[detector] if name in found]
    return [*usual, *sorted(found - set(usual))]


def name_file(opt_elem: str, column: str) -> str:
    """Return a name for a chart, of lower case letters, digits and underscores."""
    return re.sub(r"[^a-z0-9_]", "_", f"{opt_elem}_{column}".lower())


def each_wavelength(table: FlashTable) -> Iterator[tuple[str, str, FlashTable]]:
    """Yield label, colour and flashes of each central wavelength."""
    is_known = np.isfinite(table.cenwave)
    values = np.unique(table.cenwave[is_known])
    for value, colour in zip(values, choose_colours(len(values)), strict=True):
        yield f"{value:.0f} A", colour, table.where(table.cenwave == value)
    if not is_known.all():
        yield UNKNOWN, UNKNOWN_COLOUR, table.where(~is_known)


def choose_colours(number: int) -> list[str]:
    """Return so many colours, all different: where ten are not enough, around the hues."""
    if number <= len(COLOURS):
        return list(COLOURS[:number])
    found = []
    for place in range(number):
        lightness = (0.38, 0.58)[place % 2]  # neighbours in hue differ in lightness
        parts = hls_to_rgb(place / number, lightness, 0.7)
        found.append("#" + "".join(f"{round(255 * part):02x}" for part in parts))
    return found


def each_fppos(table: FlashTable) -> Iterator[tuple[Symbol, Bools]]:
    """Yield the symbol of each FP-POS that there is, and which flashes have it."""
    is_other = np.ones(len(table), dtype=bool)
    for fppos, symbol in FPPOS_SYMBOLS.items():
        is_one = table.fppos == fppos
        is_other &= ~is_one
        if is_one.any():
            yield symbol, is_one
    if is_other.any():
        yield OTHER_SYMBOL, is_other


def mark_lifetime_positions(table: FlashTable) -> list[Mark]:
    """Return the dates of moves to other lifetime positions within the times of some flashes."""
    mjd = table.mjd[np.isfinite(table.mjd)]
    if not mjd.size:
        return []
    return [
        Mark(date, label, "vertical", dash="dotted")
        for label, date in LIFETIME_POSITIONS.items()
        if mjd.min() <= date <= mjd.max()
    ]
