"""Chart shifts over time: gratings, mirrors, and both directions against each other."""

import numpy as np

from hstql_assets.monitors.osm_shifts.flash_table import FlashTable, Floats
from hstql_assets.monitors.osm_shifts.long_term import find_medians
from hstql_assets.monitors.osm_shifts.search_range import find_search
from hstql_assets.monitors.osm_shifts.settings import (
    MIRRORS,
    SYMBOL_NOTE,
    draw_flashes,
    each_fppos,
    each_wavelength,
    list_gratings,
    mark_lifetime_positions,
    name_file,
)
from hstql_assets.pages.charts import Axis, Chart, Layer, Line, Mark

DATE = Axis("time (MJD, UTC)", "mjd")
MEDIAN_COLOUR = "#222222"
TITLES = {
    "without_fppos": "shift along the dispersion, FP-POS taken out",
    "xdisp": "shift across the dispersion",
}
LEADING_WORDS = {
    "FUV": "FUVA, or FUVB where FUVA shows no lamp",
    "NUV": "NUVB, or another stripe where NUVB shows no lamp",
}


def chart_gratings(
    firsts: FlashTable, detector: str, column: str, latest: float | None
) -> list[Chart]:
    """Return a chart over time for each grating, with central wavelengths in colours.

    Parameters
    ----------
    firsts : FlashTable
        One flash for each exposure of the detector, by time.
    detector : str
        FUV or NUV.
    column : str
        without_fppos or xdisp.
    latest : float or None
        MJD that the newest exposures are counted back from.
    """
    return [
        _chart_grating(
            firsts.where(firsts.is_value("opt_elem", grating)), detector, grating, column, latest
        )
        for grating in list_gratings(firsts, detector)
    ]


def chart_mirrors(table: FlashTable, column: str, latest: float | None) -> Chart:
    """Return the place of the lamp in acquisition images over time, a series for each mirror.

    Parameters are those of `chart_gratings`, but the column is disp or xdisp.
    """
    lamps = table.where(
        (table.is_value("filetype", "rawacq")) & np.isfinite(table.start_mjd)
    ).by_time()
    names = [*MIRRORS, *sorted(set(lamps.opt_elem) - set(MIRRORS))]
    layers = []
    for name in names:
        own = lamps.where(lamps.is_value("opt_elem", name))
        if len(own):
            layers.append(draw_flashes(own, own.mjd, getattr(own, column), name, latest))
    word = "along" if column == "disp" else "across"
    return Chart(
        name=f"mirrors_{column}",
        title=f"Lamp in acquisition images, {word} the dispersion",
        x=DATE,
        y=Axis(f"1023 - LQTA{'Y' if column == 'disp' else 'X'}COR (pixel)"),
        layers=tuple(layers),
        note=f"{lamps.exposures} acquisitions. A position, not a distance from a template.",
    )


def chart_relation(firsts: FlashTable, detector: str, latest: float | None) -> Chart:
    """Return shifts across against shifts along the dispersion, a series for each grating.

    Parameters are those of `chart_gratings`.
    """
    gratings = list_gratings(firsts, detector)
    parts = [firsts.where(firsts.is_value("opt_elem", grating)) for grating in gratings]
    layers = [
        draw_flashes(own, own.without_fppos, own.xdisp, grating, latest, size=4.0)
        for grating, own in zip(gratings, parts, strict=True)
    ]
    return Chart(
        name=f"{detector.lower()}_relation",
        title=f"{detector}: shift across against shift along the dispersion",
        x=Axis("shift along the dispersion, FP-POS taken out (pixel)"),
        y=Axis("shift across the dispersion (pixel)"),
        layers=tuple(layers),
        note=_tell_sample(firsts, detector, "without_fppos"),
    )


def _chart_grating(
    own: FlashTable, detector: str, grating: str, column: str, latest: float | None
) -> Chart:
    layers: list[Layer] = [*mark_lifetime_positions(own)] if detector == "FUV" else []
    for label, colour, wavelength in each_wavelength(own):
        for symbol, chosen in each_fppos(wavelength):
            some = wavelength.where(chosen)
            y, look = getattr(some, column), {"symbol": symbol, "colour": colour}
            layers.append(draw_flashes(some, some.mjd, y, label, latest, **look))
    notes = [_tell_sample(own, detector, column), SYMBOL_NOTE]
    if detector == "NUV":
        layers.append(_median_line(own, getattr(own, column)))
    if column == "without_fppos":
        marks, about = _mark_search(own)
        layers += marks
        notes.append(about)
    return Chart(
        name=name_file(grating, column),
        title=f"{grating}: {TITLES[column]}",
        x=DATE,
        y=Axis("shift (pixel)"),
        layers=tuple(layers),
        note=" ".join(notes),
    )


def _median_line(own: FlashTable, values: Floats) -> Line:
    """Return the running median of values of flashes, shape (n,), pixel."""
    is_known = np.isfinite(values)
    mjd, medians = find_medians(own.mjd[is_known], values[is_known])
    return Line(mjd, medians, "median of 180 days", colour=MEDIAN_COLOUR)


def _mark_search(own: FlashTable) -> tuple[list[Mark], str]:
    """Return the ends of the range that was searched for the newest exposure."""
    search = find_search(own.where(np.array([len(own) - 1])))
    low, high = (float(end[0]) for end in search.ends)
    source = "of the instrument team of 2017" if search.is_nominal[0] else "of its WCPTAB"
    marks = [Mark(low, "searched from", is_limit=True), Mark(high, "searched to", is_limit=True)]
    return marks, f"Red: what CalCOS searches, for the newest exposure, {source}."


def _tell_sample(own: FlashTable, detector: str, column: str) -> str:
    unknown = int(np.count_nonzero(~np.isfinite(getattr(own, column))))
    sentence = f"First flash of {LEADING_WORDS[detector]}: {len(own)} exposures."
    if unknown:
        why = "their LAMPTAB is not at hand" if column == "without_fppos" else "it has no number"
        sentence += f" {unknown} of them are not drawn, for {why}."
    return sentence
