"""Render the page of one lightcurve, individual or composite."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hstql_assets.lightcurves.table import CurveTable
from hstql_assets.pages.colours import colour_of
from hstql_assets.pages.pages import BOKEH, link, render
from hstql_assets.plots import panels
from hstql_assets.plots.description import Description, describe, shorten
from hstql_assets.plots.numbers import write_statistics
from hstql_assets.plots.points import Thinned, take_points
from hstql_assets.statistics.flares import Flare, find_flares
from hstql_resources.filesystem import Filesystem, PlotFiles
from hstql_resources.fits.header_values import finite
from hstql_resources.times import SECONDS_PER_DAY, write_time

SCRIPTS = (BOKEH, "panels.js")


@dataclass(frozen=True)
class Product:
    """A lightcurve file, and what else its page tells.

    Attributes
    ----------
    path : Path
        The FITS file.
    target : str
        Slug of its target.
    plots : PlotFiles
        Where its plots go.
    statistics : mapping or None
        Its row of the table `statistics`.
    """

    path: Path
    target: str
    plots: PlotFiles
    statistics: Mapping[str, object] | None = None


@dataclass(frozen=True)
class _ExposureRow:
    number: int
    rootname: str
    colour: str
    start: str
    bins: int
    address: str | None


def render_product(product: Product, table: CurveTable, filesystem: Filesystem) -> str:
    """Return the page of a lightcurve, as HTML.

    Parameters
    ----------
    product : Product
        Which one.
    table : CurveTable
        What is in its file.
    filesystem : Filesystem
        Where the other pages are.
    """
    page = product.plots.page
    description = describe(table)
    thinned = take_points(table, panels.MOST_POINTS)
    flares = find_flares(table)
    pictures = {
        name: link(path, page)
        for name, path in (
            ("Periodogram", product.plots.periodogram),
            ("Fold at the best period", product.plots.fold),
        )
        if path.is_file()
    }
    links = [
        (table.path.name, link(product.path, page)),
        ("Picture", link(product.plots.picture, page)),
        *pictures.items(),
        *_link_spectra(table, page, filesystem),
        (
            "All of this target",
            f"{link(filesystem.plots / 'index.html', page)}#target-{product.target}",
        ),
    ]
    return render(
        "product.html",
        page,
        filesystem.plots,
        f"{description.target_name} {description.name}",
        scripts=SCRIPTS,
        heading=_heading(table, description),
        subtitle=f"{description.configuration} {description.wavelengths}",
        is_simulated=description.is_simulated,
        metadata=_metadata(table, description),
        statistics=write_statistics(product.statistics),
        links=links,
        notes=_notes(table, thinned),
        exposures=_exposures(product, table, filesystem),
        names=list(table.rootnames),
        picture=link(product.plots.picture, page),
        side_by_side=len(table.rootnames) > 1,
        pictures=pictures,
        flares=[_write_flare(flare) for flare in flares],
        panels=panels.fill_panels(thinned.points, table.is_flux_calibrated, flares),
    )


def _link_spectra(table: CurveTable, page: Path, filesystem: Filesystem) -> list[tuple[str, str]]:
    """Return the name and the address of the picture of time and wavelength, where there is one."""
    if table.is_composite:
        return []
    path = filesystem.time_resolved_picture(table.rootnames[0])
    return [("Spectra in time", link(path, page))] if path.is_file() else []


def _write_flare(flare: Flare) -> tuple[str, ...]:
    """Return start, duration, significance, equivalent duration and energy, as they are shown."""
    lasting_s = (flare.end_mjd - flare.start_mjd) * SECONDS_PER_DAY
    duration, fluence = (
        "" if value is None else f"{value:.3g} ± {error:.2g}"
        for value, error in (
            (flare.equivalent_duration_s, flare.equivalent_duration_error_s),
            (flare.fluence, flare.fluence_error),
        )
    )
    return (
        write_time(flare.start_mjd),
        f"{lasting_s:.0f}",
        f"{flare.significance:.1f}",
        f"{flare.counts:.0f}",
        duration,
        fluence,
    )


def _heading(table: CurveTable, description: Description) -> str:
    what = "composite lightcurve" if table.is_composite else description.name
    return f"{description.target_name}, {what}"


def _metadata(table: CurveTable, description: Description) -> list[tuple[str, str]]:
    return [
        ("target", description.target_name),
        ("exposures", str(description.exposures)),
        ("proposals", shorten(description.proposals, 8) or "unknown"),
        ("start (UTC)", write_time(description.start_mjd)),
        ("end (UTC)", write_time(description.end_mjd)),
        ("times shown", "UTC, at the telescope"),
        ("times in the file", _write_times(table)),
        ("live time", f"{description.live_s:,.1f} s"),
        ("bin", f"{table.bin_s:g} s"),
        ("bins", f"{len(table.mjd):,}"),
        ("calibrated flux", "yes" if table.is_flux_calibrated else "no"),
    ]


def _write_times(table: CurveTable) -> str:
    accuracy_s = finite(table.header.get("BJDACC"))
    if accuracy_s is None:
        return "TIME: MJD (UTC)"
    return f"TIME: MJD (UTC); BJD_TDB: at the barycentre, to {accuracy_s * 1000:g} ms"


def _notes(table: CurveTable, thinned: Thinned) -> list[str]:
    notes = ["Times without live time are left out; no line goes across them."]
    if thinned.bins_per_point > 1:
        notes.append(
            f"There are too many bins for a page: each point is the mean of up to "
            f"{thinned.bins_per_point} bins of an exposure ({thinned.width_s:g} s), with their "
            "counts added up. The FITS file has all bins."
        )
    if not table.is_flux_calibrated:
        notes.append("There is no flux: not every exposure has a calibrated spectrum.")
    values = table.header.values
    return notes + [str(text) for keyword, text in values.items() if keyword.startswith("REMARK")]


def _exposures(product: Product, table: CurveTable, filesystem: Filesystem) -> list[_ExposureRow]:
    numbers, first, bins = np.unique(table.dataset, return_index=True, return_counts=True)
    rows = []
    for number, index, count in zip(numbers.tolist(), first, bins.tolist(), strict=True):
        rootname = table.rootnames[number - 1]
        own = filesystem.lightcurve_plots(product.target, rootname).page
        rows.append(
            _ExposureRow(
                number=number,
                rootname=rootname,
                colour=colour_of(number),
                start=write_time(float(table.mjd[index])),
                bins=count,
                address=link(own, product.plots.page) if own.is_file() else None,
            )
        )
    return rows
