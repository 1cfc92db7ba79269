"""The figure of a lightcurve: counts, and flux where there is one, against time."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from hstql_assets.lightcurves.lightcurve import Lightcurve

SIZE_INCHES = (10.0, 5.0)
# Fixed, for working them out anew would take a third of the time of a plot.
MARGINS = {"left": 0.08, "right": 0.985, "bottom": 0.11, "top": 0.93, "hspace": 0.12}
FLUX_LABEL = "flux (erg s$^{-1}$ cm$^{-2}$ Å$^{-1}$)"


def draw_lightcurve(lightcurve: Lightcurve) -> Figure:
    """Draw gross and background rate, and below them the flux with its errors.

    Parameters
    ----------
    lightcurve : Lightcurve
        Bins without live time stay empty.

    Returns
    -------
    matplotlib.figure.Figure
        With two axes, the lower of which shows the net rate where there is no flux.
    """
    figure = Figure(figsize=SIZE_INCHES)
    upper, lower = figure.subplots(2, 1, sharex=True, gridspec_kw=MARGINS)
    bins = lightcurve.bins
    live = np.where(bins.exposure_s > 0, bins.exposure_s, np.nan)
    _draw_steps(upper, lightcurve, bins.gross / live, "tab:blue", "gross")
    _draw_steps(upper, lightcurve, bins.background / live, "tab:orange", "background")
    upper.set_ylabel("rate (counts s$^{-1}$)")
    upper.set_ylim(0, 1.25 * max(np.nanmax(bins.gross / live, initial=0.0), 1e-3))  # legend on top
    upper.legend(loc="upper right", fontsize="small", ncols=2)
    upper.set_title(_title(lightcurve), fontsize="medium")
    if lightcurve.is_flux_calibrated:
        _draw_errors(lower, lightcurve, bins.flux, bins.flux_error)
        lower.set_ylabel(FLUX_LABEL)
    else:
        _draw_errors(lower, lightcurve, bins.net, bins.error / live)
        lower.set_ylabel("net rate (counts s$^{-1}$)")
    lower.axhline(0, color="0.7", linewidth=0.8, zorder=0)
    lower.set_xlabel(
        f"time since MJD {lightcurve.exposure.exp_start_mjd:.6f} UTC (s), "
        f"bins of {lightcurve.settings.bin_s:g} s"
    )
    return figure


def _title(lightcurve: Lightcurve) -> str:
    exposure = lightcurve.exposure
    name = exposure.target_name.replace("$", r"\$")  # matplotlib would set it as a formula
    simulated = "  (simulated)" if exposure.is_simulated else ""
    return (
        f"{exposure.rootname}  {name}  {exposure.instrument}/{exposure.detector} "
        f"{exposure.opt_elem} {exposure.cenwave} {exposure.aperture}  "
        f"{', '.join(lightcurve.segments)}  "
        f"{lightcurve.wave_min:.0f}-{lightcurve.wave_max:.0f} Å{simulated}"
    )


def _draw_steps(
    axes: Axes, lightcurve: Lightcurve, values: np.ndarray, color: str, label: str
) -> None:
    edges = np.append(
        lightcurve.bins.times_s, lightcurve.bins.times_s[-1] + lightcurve.settings.bin_s
    )
    axes.stairs(values, edges, baseline=None, color=color, label=label, linewidth=0.9)


def _draw_errors(
    axes: Axes, lightcurve: Lightcurve, values: np.ndarray, errors: np.ndarray
) -> None:
    centres = lightcurve.bins.times_s + lightcurve.settings.bin_s / 2
    axes.errorbar(
        centres,
        values,
        errors,
        fmt=".",
        markersize=3,
        color="tab:blue",
        ecolor="0.75",
        elinewidth=0.7,
    )
