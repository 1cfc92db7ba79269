"""Report the gain: every segment and voltage gone through, then all of them together."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hstql_assets.monitors.framework.monitor import TrendContext
from hstql_assets.monitors.framework.report import Section, TrendReport
from hstql_assets.monitors.gain import charts, time_charts
from hstql_assets.monitors.gain.flagging import flag_rows
from hstql_assets.monitors.gain.gain_images import GainImage, group_images
from hstql_assets.monitors.gain.high_voltage_state import Voltage, find_present, keep_voltage
from hstql_assets.monitors.gain.kept_gains import keep_gains
from hstql_assets.monitors.gain.kept_series import follow_series
from hstql_assets.monitors.gain.limits import RECENT_D, RECENT_LONG_D, count_lost, judge_all
from hstql_assets.monitors.gain.line_maps import find_folder, find_line_map, trend_rows
from hstql_assets.monitors.gain.pulse_height_limits import name_limits_file, write_limits
from hstql_assets.monitors.gain.series import Series
from hstql_assets.monitors.gain.total_gain import TotalGain
from hstql_assets.pages.charts import Chart
from hstql_resources.filesystem import Filesystem
from hstql_resources.times import format_date

MOST_VOLTAGES = 3  # of a segment that are drawn, the latest ones
MOST_FAULTS = 20  # on the page
HEAD = (
    *("segment", "HV level", "images", "latest", "superpixels", "flagged"),
    *(f"new in {RECENT_D:g} d", f"new in {RECENT_LONG_D:g} d", "expected by chance", "waiting"),
    *("next at gain 3", "± d"),
)
Key = tuple[str, int]  # segment and voltage


@dataclass(frozen=True)
class Latest:
    """What is needed of the series with the latest image of a segment, which is a tenth of it."""

    high_voltage: int
    newest_mjd: float
    gain: NDArray[np.float32]
    cut: Chart


@dataclass
class Gathered:
    """What came of all series so far."""

    latest: dict[str, Latest] = field(default_factory=dict)
    voltages: list[Voltage] = field(default_factory=list)
    flagged: list[dict[str, object]] = field(default_factory=list)
    trends: list[dict[str, object]] = field(default_factory=list)
    maps: list[Chart] = field(default_factory=list)
    tracks: list[Chart] = field(default_factory=list)
    projected: list[Chart] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    products: list[Path] = field(default_factory=list)


def report_gain(images: Sequence[GainImage], context: TrendContext) -> TrendReport:
    """Flag superpixels, fit lines and draw; the workers read the images that are new.

    They are of all segments and voltages, in any order. The context says where maps are written.
    """
    groups = group_images(images)
    drawn = choose_drawn(groups)
    filesystem, total, gathered = context.filesystem, TotalGain(), Gathered()
    kept, gathered.faults = keep_gains(list(groups.values()), filesystem, context.workers)
    for series in follow_series(kept, filesystem, context.workers):
        total.add(series)
        is_drawn = (series.segment, series.high_voltage) in drawn
        _gather(gathered, series, is_drawn, filesystem)
        del series  # a hundred megabytes, before there is the next one
    if not gathered.voltages:
        return _report_nothing(gathered)
    _write_all(gathered, total, filesystem)
    return _report(gathered)


def choose_drawn(groups: dict[Key, list[GainImage]]) -> set[Key]:
    """Return the segments and voltages with the latest images, three for each segment."""
    newest = sorted(groups, key=lambda key: (groups[key][-1].start_mjd, key), reverse=True)
    segments = {segment for segment, _ in groups}
    return {
        key
        for segment in segments
        for key in [one for one in newest if one[0] == segment][:MOST_VOLTAGES]
    }


def _gather(gathered: Gathered, series: Series, is_drawn: bool, filesystem: Filesystem) -> None:
    gathered.voltages.append(keep_voltage(series))
    gathered.flagged += flag_rows(series.flags, series.images)
    gathered.trends += trend_rows(series)
    gathered.products.append(find_line_map(filesystem, series.images[0]))
    if is_drawn:
        gathered.maps.append(charts.draw_gain_map(series))
        gathered.tracks.append(time_charts.draw_tracks(series))
        gathered.projected.append(charts.draw_projected_map(series))
    before = gathered.latest.get(series.segment)
    if before is None or series.newest_mjd >= before.newest_mjd:
        gathered.latest[series.segment] = Latest(
            series.high_voltage,
            series.newest_mjd,
            series.last.gain,
            charts.draw_pulse_height_cut(series),
        )


def _write_all(gathered: Gathered, total: TotalGain, filesystem: Filesystem) -> None:
    folder, latest = find_folder(filesystem), gathered.latest
    with filesystem.write(folder / "total_gain.fits") as temporary:
        total.write(temporary)
    newest_mjd = max(one.newest_mjd for one in latest.values())
    limits = folder / name_limits_file(newest_mjd)
    gains = {segment: one.gain for segment, one in latest.items()}
    voltages = {segment: one.high_voltage for segment, one in latest.items()}
    with filesystem.write(limits) as temporary:
        write_limits(temporary, gains, voltages, newest_mjd)
    for old in folder.glob("l_*_phaimage_cci_phf.fits"):
        if old != limits:
            filesystem.remove(old)
    gathered.products += [folder / "total_gain.fits", limits]


def _report_nothing(gathered: Gathered) -> TrendReport:
    fault = f" {len(gathered.faults)} of them cannot be read." if gathered.faults else ""
    return TrendReport(
        summary=f"There is no gain map to look at.{fault}",
        exposures=0,
        sections=_fault_sections(gathered),
        rows={"flagged_pixels": [], "gain_trends": []},
    )


def _report(gathered: Gathered) -> TrendReport:
    voltages = gathered.voltages
    present = find_present(voltages)
    sections = (
        Section("Voltages", columns=HEAD, rows=tuple(_row(one) for one in voltages)),
        Section("Latest gain", tuple(gathered.maps)),
        Section("Superpixels near the limit", tuple(gathered.tracks)),
        Section(
            "When the gain is lost",
            (time_charts.draw_projected_histogram(present), *gathered.projected),
        ),
        Section("What is lost", (time_charts.draw_flag_counts(voltages),)),
        Section(
            "Pulse heights of photons",
            tuple(gathered.latest[segment].cut for segment in sorted(gathered.latest)),
        ),
        *_fault_sections(gathered),
    )
    return TrendReport(
        summary=_summarize(gathered, present),
        exposures=sum(one.images for one in voltages),
        newest_mjd=max(one.newest_mjd for one in voltages),
        sections=sections,
        verdicts=tuple(judge_all(voltages)),
        rows={"flagged_pixels": gathered.flagged, "gain_trends": gathered.trends},
        products=tuple(gathered.products),
        metadata={
            "flagged_superpixels": len(gathered.flagged),
            "expected_by_chance": sum(one.expected_false for one in voltages),
            "unreadable_images": len(gathered.faults),
        },
    )


def _summarize(gathered: Gathered, present: Sequence[Voltage]) -> str:
    parts = []
    for one in present:
        same = [each for each in gathered.voltages if each.segment == one.segment]
        lost, measured = count_lost(one, same)
        parts.append(f"{lost} of {measured} superpixels of {one.label} have lost their gain")
    images = sum(one.images for one in gathered.voltages)
    newest = max(one.newest_mjd for one in gathered.voltages)
    return f"{', '.join(parts)}; from {images} images until {format_date(newest)}."


def _row(voltage: Voltage) -> tuple[str, ...]:
    found = voltage.next_lost
    ending = ("", "") if found is None else (format_date(found[0]), f"{found[1]:.0f}")
    return (
        voltage.segment,
        str(voltage.high_voltage),
        str(voltage.images),
        format_date(voltage.newest_mjd),
        str(int(voltage.is_measured.sum())),
        str(len(voltage.flagged_mjd)),
        *(str(voltage.count_new(voltage.newest_mjd, d)) for d in (RECENT_D, RECENT_LONG_D)),
        f"{voltage.expected_false:.2g}",
        str(voltage.waiting),
        *ending,
    )


def _fault_sections(gathered: Gathered) -> tuple[Section, ...]:
    if not gathered.faults:
        return ()
    rows = tuple((one,) for one in gathered.faults[:MOST_FAULTS])
    note = f"{len(gathered.faults)} gain maps are left out."
    return (Section("Unreadable gain maps", note=note, columns=("fault",), rows=rows),)
