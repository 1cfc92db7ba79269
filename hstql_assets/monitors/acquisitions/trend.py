"""Report all acquisitions together, and what the limits say."""

from collections.abc import Iterator, Sequence

import numpy as np

from hstql_assets.monitors.acquisitions.history import Acquisitions
from hstql_assets.monitors.acquisitions.limits import judge
from hstql_assets.monitors.acquisitions.offset_charts import COLUMNS, draw_offsets, tabulate_lines
from hstql_assets.monitors.acquisitions.offsets import SensorOffsets, find_offsets
from hstql_assets.monitors.acquisitions.peak_charts import draw_peaks
from hstql_assets.monitors.acquisitions.problems import find_problems
from hstql_assets.monitors.acquisitions.slew_charts import draw_distribution, draw_slews
from hstql_assets.monitors.framework.monitor import TrendContext
from hstql_assets.monitors.framework.report import Section, TrendReport

MOST_LISTED = 100
PEAKS = {"ACQ/PEAKXD": "across", "ACQ/PEAKD": "along"}


def summarize_acquisitions(acquisitions: Acquisitions, _: TrendContext) -> TrendReport:
    """Draw all acquisitions, which are in order of time, and judge the latest."""
    if not len(acquisitions):
        return TrendReport("There is no acquisition of COS yet (rawacq files).", 0)
    newest = acquisitions.newest_mjd
    offsets = find_offsets(acquisitions)
    sections = [_show_images(acquisitions, newest), _list_problems(acquisitions)]
    if offsets and newest is not None:
        sections.append(_show_offsets(offsets, newest))
    sections += _show_peaks(acquisitions, newest)
    return TrendReport(
        _state_summary(acquisitions),
        len(acquisitions),
        newest,
        tuple(section for section in sections if section is not None),
        judge(acquisitions, offsets),
        metadata={
            f"slope_{one.sensor}_{one.axis}_arcsec_per_yr": one.line.slope
            for one in offsets
            if one.line is not None
        },
    )


def _state_summary(acquisitions: Acquisitions) -> str:
    problems = find_problems(acquisitions)
    kinds = ", ".join(
        f"{(acquisitions.exposure_type == kind).sum()} {kind}"
        for kind in sorted(set(acquisitions.exposure_type) - {""})
    )
    return (
        f"Of {len(acquisitions)} acquisitions ({kinds}) {int(problems.is_failed.sum())} failed, "
        f"{int(problems.is_closed.sum())} had the shutter closed, and "
        f"{int(problems.is_far.sum())} slewed beyond their limit."
    )


def _show_images(acquisitions: Acquisitions, newest_mjd: float | None) -> Section | None:
    images = acquisitions.of_kind("ACQ/IMAGE")
    if not len(images):
        return None
    problems = find_problems(images)
    return Section(
        "Acquisition images",
        (draw_slews(images, problems, newest_mjd), draw_distribution(images, problems)),
        "The slew from where the target was to the middle of the aperture.",
    )


def _list_problems(acquisitions: Acquisitions) -> Section:
    problems = find_problems(acquisitions)
    chosen = np.flatnonzero(problems.any)[::-1]
    rows = tuple(
        _describe(acquisitions, int(index), problems.describe(int(index)))
        for index in chosen[:MOST_LISTED]
    )
    more = f" The latest {MOST_LISTED} of {len(chosen)}." if len(chosen) > MOST_LISTED else ""
    return Section(
        "Far slews and failures",
        note="ACQ/IMAGE with slews of 2 arcsec or more, ACQ/PEAKXD and ACQ/PEAKD of 1 arcsec or "
        f"more, and all that failed or had the shutter closed.{more}",
        columns=("exposure", "start (MJD)", "kind", "proposal", "setting", "sensor",
                 "slew x (arcsec)", "slew y (arcsec)", "what"),
        rows=rows,
    )  # fmt: skip


def _describe(acquisitions: Acquisitions, index: int, what: str) -> tuple[str, ...]:
    one = acquisitions
    return (
        one.rootname[index],
        _write(one.exp_start_mjd[index], ".3f"),
        one.exposure_type[index],
        _write(one.proposal_id[index], ".0f"),
        f"{one.aperture[index]} {one.opt_elem[index]}".strip(),
        one.fgs[index],
        _write(one.slew_x_arcsec[index], "+.3f"),
        _write(one.slew_y_arcsec[index], "+.3f"),
        what,
    )


def _write(value: float, form: str) -> str:
    return "" if np.isnan(value) else format(value, form)


def _show_offsets(offsets: Sequence[SensorOffsets], newest_mjd: float) -> Section:
    return Section(
        "Pointing offsets of the guidance sensors",
        draw_offsets(offsets, newest_mjd),
        "Minus the slew of the first acquisition image of a visit, along V2 and V3: point sources "
        "with 2000 events or more, 500 of the lamp, and a slew below 2 arcsec that succeeded.",
        COLUMNS,
        tabulate_lines(offsets),
    )


def _show_peaks(acquisitions: Acquisitions, newest_mjd: float | None) -> Iterator[Section]:
    for kind, direction in PEAKS.items():
        charts = draw_peaks(acquisitions.of_kind(kind), kind, newest_mjd)
        if charts:
            yield Section(
                kind,
                charts,
                f"Minus the slew {direction} the dispersion. Colours are lifetime positions; "
                "circles FUV, squares NUV.",
            )
