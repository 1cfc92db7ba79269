"""Chart acquisitions with dispersed light, ACQ/PEAKXD and ACQ/PEAKD, against time."""

from collections.abc import Iterator

import numpy as np

from hstql_assets.monitors.acquisitions.guidance import SENSORS
from hstql_assets.monitors.acquisitions.history import (
    Acquisitions,
    Flags,
    Floats,
    Texts,
    point_size,
)
from hstql_assets.monitors.acquisitions.problems import LONGEST_PEAK_SLEW_ARCSEC, find_problems
from hstql_assets.pages.charts import Axis, Band, Chart, Layer, Mark, Points, Symbol

NEW_PEAKXD_MJD = 58028.0  # 2017-10-02, when FUV began to measure it as ACQ/PEAKD does
FARTHEST_SHOWN_ARCSEC = 5.0
_UNKNOWN = "unknown"
_SYMBOLS: dict[str, Symbol] = {"FUV": "circle", "NUV": "square"}
_COLOURS = {1: "#1f77b4", 2: "#2ca02c", 3: "#8c564b", 4: "#bcbd22", 5: "#9467bd", 6: "#e377c2"}
_OTHER = "#17becf"


def draw_peaks(peaks: Acquisitions, kind: str, newest_mjd: float | None) -> tuple[Chart, ...]:
    """Return a chart for each guidance sensor with data, and one for those of unknown sensor.

    Parameters
    ----------
    peaks : Acquisitions
        Those of a kind.
    kind : str
        ACQ/PEAKD, which slews along the dispersion, or ACQ/PEAKXD, across it.
    newest_mjd : float or None
        Of all acquisitions, MJD UTC.
    """
    known = peaks.where(np.isfinite(_slews(peaks, kind)) & np.isfinite(peaks.exp_start_mjd))
    parts = {sensor: known.where(_is(known.fgs, sensor)) for sensor in SENSORS}
    parts[_UNKNOWN] = known.where(_is(known.fgs, ""))
    return tuple(
        _draw(part, kind, sensor, newest_mjd) for sensor, part in parts.items() if len(part)
    )


def _draw(part: Acquisitions, kind: str, sensor: str, newest_mjd: float | None) -> Chart:
    offset, is_far = -_slews(part, kind), find_problems(part).is_far
    limit = LONGEST_PEAK_SLEW_ARCSEC
    layers: list[Layer] = [
        Band(-limit, limit),
        Mark(limit, "1 arcsec", is_limit=True),
        Mark(-limit, "", is_limit=True),
    ]
    if kind == "ACQ/PEAKXD" and part.exp_start_mjd.min() <= NEW_PEAKXD_MJD:
        layers.append(Mark(NEW_PEAKXD_MJD, "new PEAKXD algorithm", "vertical", dash="dotted"))
    layers += _draw_groups(part, kind, newest_mjd)
    if is_far.any():
        far = part.where(is_far)
        layers.append(
            Points(far.exp_start_mjd, -_slews(far, kind), "1 arcsec or more",
                   rootnames=far.rootnames, symbol="x", size=9.0, colour="#c62828")
        )  # fmt: skip
    reach = max(1.3 * limit, min(1.05 * float(np.abs(offset).max()), FARTHEST_SHOWN_ARCSEC))
    scatter = f"{np.std(offset, ddof=1):.3f} arcsec" if len(part) > 1 else "unknown of one"
    name, axis = (
        ("peakd", "offset, -ACQSLEWX (arcsec)")
        if kind == "ACQ/PEAKD"
        else ("peakxd", "offset, -ACQSLEWY (arcsec)")
    )
    return Chart(
        f"{name}_{sensor.lower()}",
        f"{kind} with guidance sensor {sensor}",
        Axis("start of exposure (MJD)", "mjd"),
        Axis(axis, limits=(-reach, reach)),
        tuple(layers),
        note=f"{len(part)} exposures; standard deviation {scatter}.",
    )


def _draw_groups(part: Acquisitions, kind: str, newest_mjd: float | None) -> Iterator[Points]:
    """Return the points by lifetime position, which is their colour, and detector, their symbol."""
    positions = np.nan_to_num(part.life_adj, nan=-1.0)
    for position in np.unique(positions):
        for detector in sorted(set(part.detector)):
            mask = (positions == position) & _is(part.detector, detector)
            group = part.where(mask)
            if not len(group):
                continue
            place = "LP?" if position < 0 else f"LP{position:.0f}"
            yield Points(
                group.exp_start_mjd,
                -_slews(group, kind),
                f"{place} {detector}".strip(),
                rootnames=group.rootnames,
                is_newest=group.is_newest(newest_mjd),
                size=point_size(len(group)),
                symbol=_SYMBOLS.get(detector, "diamond"),
                colour=_COLOURS.get(int(position), _OTHER),
            )


def _slews(peaks: Acquisitions, kind: str) -> Floats:
    return peaks.slew_x_arcsec if kind == "ACQ/PEAKD" else peaks.slew_y_arcsec


def _is(texts: Texts, text: str) -> Flags:
    return np.asarray(texts == text, np.bool_)
