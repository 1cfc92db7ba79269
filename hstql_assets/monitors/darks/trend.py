"""Report all dark rates together: the page, the verdicts and the summary."""

from collections.abc import Mapping

import numpy as np

from hstql_assets.monitors.darks.limits import LATEST_DAYS, judge, split_recent
from hstql_assets.monitors.darks.orbit_charts import draw_map, draw_sun_map
from hstql_assets.monitors.darks.rate_charts import draw_histograms, draw_regions
from hstql_assets.monitors.darks.regions import DETECTORS, MAIN_REGIONS, UNIT, regions_of
from hstql_assets.monitors.darks.series import YEAR_DAYS, DarkRows, Series, make_series
from hstql_assets.monitors.darks.solar_flux import SolarFlux, read_solar_flux
from hstql_assets.monitors.darks.time_charts import draw_rates, draw_solar_flux, draw_temperature
from hstql_assets.monitors.framework.monitor import TrendContext
from hstql_assets.monitors.framework.report import Section, TrendReport
from hstql_assets.pages.charts import Chart
from hstql_resources.columns import Columns
from hstql_resources.fits.errors import UnusableFileError

NO_DARKS = "There is no dark exposure of COS with rates yet."


def summarize_darks(rows: DarkRows, context: TrendContext) -> TrendReport:
    """Make the page of the dark rates; without exposures it says so.

    The settings say where the solar flux is, if it is anywhere (`solar_flux`).
    """
    if rows.exposures is None:
        return TrendReport(NO_DARKS, 0)
    series = make_series(rows)
    newest = float(rows.exposures.numbers("start_mjd").max())
    main = {
        detector: series[detector, region]
        for detector in DETECTORS
        for region in MAIN_REGIONS
        if (detector, region) in series
    }
    flux, flux_note = _find_flux(context)
    sections = [
        section
        for detector in DETECTORS
        for section in _draw_detector(detector, main.get(detector), rows, newest, flux, flux_note)
    ]
    sections += _compare_regions(series, newest)
    exposures = len(set(rows.exposures["rootname"]))
    return TrendReport(
        _sum_up(main, newest, exposures),
        exposures,
        newest,
        tuple(sections),
        tuple(judge(main, newest)),
        metadata=_metadata(rows.exposures, main),
    )


def _find_flux(context: TrendContext) -> tuple[SolarFlux | None, str]:
    """Return the solar flux, or why there is none."""
    path = getattr(context.settings, "solar_flux", None)
    if path is None:
        return None, "No file of the solar flux is set (HSTQL_SOLAR_FLUX)."
    try:
        return read_solar_flux(path), ""
    except UnusableFileError as error:
        return None, f"The solar flux is not shown: {error}"


def _draw_detector(
    detector: str,
    series: Series | None,
    rows: DarkRows,
    newest_mjd: float,
    flux: SolarFlux | None,
    flux_note: str,
) -> list[Section]:
    cells, sun_cells, histogram = (
        [row for row in part if row.detector == detector]
        for part in (rows.cells, rows.sun_cells, rows.histogram)
    )
    sections = []
    if series is not None:
        charts = [draw_rates(series, newest_mjd)]
        if flux is not None:
            charts.append(draw_solar_flux(series, flux))
        if detector == "NUV":
            charts.append(draw_temperature(series, newest_mjd))
        sections.append(Section(f"{detector} against time", tuple(charts), flux_note))
    if histogram:
        charts = draw_histograms(detector, histogram)
        sections.append(Section(f"{detector} in stretches of 25 s", tuple(charts)))
    maps: list[Chart] = [draw_map(detector, cells)] if cells else []
    maps += [draw_sun_map(detector, sun_cells)] if sun_cells else []
    if maps:
        sections.append(Section(f"{detector} along the orbit", tuple(maps)))
    return sections


def _compare_regions(series: Mapping[tuple[str, str], Series], newest_mjd: float) -> list[Section]:
    chart = draw_regions(series, newest_mjd - YEAR_DAYS)
    columns = ("detector", "region", "pixels", "XCORR", "YCORR", "exposures", f"rate ({UNIT})")
    lines = [
        (
            detector, region.name, f"{region.pixels:,}", f"{region.left} to {region.right}",
            f"{region.bottom} to {region.top}", *_describe(series.get((detector, region.name))),
        )
        for detector in DETECTORS
        for region in regions_of(detector)
    ]  # fmt: skip
    note = (
        "The mean of all years. Left and bottom edges belong to a region, right and top edges do "
        "not; edge regions overlap in the corners."
    )
    charts = () if chart is None else (chart,)
    return [Section("Regions", charts, note, columns, tuple(lines))]


def _describe(series: Series | None) -> tuple[str, str]:
    if series is None:
        return "0", ""
    mean, error = series.mean()
    return f"{len(series):,}", f"{mean:.4g} ± {error:.2g}"


def _sum_up(main: Mapping[str, Series], newest_mjd: float, exposures: int) -> str:
    latest = {name: split_recent(series, newest_mjd).latest for name, series in main.items()}
    parts = [
        "{} {:.3g} ± {:.2g}".format(name, *series.mean())
        for name, series in latest.items()
        if len(series)
    ]
    if not parts:
        return f"{exposures} dark exposures, none of them outside of the anomaly lately."
    return (
        f"Dark rate of the last {LATEST_DAYS:g} days of data: {', '.join(parts)} {UNIT}; "
        f"{exposures} exposures in all."
    )


def _metadata(exposures: Columns, main: Mapping[str, Series]) -> dict[str, object]:
    """Say how many files are in the trend of each detector, and how many are not."""
    metadata: dict[str, object] = {}
    is_main = np.isin(exposures["region"].astype(str), MAIN_REGIONS)
    for detector in DETECTORS:
        files = int(np.sum(is_main & (exposures["detector"] == detector)))
        used = len(main[detector]) if detector in main else 0
        metadata[detector] = f"{used} of {files} exposures were outside of the anomaly"
    return metadata
