"""Report the gain-sag reference file that the flagged superpixels make."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np

from hstql_assets.monitors.framework.monitor import TrendContext
from hstql_assets.monitors.framework.report import Section, TrendReport
from hstql_assets.monitors.gain.charts import merge_regions, to_pixels
from hstql_assets.monitors.gain.gain_images import COLUMN_PIXELS, COLUMNS, ROW_PIXELS, ROWS
from hstql_assets.monitors.gain.gain_sag.comparison import KINDS, Comparison, LevelChange, Place
from hstql_assets.monitors.gain.gain_sag.table import FlaggedSuperpixel, Level, Tables, make_tables
from hstql_assets.monitors.gain.gain_sag.versions import Provenance, Version, make_version
from hstql_assets.pages.charts import Axis, Boxes, Chart
from hstql_resources.times import format_date

MOST_VERSIONS = 20  # on the page, the latest
LEVEL_HEAD = ("segment", "HV level", "regions", "new", "removed", "other date")
VERSION_HEAD = ("file", "modes", "made", "regions", "compared with", "new", "removed", "other date")


@dataclass(frozen=True)
class GainSagRows:
    """What the reference file is made from.

    Attributes
    ----------
    flagged : sequence of FlaggedSuperpixel
        All of them.
    versions : sequence of dict
        Rows of `gain_sag_tables`, by time.
    images : mapping of (segment, voltage) to (int, float)
        How many gain maps there are, and the start of the latest, MJD UTC.
    """

    flagged: Sequence[FlaggedSuperpixel]
    versions: Sequence[dict[str, Any]]
    images: dict[Level, tuple[int, float]]

    @property
    def provenance(self) -> Provenance:
        """How many gain maps in all, and the latest."""
        counts, newest = zip(*self.images.values(), strict=True)
        return Provenance(sum(counts), max(newest))

    @property
    def present(self) -> list[Level]:
        """The voltage of the latest image of each segment."""
        latest: dict[str, tuple[float, int]] = {}
        for (segment, level), (_, mjd) in self.images.items():
            latest[segment] = max((mjd, level), latest.get(segment, (mjd, level)))
        return [(segment, latest[segment][1]) for segment in sorted(latest)]


def report_gain_sag(
    rows: GainSagRows, context: TrendContext, now: datetime | None = None
) -> TrendReport:
    """Write new versions where the regions changed, and say what is different.

    The context says where, and where reference files are. New versions are named by the present
    time if not by another one.
    """
    if not rows.images:
        return TrendReport(
            summary="There is no gain map, so there is no gain-sag table.",
            exposures=0,
            rows={"gain_sag_tables": list(rows.versions)},
        )
    contents = {is_blue: make_tables(rows.flagged, is_blue) for is_blue in (False, True)}
    made_at, places = now or datetime.now(UTC), (context.filesystem, context.settings.lref)
    versions = [
        make_version(content, is_blue, rows.versions, rows.provenance, *places, made_at)
        for is_blue, content in contents.items()
    ]
    all_rows = [*rows.versions, *(dict(one.row) for one in versions if one.is_new)]
    return TrendReport(
        summary=" ".join(_say(one) for one in versions),
        exposures=rows.provenance.images,
        newest_mjd=rows.provenance.newest_mjd,
        sections=_make_sections(rows, versions, contents[False], all_rows),
        rows={"gain_sag_tables": all_rows},
        products=tuple(path for one in versions for path in one.products),
        metadata={
            "file": versions[0].products[0],
            "blue_file": versions[1].products[0],
            "is_new": versions[0].is_new or versions[1].is_new,
        },
    )


def _say(version: Version) -> str:
    row = version.row
    if not version.is_new:
        return f"{row['filename']} is up to date, with {row['regions']} regions."
    if version.comparison is None:
        return f"{row['filename']} is new, with {row['regions']} regions."
    return (
        f"{row['filename']} is new, with {row['regions']} regions: {row['new_regions']} new, "
        f"{row['removed_regions']} removed, {row['changed_regions']} with another date since "
        f"{row['previous']}."
    )


def _make_sections(
    rows: GainSagRows,
    versions: Sequence[Version],
    content: Tables,
    all_rows: Sequence[dict[str, Any]],
) -> tuple[Section, ...]:
    charts = tuple(_draw_regions(level, content, versions[0]) for level in rows.present)
    note = "At the voltage of the latest image of each segment, for all modes."
    sections = [Section("Regions", charts, note)]
    sections += [_tabulate_changes(one, one.comparison) for one in versions if one.comparison]
    latest = list(reversed(all_rows))[:MOST_VERSIONS]
    table = tuple(_version_row(row) for row in latest)
    return (*sections, Section("Versions", columns=VERSION_HEAD, rows=table))


def _tabulate_changes(version: Version, comparison: Comparison) -> Section:
    changed = (one for one in comparison.levels if one.new or one.removed or one.changed)
    new, removed = (
        " ".join(f"{segment} {level}" for segment, level in found) or "none"
        for found in (comparison.new_levels, comparison.removed_levels)
    )
    return Section(
        f"Changes of {version.row['filename']}",
        note=(
            f"Compared with {version.row['previous']}. New extensions: {new}. "
            f"Removed extensions: {removed}. The text file beside it lists the regions."
        ),
        columns=LEVEL_HEAD,
        rows=tuple(map(_level_row, changed)),
    )


def _level_row(level: LevelChange) -> tuple[str, ...]:
    counts = (level.regions, len(level.new), len(level.removed), len(level.changed))
    return (level.segment, str(level.high_voltage), *map(str, counts))


def _version_row(row: dict[str, Any]) -> tuple[str, ...]:
    numbers = (row[f"{kind}_regions"] for kind in KINDS)
    return (
        row["filename"],
        "blue" if row["is_blue"] else "all",
        f"{row['made_at']:%Y-%m-%d %H:%M:%S}",
        str(row["regions"]),
        row["previous"] or "",
        *("" if number is None else str(number) for number in numbers),
    )


def _draw_regions(level: Level, content: Tables, version: Version) -> Chart:
    """Draw the regions of a segment at a voltage; new ones apart."""
    regions = content.get(level) or content[level[0], max(key[1] for key in content)]
    levels = version.comparison.levels if version.comparison else ()
    changes = [one for one in levels if (one.segment, one.high_voltage) == level]
    new = {place for one in changes for place in one.new}
    removed = {place for one in changes for place in one.removed}
    columns = (regions.lx, regions.ly, regions.dx, regions.dy)
    places = set(zip(*(column.tolist() for column in columns), strict=True))
    newest = f", the latest of {format_date(float(regions.date.max()))}" if len(regions) else ""
    return Chart(
        name=f"gain_sag_regions_{level[0].lower()}",
        title=f"{level[0]} at {level[1]}: regions that CalCOS flags as gain sag",
        x=Axis("XCORR (pixel)", limits=(0.0, 16384.0)),
        y=Axis("YCORR (pixel)", limits=(380.0, 620.0)),
        layers=(
            _box(places - new, "as before", "#1f77b4"),
            _box(places & new, "new", "#d7191c"),
            _box(removed, "removed", "#999999"),
        ),
        note=f"{len(regions)} regions of 8 x 2 pixels{newest}.",
    )


def _box(places: set[Place], label: str, colour: str) -> Boxes:
    """Draw regions; neighbours as one. Each superpixel that a region reaches into counts whole."""
    mask = np.zeros((ROWS, COLUMNS), dtype=np.bool_)
    for lx, ly, dx, dy in places:
        rows = slice(ly // ROW_PIXELS, -(-(ly + dy) // ROW_PIXELS))
        mask[rows, lx // COLUMN_PIXELS : -(-(lx + dx) // COLUMN_PIXELS)] = True
    return Boxes(*to_pixels(merge_regions(mask)), label, colour)
