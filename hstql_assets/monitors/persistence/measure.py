"""Work out what earlier exposures leave in one: a worker's task, from files to rows and a file."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from hstql_assets.batching.bad_data import all_bad, bad_file
from hstql_assets.batching.input_files import InputFile
from hstql_assets.batching.outcomes import Outcome
from hstql_assets.images.reading import read_images
from hstql_assets.monitors.persistence.combining import (
    LEVELS,
    Cause,
    Floats,
    Persistence,
    Stimulus,
    combine,
    find_shares,
)
from hstql_assets.monitors.persistence.frames import (
    FILETYPES,
    IrFrame,
    read_charge_frame,
    read_frame,
)
from hstql_assets.monitors.persistence.models import Model, read_table_model
from hstql_assets.monitors.persistence.product import find_product, write_product
from hstql_assets.monitors.persistence.settings import StimulusSettings
from hstql_resources.filesystem import Filesystem
from hstql_resources.fits.errors import FitsError, NothingToMeasureError
from hstql_resources.times import SECONDS_PER_DAY

Row = dict[str, object]
VISIT = 6  # letters of a rootname that name programme and visit
# Why an exposure before leaves nothing that can be told.
TOO_SHORT = "too short"
OVERLAPS = "ends later"
OTHER_BINNING = "another binning"
NOT_RETRIEVED = "not retrieved"
UNREADABLE = "unreadable"
# What an exposure leaves: the columns of the shares of its pixels above so many saturations.
LEAVES = ("leaves_half", "leaves_1", "leaves_2", "leaves_5", "leaves_10")
ABOVE = ("above_001", "above_003", "above_01",
         "external_above_001", "external_above_003", "external_above_01")  # fmt: skip
SATURATIONS = (0.5, 1.0, 2.0, 5.0, 10.0)


@dataclass(frozen=True)
class Predecessor:
    """An exposure before.

    Attributes
    ----------
    rootname : str
    files : mapping of str to InputFile
        By type; none if nothing of it can be used.
    fault : tuple of str, optional
        Reason and sentence, where it cannot be used.
    """

    rootname: str
    files: Mapping[str, InputFile]
    fault: tuple[str, str] | None = None


@dataclass(frozen=True)
class PersistenceTask:
    """An exposure and those before it, for the worker that puts them together.

    Attributes
    ----------
    key : str
        The rootname of the exposure that suffers.
    files : mapping of str to InputFile
        Its own, by type.
    predecessors : tuple of Predecessor
        In the order of time.
    settings : StimulusSettings
    table, spatial_map : Path or None
        The files that the settings name.
    filesystem : Filesystem
        Where the product goes.
    digest : str
        Of the files of all, and of the settings.
    """

    key: str
    files: Mapping[str, InputFile]
    predecessors: tuple[Predecessor, ...]
    settings: StimulusSettings
    table: Path | None
    spatial_map: Path | None
    filesystem: Filesystem
    digest: str


@dataclass(frozen=True)
class Unused:
    """An exposure before that was not used: reason, sentence, and what is known of its time."""

    rootname: str
    reason: str
    detail: str
    delay_s: float | None = None
    exposure_s: float | None = None


def measure_persistence(task: PersistenceTask) -> Outcome:
    """Work out what is left in an exposure, and what it leaves itself.

    `made` with a row of `persistence`, one of `persistence_stimuli` for each exposure before, used
    or not, and a file if one was used; `bad` if its own file cannot be read, `none` if that has no
    time or unit.
    """
    path = find_product(task.filesystem, task.key)
    own = next(task.files[kind] for kind in FILETYPES if kind in task.files).filename
    gain_e = task.settings.gain_e
    try:
        frame = read_frame(task.files, gain_e)
        left = read_charge_frame(frame, task.files, gain_e)
    except FileNotFoundError:
        return Outcome(task.key, "missing", f"{own} is not there any more.")
    except NothingToMeasureError as problem:
        task.filesystem.remove(path)
        return Outcome(task.key, "none", f"{own} {problem}.")
    except (FitsError, OSError) as problem:
        task.filesystem.remove(path)
        return all_bad(task.key, [bad_file(own, problem)])
    try:
        model, spatial = _read_model(task), _read_spatial_map(task, frame)
    except (FitsError, OSError) as problem:
        return Outcome(task.key, "missing", f"What stimuli.toml names cannot be used: {problem}.")
    unused: list[Unused] = []
    found = combine(frame, _gather(task, frame, unused), model, spatial)
    if found.causes:
        history = [f"Not used: {one.rootname}, {one.reason}." for one in unused]
        with task.filesystem.write(path) as temporary:
            write_product(temporary, frame, found, task.settings, history)
    else:
        task.filesystem.remove(path)
    row = _describe(task, frame, found, unused) | _describe_charge(task.settings, left)
    rows: dict[str, list[Row]] = {
        "persistence": [row | {"path": str(path) if found.causes else None}],
        "persistence_stimuli": _list_stimuli(task.key, found, unused),
    }
    metadata = _metadata(row, unused)
    return Outcome(task.key, "made", rows=rows, remarks=frame.remarks, metadata=metadata)


def _read_model(task: PersistenceTask) -> Model:
    return task.settings.fermi if task.table is None else read_table_model(task.table)


def _read_spatial_map(task: PersistenceTask, frame: IrFrame) -> Floats | None:
    """Return what the detector's map says of the pixels of a frame; None if none is named."""
    if task.spatial_map is None:
        return None
    content = read_images(task.spatial_map)
    if not content.images:
        raise FitsError("has no image")
    rows, columns = frame.rates.shape
    part = (
        content.images[0]
        .values[frame.row : frame.row + rows, frame.column : frame.column + columns]
        .astype(np.float32)
    )
    if part.shape != frame.rates.shape:
        raise FitsError(f"has {part.shape} pixels where the exposure has {frame.rates.shape}")
    return part


