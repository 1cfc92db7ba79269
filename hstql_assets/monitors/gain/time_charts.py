"""Chart the gain against time: superpixels, dates at which it is lost, numbers lost."""

from collections.abc import Sequence

import numpy as np

from hstql_assets.monitors.gain.charts import DAYS_PER_YEAR, GAIN_LABEL, LIMIT_MARK
from hstql_assets.monitors.gain.gain_images import name_superpixel
from hstql_assets.monitors.gain.gain_trends import GAIN_LIMIT
from hstql_assets.monitors.gain.high_voltage_state import Voltage
from hstql_assets.monitors.gain.limits import HALF_YEAR_D
from hstql_assets.monitors.gain.line_maps import AHEAD_D
from hstql_assets.monitors.gain.series import Series, Track
from hstql_assets.pages.charts import Axis, Chart, Layer, Line, Mark, Points, Steps
from hstql_resources.times import format_date

NEWEST_D = 30.0
MJD = "start of the image (MJD, UTC)"
TRACK_COLOURS = ("#1f77b4", "#d95f02", "#1b9e77", "#7570b3", "#e7298a", "#666666")


def draw_tracks(series: Series) -> Chart:
    """Draw the gain of some superpixels against time, with their lines and the dates they reach."""
    layers: list[Layer] = [LIMIT_MARK]
    for track, colour in zip(series.tracks, TRACK_COLOURS, strict=False):
        layers += _draw_track(series, track, colour)
    return Chart(
        name=f"gain_tracks_{series.name}",
        title=f"{series.label}: gain of the superpixels nearest to the limit",
        x=Axis(MJD, "mjd"),
        y=Axis(GAIN_LABEL),
        layers=tuple(layers),
        note=(
            "The latest that lost their gain, then those that are next, more than 64 columns or 8 "
            "rows of superpixels apart. Diamond: where the line reaches the limit, if within 5 "
            "years."
        ),
        height=400,
    )


def _draw_track(series: Series, track: Track, colour: str) -> list[Layer]:
    place = (track.y, track.x)
    label = name_superpixel(track.x, track.y)
    is_newest = track.mjd > series.newest_mjd - NEWEST_D
    layers: list[Layer] = [
        Points(
            track.mjd, track.gain, label, track.error, track.images, is_newest=is_newest,
            colour=colour,
        )
    ]  # fmt: skip
    lines = series.lines
    if not np.isfinite(lines.gain[place]):
        return layers
    projected_mjd, _ = lines.projected
    end = projected_mjd[place]
    is_near = np.isfinite(end) and abs(end - series.newest_mjd) < 5.0 * DAYS_PER_YEAR
    times = np.array([track.mjd[0], max(track.mjd[-1], end if is_near else -np.inf)])
    waits = times - lines.reference_mjd[place]
    values = lines.gain[place] + lines.slope[place] * waits
    layers.append(Line(times, values, dash="dashed", colour=colour, width=1.0))
    if is_near:
        date = f"{label}: {format_date(float(end))}"
        layers.append(
            Points(
                np.array([end]), np.array([GAIN_LIMIT]), date, symbol="diamond", size=9.0,
                colour=colour,
            )
        )  # fmt: skip
    return layers


def draw_projected_histogram(voltages: Sequence[Voltage]) -> Chart:
    """Draw how many superpixels reach the limit when, at the present voltage of each segment."""
    edges = np.arange(-2.0, AHEAD_D / DAYS_PER_YEAR + 0.01, 0.25)
    layers: list[Layer] = [
        Mark(0.0, "latest image", "vertical"),
        Mark(HALF_YEAR_D / DAYS_PER_YEAR, "half a year", "vertical", is_limit=True),
    ]
    for one in voltages:
        years = (one.projected_mjd - one.newest_mjd) / DAYS_PER_YEAR
        counts = np.histogram(years, edges)[0].astype(np.float64)
        layers.append(Steps(edges, counts, one.label))
    return Chart(
        name="projected_histogram",
        title="When superpixels that are not flagged reach gain 3",
        x=Axis("time after the latest image (year)"),
        y=Axis("superpixels per quarter of a year"),
        layers=tuple(layers),
        note="Superpixels in the rows of spectra whose gain falls by at least 3 standard errors.",
    )


def draw_flag_counts(voltages: Sequence[Voltage]) -> Chart:
    """Draw how many superpixels have lost their gain against time."""
    newest = max((one.newest_mjd for one in voltages), default=0.0)
    layers = []
    for one in voltages:
        if one.flagged_mjd.size:
            dates, counts = np.unique(one.flagged_mjd, return_counts=True)
            total = np.concatenate(([0], np.cumsum(counts))).astype(np.float64)
            x = np.append(np.repeat(dates, 2), newest)
            layers.append(Line(x, np.repeat(total, 2)[1:], one.label))
    return Chart(
        name="flagged_superpixels",
        title="Superpixels that lost their gain",
        x=Axis(MJD, "mjd"),
        y=Axis("number of superpixels"),
        layers=tuple(layers),
        note="Since the image in which the gain was 3 or less for the first time.",
    )
