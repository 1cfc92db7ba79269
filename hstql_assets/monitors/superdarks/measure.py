"""Make the superdarks of a window: a worker's task, from files of darks to files and rows."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hstql_assets.batching.input_files import InputFile
from hstql_assets.batching.outcomes import Outcome
from hstql_assets.monitors.cameras.exposure import RAW
from hstql_assets.monitors.framework.exposure_sets import SetTask
from hstql_assets.monitors.superdarks.combining import (
    HOT,
    ChipDark,
    Stack,
    make_chip,
    stack_darks,
    take_cold,
)
from hstql_assets.monitors.superdarks.fitness import Unused, choose_darks
from hstql_assets.monitors.superdarks.frames import Dark, describe_dark, require_readable
from hstql_assets.monitors.superdarks.raw_darks import calibrate_raw
from hstql_assets.monitors.superdarks.reference_file import (
    FILETYPES,
    Provenance,
    digest_chips,
    read_tile,
    write_superdark,
    write_tile,
)
from hstql_assets.monitors.superdarks.rejection import Sums
from hstql_assets.monitors.superdarks.selection import ASSET, Window, list_tiles
from hstql_assets.monitors.superdarks.versions import (
    compare_with,
    find_file,
    make_rows,
    name_tile,
    tell_worse,
)
from hstql_resources.fits.errors import FitsError, NothingToMeasureError

UNREADABLE = "unreadable"
RAW_STEPS = "overscan, bias and any post-flash were taken off here"
TOO_FEW = "too few darks"
Row = dict[str, Any]


def make_superdarks(task: SetTask) -> Outcome:
    """Make the dark of a window, and the CTE-corrected one where such frames are given.

    `made` also where there are too few darks: the rows of its members say why.
    """
    unused: list[Unused] = []
    used: set[str] = set()
    remarks: list[str] = []
    raw = _find_raw(task)
    with task.references.filesystem.scratch() as scratch:
        made, failed = _calibrate(task, raw, scratch)
        unused += failed
        task = replace(task, files={**task.files, **made})
        kinds = [kind for kind in FILETYPES if _has_type(task, kind)]
        for kind in kinds:
            _make_kind(task, kind, used, unused, remarks)
    by_hand = sorted(used & made.keys())
    if by_hand:
        remarks.append(f"{len(by_hand)} darks were raw: {RAW_STEPS}.")
    rows = _list_rows(task, used, unused, by_hand)
    return Outcome(
        task.key, "made", rows=rows, remarks=tuple(remarks), metadata=_metadata(rows)
    )  # fmt: skip


def _make_kind(
    task: SetTask, kind: str, used: set[str], unused: list[Unused], remarks: list[str]
) -> None:
    """Make the superdark of a file type; add to what was used, what was not, and what is odd."""
    darks, others = _find_darks(task, kind)
    unused += others
    if len(darks) < task.selection.selection.least_frames:
        unused += [_name_few(dark, len(darks), task.selection) for dark in darks]
    else:
        used |= {dark.rootname for dark in darks}
        remarks += _make(task, kind, darks)


def _find_raw(task: SetTask) -> dict[str, InputFile]:
    """Return the raw files of darks of which there is no calibrated one."""
    return {
        name: file
        for name, files in sorted(task.files.items())
        for file in files
        if file.filetype == RAW and not _types(files) & FILETYPES.keys()
    }


def _calibrate(
    task: SetTask, raw: Mapping[str, InputFile], folder: Path
) -> tuple[dict[str, tuple[InputFile, ...]], list[Unused]]:
    """Take overscan, bias and post-flash off raw darks; return frames, and why there are none."""
    made: dict[str, tuple[InputFile, ...]] = {}
    failed: list[Unused] = []
    for name, file in raw.items():
        try:
            gains_e = task.selection.selection.gains_e
            made[name] = (calibrate_raw(file, task.references, gains_e, folder),)
        except (FitsError, NothingToMeasureError, OSError) as problem:
            failed.append(Unused(name, UNREADABLE, f"{file.filename} {problem}."))
    return made, failed


def _types(files: Sequence[Any]) -> set[str]:
    return {file.filetype for file in files}


def _has_type(task: SetTask, kind: str) -> bool:
    return any(kind in _types(files) for files in task.files.values())


def _find_darks(task: SetTask, kind: str) -> tuple[list[Dark], list[Unused]]:
    """Return the darks of a file type that go together, and why others do not."""
    found: list[Dark] = []
    unused: list[Unused] = []
    for rootname, files in sorted(task.files.items()):
        for file in files:
            if file.filetype != kind:
                continue
            try:
                dark = describe_dark(rootname, file)
                for image in dark.science.values():
                    require_readable(dark, image.shape)
            except (FitsError, NothingToMeasureError, OSError) as problem:
                unused.append(Unused(rootname, UNREADABLE, f"{file.filename} {problem}."))
            else:
                found.append(dark)
    fit, unfit = choose_darks(found, task.selection.selection)
    return fit, [*unused, *unfit]


def _name_few(dark: Dark, number: int, window: Window) -> Unused:
    least = window.selection.least_frames
    return Unused(dark.rootname, TOO_FEW, f"{number} darks go together; a superdark needs {least}.")


def _make(task: SetTask, kind: str, darks: Sequence[Dark]) -> list[str]:
    """Write a version, unless its pixels are those of the newest; return what is to be said."""
    window, files = task.selection, task.references.filesystem
    binning = int(darks[0].number("BINAXIS1") or 1)
    shapes = {chip: image.shape for chip, image in darks[0].science.items()}
    tiles, frames = _read_tiles(task, kind, shapes)
    chips: dict[int, ChipDark] = {}
    cold: dict[int, Sums] = {}
    for chip in sorted(shapes):
        stack = stack_darks(darks, chip, window.selection)
        others = [one[chip] for one in tiles]
        chips[chip] = make_chip(stack, others, chip, window.selection, binning)
        if window.is_tile:
            cold[chip] = _take(stack, chips[chip])
    if window.is_tile:
        with files.write(name_tile(files, task.key, kind)) as temporary:
            write_tile(temporary, cold, len(darks), task.digest)
    own = find_file(files, task.key, kind)
    versions = own.list_versions()
    before = versions[-1] if versions else None
    if before is not None and before.digest == digest_chips(chips)[:32]:
        return []
    changes = compare_with(before, chips)
    worse = tell_worse(before, len(darks), chips, changes)
    previous = None if before is None else before.path.name
    made_of = Provenance(window, darks, kind, frames + len(darks), previous, worse)
    path = own.find_free_path(datetime.now(UTC))
    with files.write(path) as temporary:
        write_superdark(temporary, path.name, chips, changes, made_of)
    return [worse] if worse else []


def _take(stack: Stack, chip: ChipDark) -> Sums:
    return take_cold(stack, (chip.flags & HOT) != 0)


def _read_tiles(
    task: SetTask, kind: str, shapes: Mapping[int, tuple[int, int]]
) -> tuple[list[dict[int, Sums]], int]:
    """Return what the other tiles of the period say, and how many darks are in them."""
    found: list[dict[int, Sums]] = []
    frames = 0
    shape = next(iter(shapes.values()))
    head = task.key.rpartition("_")[0]
    for day in list_tiles(task.selection):
        path = name_tile(task.references.filesystem, f"{head}_{day}", kind)
        tile = _try_tile(path, shape, sorted(shapes))
        if tile is not None:
            found.append(tile[0])
            frames += tile[1]
    return found, frames


def _try_tile(path: Path, shape: tuple[int, int], chips: Sequence[int]) -> Any:
    try:
        return read_tile(path, shape, chips) if path.is_file() else None
    except OSError:
        return None


def _list_rows(
    task: SetTask, used: set[str], unused: Sequence[Unused], raw: Sequence[str]
) -> dict[str, list[Row]]:
    """Return the rows of the set, of its members, and of all versions that there are."""
    now, files = datetime.now(UTC), task.references.filesystem
    why: dict[str, tuple[str | None, str]] = dict.fromkeys(raw, (None, f"It was raw: {RAW_STEPS}."))
    why |= {one.rootname: (one.reason, one.detail) for one in unused if one.rootname not in used}
    superdarks: list[Row] = []
    for kind in FILETYPES:
        tile = name_tile(files, task.key, kind)
        common = {"tile_path": str(tile) if tile.exists() else None, "ingest_date": now}
        for version in find_file(files, task.key, kind).list_versions():
            superdarks += make_rows(version, task.key, common)
    return {
        "exposure_sets": [task.describe(ASSET, len(used)) | {"ingest_date": now}],
        "exposure_set_members": task.list_members(why),
        "superdarks": superdarks,
    }


def _metadata(rows: Mapping[str, Sequence[Row]]) -> dict[str, object]:
    """Return what the user interface shows: the newest versions, and what was not used, why."""
    reasons = Counter(row["reason"] for row in rows["exposure_set_members"] if row["reason"])
    names = [str(row["filename"]) for row in rows["superdarks"]]
    newest = [row for row in rows["superdarks"] if row["filename"] == names[-1]]
    counts = [f"{number} {reason}" for reason, number in sorted(reasons.items())]
    return {
        "darks": len(rows["exposure_set_members"]),
        "not_used": ", ".join(counts) or "none",
        "newest": names[-1] if names else "none",
        "hot_pixels": sum(row["hot_pixels"] for row in newest),
    }