def _gather(task: PersistenceTask, frame: IrFrame, unused: list[Unused]) -> Iterator[Stimulus]:
    """Yield the charge of each exposure before, one at a time; add to `unused` the others."""
    for one in task.predecessors:
        found = _read_stimulus(task, frame, one)
        if isinstance(found, Unused):
            unused.append(found)
        else:
            yield found


def _read_stimulus(task: PersistenceTask, frame: IrFrame, one: Predecessor) -> Stimulus | Unused:
    if one.fault is not None:
        return Unused(one.rootname, *one.fault)
    names = " and ".join(file.filename for file in one.files.values())
    try:
        before = read_frame(one.files, task.settings.gain_e)
        before = read_charge_frame(before, one.files, task.settings.gain_e)
    except FileNotFoundError:
        return Unused(one.rootname, NOT_RETRIEVED, f"{names} is not there any more.")
    except (FitsError, NothingToMeasureError, OSError) as problem:
        reason = problem.reason if isinstance(problem, NothingToMeasureError) else UNREADABLE
        return Unused(one.rootname, reason, f"{names} {problem}.")
    delay_s = (frame.middle_mjd - before.end_mjd) * SECONDS_PER_DAY
    fault = _find_fault(frame, before, delay_s, task.settings)
    if fault is not None:
        return Unused(one.rootname, *fault, delay_s, before.exposure_s)
    is_external = one.rootname[:VISIT] != task.key[:VISIT]
    remark = " ".join(before.remarks) or None
    cause = Cause(
        one.rootname, before.file.filename, before.exposure_s, delay_s, is_external, remark
    )
    charge = before.find_charge(task.settings.saturation_e)
    return Stimulus(cause, charge, before.row, before.column)


def _find_fault(
    frame: IrFrame, before: IrFrame, delay_s: float, settings: StimulusSettings
) -> tuple[str, str] | None:
    """Return reason and sentence why an exposure before leaves nothing that can be told."""
    if before.exposure_s < settings.shortest_s:
        least = f"less than {settings.shortest_s:g} s count for nothing"
        return TOO_SHORT, f"It took {before.exposure_s:.3g} s; {least}."
    if delay_s <= 0.0:
        return OVERLAPS, f"It ends {-delay_s:.0f} s after the middle of this one."
    if before.binning != frame.binning:
        return OTHER_BINNING, f"Its binning is {before.binning}, not {frame.binning}."
    return None


def _describe(
    task: PersistenceTask, frame: IrFrame, found: Persistence, unused: Sequence[Unused]
) -> Row:
    """Return what is left in an exposure; where none of those before could be used, it is NULL."""
    unusable = sum(one.reason != TOO_SHORT for one in unused)
    is_known = bool(found.causes) or not unusable
    shares = find_shares(found.rates, LEVELS) + find_shares(found.external, LEVELS)
    return {
        "rootname": task.key,
        "exp_start_mjd": frame.start_mjd,
        "source": frame.file.filetype,
        "model": task.settings.model,
        "predecessors": len(task.predecessors),
        "used": len(found.causes),
        "unusable": unusable,
        **{name: share if is_known else None for name, share in zip(ABOVE, shares, strict=True)},
        "highest_e_per_s": float(found.rates.max()) if is_known else None,
        "unknown": float(found.is_unknown.mean()),
        "members": task.digest,
        "ingest_date": datetime.now(UTC),
    }


def _describe_charge(settings: StimulusSettings, frame: IrFrame) -> Row:
    """Return what an exposure leaves: shares of its pixels by charge; 0 if it is too short."""
    is_stimulus = frame.exposure_s >= settings.shortest_s
    charge = frame.find_charge(settings.saturation_e) * np.float32(is_stimulus)
    levels = [times * settings.saturation_e for times in SATURATIONS]
    return dict(zip(LEAVES, find_shares(charge, levels), strict=True))


def _list_stimuli(key: str, found: Persistence, unused: Sequence[Unused]) -> list[Row]:
    """Return a row for each exposure before."""
    used: list[Row] = [
        {
            "rootname": key,
            "stimulus": one.rootname,
            "delay_s": one.delay_s,
            "exposure_s": one.exposure_s,
            "is_external": one.is_external,
            "above_001": share,
            "leads": float(np.count_nonzero(found.source == number) / found.source.size),
            "reason": None,
            "detail": one.remark,
        }
        for number, (one, share) in enumerate(zip(found.causes, found.shares, strict=True), 1)
    ]
    return used + [
        {
            "rootname": key,
            "stimulus": one.rootname,
            "delay_s": one.delay_s,
            "exposure_s": one.exposure_s,
            "is_external": one.rootname[:VISIT] != key[:VISIT],
            "above_001": None,
            "leads": None,
            "reason": one.reason,
            "detail": one.detail,
        }
        for one in unused
    ]


def _metadata(row: Row, unused: Sequence[Unused]) -> dict[str, object]:
    counts = Counter(one.reason for one in unused)
    return {
        "before": row["predecessors"],
        "not_used": ", ".join(f"{n} {why}" for why, n in sorted(counts.items())) or "none",
        **{name: row[name] for name in (*ABOVE[:3], "highest_e_per_s", "unknown")},
    }
