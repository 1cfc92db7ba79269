"""Chart the pointing offsets of guidance sensors against time, and list their lines."""

from collections.abc import Iterator, Sequence

import numpy as np

from hstql_assets.monitors.acquisitions.guidance import SENSORS, list_events
from hstql_assets.monitors.acquisitions.history import point_size
from hstql_assets.monitors.acquisitions.offsets import AXES, OffsetLine, SensorOffsets
from hstql_assets.pages.charts import Axis, Chart, Layer, Line, Mark, Points
from hstql_resources.times import mark_newest

COLUMNS = (
    "sensor", "axis", "from and to (year.day)", "exposures", "slope (arcsec/yr)",
    "offset at mean time (arcsec)", "mean time (MJD)", "scatter (arcsec)",
)  # fmt: skip
_OFFSETS, _LINES = "#9db4c8", ("#1f4e79", "#b35900")


def draw_offsets(offsets: Sequence[SensorOffsets], newest_mjd: float) -> tuple[Chart, ...]:
    """Return a chart for each sensor and axis with data, V2 and V3 of a sensor together.

    `newest_mjd` is that of all acquisitions, MJD UTC.
    """
    return tuple(
        _draw(sensor, axis, mine, newest_mjd)
        for sensor in SENSORS
        for axis in AXES
        if (mine := [one for one in offsets if (one.sensor, one.axis) == (sensor, axis)])
    )


def tabulate_lines(offsets: Sequence[SensorOffsets]) -> tuple[tuple[str, ...], ...]:
    """Return the rows of the table of lines; see `COLUMNS`."""
    return tuple(_describe(one) for one in offsets)


def mark_events(first_mjd: float, last_mjd: float) -> Iterator[Mark]:
    """Return a line for each event between two times, MJD UTC."""
    for mjd, name in list_events():
        if first_mjd <= mjd <= last_mjd:
            yield Mark(mjd, name, "vertical", dash="dotted")


def _draw(sensor: str, axis: str, mine: Sequence[SensorOffsets], newest_mjd: float) -> Chart:
    mjd = np.concatenate([one.mjd for one in mine])
    points = Points(
        mjd,
        np.concatenate([one.offset for one in mine]),
        f"{len(mjd)} exposures",
        rootnames=tuple(name for one in mine for name in one.rootnames),
        is_newest=mark_newest(mjd, latest=newest_mjd),
        size=point_size(len(mjd)),
        colour=_OFFSETS,
    )
    layers: list[Layer] = [*mark_events(mjd.min(), newest_mjd), points]
    for number, one in enumerate(mine):
        if one.line is not None:
            layers.append(_draw_line(one, one.line, _LINES[number % len(_LINES)]))
    return Chart(
        f"offset_{sensor.lower()}_{axis.lower()}",
        f"{axis} offset with guidance sensor {sensor}",
        Axis("start of exposure (MJD)", "mjd"),
        Axis(f"{axis} offset, -slew (arcsec)"),
        tuple(layers),
        note="Straight lines by least squares between the changes of the sensor.",
    )


def _draw_line(one: SensorOffsets, line: OffsetLine, colour: str) -> Line:
    ends = np.array([one.mjd.min(), one.mjd.max()])
    label = f"{one.stretch.label}: {line.slope:+.3f} ± {line.slope_error:.3f} arcsec/yr"
    return Line(ends, line.at(ends), label, colour=colour, width=2.5)


def _describe(one: SensorOffsets) -> tuple[str, ...]:
    begin = (one.sensor, one.axis, one.stretch.label, str(len(one.mjd)))
    line = one.line
    if line is None:
        return (*begin, "too few", "", "", "")
    return (
        *begin,
        f"{line.slope:+.4f} ± {line.slope_error:.4f}",
        f"{line.offset:+.4f} ± {line.offset_error:.4f}",
        f"{line.reference_mjd:.1f}",
        f"{line.scatter:.4f}",
    )
