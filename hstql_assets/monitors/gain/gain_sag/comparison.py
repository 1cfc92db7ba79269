"""Compare two gain-sag reference files: extensions and regions that came, went or changed."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hstql_assets.monitors.gain.gain_sag.table import Level, Regions, Tables
from hstql_resources.fits.whole_files import open_whole

MOST_LISTED = 200  # regions of one kind and extension in the report; the numbers are of all
KINDS = ("new", "removed", "changed")  # of regions

Place = tuple[int, int, int, int]  # LX, LY, DX, DY


@dataclass(frozen=True)
class LevelChange:
    """What changed in one extension.

    Attributes
    ----------
    segment : str
    high_voltage : int
    regions : int
        How many the new file has.
    new, removed, changed : tuple of Place
        Regions that only the new file has, that only the old one has, and those with another date
        or flag; each sorted.
    """

    segment: str
    high_voltage: int
    regions: int
    new: tuple[Place, ...]
    removed: tuple[Place, ...]
    changed: tuple[Place, ...]


@dataclass(frozen=True)
class Comparison:
    """What changed from one file to the next.

    Attributes
    ----------
    new_levels, removed_levels : tuple of (segment, voltage)
        Extensions that only the new, or only the old file has.
    levels : tuple of LevelChange
        One for each extension of either.
    """

    new_levels: tuple[Level, ...]
    removed_levels: tuple[Level, ...]
    levels: tuple[LevelChange, ...]

    def count(self, kind: str) -> int:
        """Return how many regions of all extensions are `new`, `removed` or `changed`."""
        return sum(len(getattr(level, kind)) for level in self.levels)


def read_tables(path: Path) -> dict[Level, Regions]:
    """Read the regions of a GSAGTAB; rows that flag nothing are left out.

    Raises
    ------
    FitsError
        If it cannot be read, or is no gain-sag table.
    """
    tables: dict[Level, Regions] = {}
    with open_whole(path) as hdus:
        for hdu in hdus[1:]:
            segment = hdu.header["SEGMENT"]
            level = int(hdu.header[f"HVLEVEL{segment[-1]}"])
            tables[segment, level] = _select_regions(hdu.data)
    return tables


def _select_regions(rows: np.ndarray | None) -> Regions:
    """Return the regions that flag something; rows of a table, shape (n,), or None for none."""
    if rows is None:
        rows = np.zeros(0, dtype=[(name, "i4") for name in ("DATE", "LX", "LY", "DX", "DY", "DQ")])
    date = np.asarray(rows["DATE"], dtype=np.float64)
    lx, ly, dx, dy, dq = (
        np.asarray(rows[name], dtype=np.int32) for name in ("LX", "LY", "DX", "DY", "DQ")
    )
    kept = np.flatnonzero((dx > 0) & (dy > 0) & (dq != 0))
    order = kept[np.lexsort((dx[kept], dy[kept], lx[kept], ly[kept]))]
    return Regions(date[order], lx[order], ly[order], dx[order], dy[order], dq[order])


def compare_tables(old: Tables, new: Tables) -> Comparison:
    """Return what changed from an old file to a new one."""
    levels = sorted({*old, *new})
    return Comparison(
        new_levels=tuple(level for level in levels if level not in old),
        removed_levels=tuple(level for level in levels if level not in new),
        levels=tuple(_compare_level(level, old.get(level), new.get(level)) for level in levels),
    )


def _compare_level(level: Level, old: Regions | None, new: Regions | None) -> LevelChange:
    before, after = _by_place(old), _by_place(new)
    both = before.keys() & after.keys()
    return LevelChange(
        *level,
        regions=len(after),
        new=tuple(sorted(after.keys() - before.keys())),
        removed=tuple(sorted(before.keys() - after.keys())),
        changed=tuple(sorted(place for place in both if before[place] != after[place])),
    )


def _by_place(regions: Regions | None) -> dict[Place, tuple[float, int]]:
    """Return date and flag of each region; of two at one place the earlier."""
    found: dict[Place, tuple[float, int]] = {}
    if regions is None:
        return found
    for date, lx, ly, dx, dy, dq in sorted(regions.rows.tolist(), reverse=True):
        found[lx, ly, dx, dy] = (date, dq)
    return found


def format_comparison(name: str, old_name: str, comparison: Comparison) -> str:
    """Return the comparison as text for a file, with every region up to a few hundred."""
    lines = [
        f"{name} compared with {old_name}",
        "",
        *(f"New extension: {segment} {level}" for segment, level in comparison.new_levels),
        *(f"Removed extension: {segment} {level}" for segment, level in comparison.removed_levels),
        f"Regions of all extensions: {comparison.count('new')} new, "
        f"{comparison.count('removed')} removed, {comparison.count('changed')} with another date.",
    ]
    for level in comparison.levels:
        lines += _format_level(level)
    return "\n".join(lines) + "\n"


def _format_level(level: LevelChange) -> Iterator[str]:
    kinds = [(kind, getattr(level, kind)) for kind in KINDS]
    if not any(places for _, places in kinds):
        return
    yield ""
    counts = ", ".join(f"{len(places)} {kind}" for kind, places in kinds)
    yield f"{level.segment} {level.high_voltage}: {level.regions} regions, {counts}"
    for kind, places in kinds:
        for lx, ly, dx, dy in places[:MOST_LISTED]:
            yield f"  {kind}: LX {lx}, LY {ly}, DX {dx}, DY {dy}"
        if len(places) > MOST_LISTED:
            yield f"  {len(places) - MOST_LISTED} more {kind}"
