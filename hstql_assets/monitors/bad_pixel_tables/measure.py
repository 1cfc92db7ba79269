"""Make the bad pixel table of a superdark: a worker's task, from flags to a file and rows."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hstql_assets.batching.outcomes import Outcome
from hstql_assets.images.reading import ImageFile, ScienceImage, read_images
from hstql_assets.monitors.bad_pixel_tables.comparison import compare_runs
from hstql_assets.monitors.bad_pixel_tables.reference_file import (
    SUFFIX,
    ChipTable,
    Provenance,
    digest_tables,
    read_table,
    write_table,
)
from hstql_assets.monitors.bad_pixel_tables.runs import find_runs
from hstql_assets.monitors.framework.file_versions import Version, VersionedFile
from hstql_assets.monitors.superdarks.combining import BAD, HOT, UNSTABLE, WARM
from hstql_resources.filesystem import Filesystem
from hstql_resources.fits.errors import FitsError
from hstql_resources.fits.header_values import finite

FOLDER = "products/bad_pixel_tables"
NOTHING_BAD = "No pixel is bad: there is no table, for calwf3 reads none without rows."
HISTORY = (
    "VALUE: 4 dead (the post-flash is not seen), or no dark says anything of it;",
    "16 hot; 64 warm; 32 unstable: the darks of these days differ by more than",
    "noise. What is flagged otherwise (bias, traps, flat field) is not in it.",
)
Row = dict[str, Any]
Tables = Mapping[int, ChipTable]


@dataclass(frozen=True)
class TableTask:
    """The flags that a table is made from.

    Attributes
    ----------
    key : str
        Of the set of exposures, such as superdarks_uvis_2018-05-24.
    source : Path
        A superdark.
    filesystem : Filesystem
        Where products go.
    """

    key: str
    source: Path
    filesystem: Filesystem


def make_bad_pixel_table(task: TableTask) -> Outcome:
    """Write a version, unless it says what the newest says; `missing` without its superdark."""
    try:
        image = read_images(task.source)
    except (FitsError, OSError) as problem:
        return Outcome(task.key, "missing", f"{task.source.name} {problem}.")
    chips = {one.chip or one.version: _tabulate(one) for one in image.images}
    own = VersionedFile(task.filesystem, FOLDER, task.key, SUFFIX)
    remarks = _write(own, image, chips) if any(len(one.runs) for one in chips.values()) else None
    rows = [row for version in own.list_versions() for row in make_rows(version, task.key)]
    return Outcome(
        task.key,
        "made",
        rows={"bad_pixel_tables": rows},
        remarks=(NOTHING_BAD,) if remarks is None else remarks,
        metadata=_metadata(rows),
    )


def _tabulate(image: ScienceImage) -> ChipTable:
    binning = image.binning[0]
    rows, columns = (size * binning for size in image.values.shape)
    flags = image.values.astype(int) * 0 if image.flags is None else image.flags
    dead = finite(image.header.values.get("NDEAD"))
    return ChipTable(
        find_runs(flags & (BAD | HOT | UNSTABLE | WARM), binning),
        (rows, columns),
        None if dead is None or dead < 0 else int(dead) * binning**2,
        int(image.find_number("NBAD", 0.0)) * binning**2,
    )


def _write(own: VersionedFile, image: ImageFile, chips: Tables) -> tuple[str, ...]:
    """Write a version where it is another than the newest; return what is to be said."""
    versions = own.list_versions()
    before = versions[-1] if versions else None
    if before is not None and before.digest == digest_tables(chips):
        return ()
    old = _read_before(before)
    worse = tell_worse(before, old, image, chips)
    made_of = Provenance(
        image.path.name,
        image.primary.values,
        next(iter(image.images)).binning[0],
        None if before is None else before.path.name,
        worse,
        HISTORY,
    )
    path = own.find_free_path(datetime.now(UTC))
    with own.filesystem.write(path) as temporary:
        write_table(temporary, path.name, _compare(chips, old), made_of)
    return (worse,) if worse else ()


def _read_before(before: Version | None) -> Tables:
    """Return what a version has; nothing without one, or if it cannot be read."""
    try:
        return {} if before is None else read_table(before.path)
    except (FitsError, OSError):
        return {}


def _compare(chips: Tables, before: Tables) -> dict[int, ChipTable]:
    return {
        number: replace(
            chip,
            change=compare_runs(chip.runs, before[number].runs, chip.shape)
            if number in before and before[number].shape == chip.shape
            else None,
        )
        for number, chip in chips.items()
    }


def tell_worse(
    before: Version | None, old: Tables, image: ImageFile, chips: Tables
) -> str | None:  # fmt: skip
    """Return in what a new version is worse than the one before; None if it is not.

    Parameters
    ----------
    before : Version or None
    old : mapping of int to ChipTable
        What that has, by CCDCHIP.
    image : ImageFile
        The superdark of the new one; what is worse in it is worse in the table.
    chips : mapping of int to ChipTable
        Of the new one.
    """
    if before is None:
        return None
    faults: list[str] = []
    frames = int(finite(image.primary.values.get("NFRAMES")) or 0)
    if frames < before.frames:
        faults.append(f"{frames} darks instead of {before.frames}")
    unknown, was_unknown = (sum(one.unknown for one in table.values()) for table in (chips, old))
    if unknown > was_unknown and old:
        faults.append(f"{unknown} pixels without a dark instead of {was_unknown}")
    lost = [str(number) for number, one in sorted(chips.items())
            if one.dead is None and number in old and old[number].dead is not None]  # fmt: skip
    if lost:
        faults.append(f"without a post-flash dead pixels are not told (chip {', '.join(lost)})")
    if {number: one.shape for number, one in old.items()} != {
        number: one.shape for number, one in chips.items()
    }:
        faults.append("it cannot be compared")
    return f"Worse than {before.path.name}: {'; '.join(faults)}." if faults else None


def make_rows(version: Version, key: str) -> list[Row]:
    """Return the rows of `bad_pixel_tables` for a version, one for each chip; none if unreadable.

    Numbers are of pixels of the detector.
    """
    header, now = version.header, datetime.now(UTC)
    common = {
        "set_key": key,
        "filename": version.path.name,
        "instrument": str(header["INSTRUME"]).lower(),
        "detector": str(header["DETECTOR"]),
        "source": str(header["SOURCE"]),
        "binning": int(header["SRCBIN"]),
        "made_at": version.made_at,
        "first_mjd": float(header["FIRSTMJD"]),
        "last_mjd": float(header["LASTMJD"]),
        "exposures": version.frames,
        "previous": str(header["PREVIOUS"]) or None,
        "remark": str(header["WORSE"]) or None,
        "path": str(version.path),
        "ingest_date": now,
    }
    return [
        common | {
            "chip": number,
            "pixels": chip.shape[0] * chip.shape[1],
            "table_rows": len(chip.runs),
            "flagged_pixels": int(chip.runs.length.sum()),
            "hot_pixels": chip.runs.count(HOT),
            "warm_pixels": chip.runs.count(WARM),
            "unstable_pixels": chip.runs.count(UNSTABLE),
            "dead_pixels": chip.dead,
            "unknown_pixels": chip.unknown,
            "new_pixels": None if chip.change is None else chip.change.new,
            "gone_pixels": None if chip.change is None else chip.change.gone,
        }
        for number, chip in _read_before(version).items()
    ]  # fmt: skip


def _metadata(rows: list[Row]) -> dict[str, object]:
    names = [str(row["filename"]) for row in rows]
    newest = [row for row in rows if row["filename"] == names[-1]]
    return {
        "newest": names[-1] if names else "none",
        "flagged_pixels": sum(row["flagged_pixels"] for row in newest),
        "table_rows": sum(row["table_rows"] for row in newest),
    }
