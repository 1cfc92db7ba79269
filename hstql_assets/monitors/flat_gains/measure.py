"""Measure the gain from all flats of a set: a worker's task, from files to rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from hstql_assets.batching.input_files import InputFile
from hstql_assets.batching.outcomes import Outcome
from hstql_assets.monitors.cameras.exposure import RAW
from hstql_assets.monitors.flat_gains.flat_frames import (
    CALIBRATED,
    AmplifierFlat,
    describe_flat,
    is_plain,
    read_flat,
)
from hstql_assets.monitors.flat_gains.pairs import ALONE, Flat, Unused, find_epochs, pair_flats
from hstql_assets.monitors.flat_gains.photon_transfer import Level, measure_pair
from hstql_assets.monitors.flat_gains.selection import ASSET
from hstql_assets.monitors.flat_gains.set_rows import (
    MeasuredPair,
    Row,
    make_gain_rows,
    make_level_rows,
)
from hstql_assets.monitors.framework.exposure_sets import SetTask
from hstql_resources.fits.errors import FitsError, NothingToMeasureError
from hstql_resources.fits.file_headers import read_headers

SATURATED = "saturated"
UNREADABLE = "unreadable"
NO_FILE = "no file in common"
NO_LIGHT = "no light"
MOST_SATURATED = 0.01  # of the pixels of an amplifier


@dataclass(frozen=True)
class _Described:
    """A flat with the files that can be used, the better first."""

    flat: Flat
    files: Mapping[str, InputFile]


def measure_flats(task: SetTask) -> Outcome:
    """Measure all pairs of a set, and the gain at each of its epochs.

    `made` also where no pair is of use: the rows of its members say why.
    """
    described, unused = _describe(task)
    by_name = {one.flat.rootname: one for one in described}
    pairs, unfit = pair_flats([one.flat for one in described], task.selection)
    unused += unfit
    measured: list[MeasuredPair] = []
    for epoch, pair in find_epochs(pairs, task.selection.most_days_apart):
        found = _measure_pair(epoch, *(by_name[flat.rootname] for flat in pair))
        if isinstance(found, MeasuredPair):
            measured.append(found)
        else:
            unused += found
    now = datetime.now(UTC)
    common = {"set_key": task.key, "ingest_date": now}
    rows: dict[str, list[Row]] = {
        "exposure_sets": [common | task.describe(ASSET, len(task.files) - len(unused))],
        "exposure_set_members": _list_members(task, unused, measured),
        "flat_levels": make_level_rows(measured, task.selection, common),
        "flat_gains": make_gain_rows(measured, task.selection, task.detector, common),
    }
    return Outcome(task.key, "made", rows=rows, metadata=_metadata(rows, unused))


def _describe(task: SetTask) -> tuple[list[_Described], list[Unused]]:
    """Read the headers of all flats; what cannot be read is named, and the rest goes on."""
    described: list[_Described] = []
    unused: list[Unused] = []
    for rootname, files in sorted(task.files.items()):
        flat: Flat | None = None
        usable: dict[str, InputFile] = {}
        problems: list[str] = []
        for file in files:
            headers = read_headers(file.path, file.filetype)
            if headers.fault is not None:
                problems.append(f"{file.filename}: {headers.fault}")
                continue
            flat = flat or describe_flat(rootname, headers)
            if file.filetype == RAW or is_plain(headers):
                usable[file.filetype] = file
        if flat is None or not usable:
            detail = "; ".join(problems) or "Its flt has its dark current or flat field taken out."
            unused.append(Unused(rootname, UNREADABLE if problems else NO_FILE, detail))
        else:
            described.append(_Described(flat, usable))
    return described, unused


def _measure_pair(epoch: int, first: _Described, second: _Described) -> MeasuredPair | list[Unused]:
    """Measure a pair from files of one type; or say of both flats why there is nothing."""
    names = first.flat.rootname, second.flat.rootname
    source = next(
        (kind for kind in (CALIBRATED, RAW) if kind in first.files and kind in second.files), None
    )
    if source is None:
        detail = f"Of {names[0]} and {names[1]} there are no files of one type."
        return [Unused(name, NO_FILE, detail) for name in names]
    frames: list[Mapping[str, AmplifierFlat]] = []
    for one in (first, second):
        file = one.files[source]
        try:
            frames.append(read_flat(file))
        except (FitsError, NothingToMeasureError, OSError) as problem:
            other = next(name for name in names if name != one.flat.rootname)
            return [
                Unused(one.flat.rootname, UNREADABLE, f"{file.filename} {problem}."),
                Unused(other, ALONE, f"{one.flat.rootname}, its pair, cannot be used."),
            ]
    levels: dict[str, Level] = {}
    reasons: list[tuple[str, str]] = []
    for amplifier in sorted(frames[0].keys() & frames[1].keys()):
        found = _measure_amplifier(amplifier, frames[0][amplifier], frames[1][amplifier])
        if isinstance(found, Level):
            levels[amplifier] = found
        else:
            reasons.append(found)
    if not levels:
        reason, detail = reasons[0] if reasons else (NO_LIGHT, "They have no amplifier in common.")
        return [Unused(name, reason, detail) for name in names]
    return MeasuredPair(epoch, first.flat, second.flat, source, levels, tuple(reasons))


def _measure_amplifier(
    name: str, first: AmplifierFlat, second: AmplifierFlat
) -> Level | tuple[str, str]:
    """Return what a pair says of an amplifier, or reason and sentence why it says nothing."""
    full = max(first.saturated, second.saturated)
    if full > MOST_SATURATED:
        return SATURATED, f"Of amplifier {name} {full:.1%} of the pixels are saturated."
    if first.counts.shape != second.counts.shape:
        return NO_LIGHT, f"The two images of amplifier {name} have unlike sizes."
    found = measure_pair(
        first.counts, second.counts, first.is_good & second.is_good, roundings=first.roundings
    )
    return found or (NO_LIGHT, f"Amplifier {name} has no light, or too few good pixels.")


def _list_members(
    task: SetTask, unused: Sequence[Unused], measured: Sequence[MeasuredPair]
) -> list[Row]:
    """Return a row for each exposure: why it was not used, or which of its amplifiers was not."""
    why: dict[str, tuple[str | None, str | None]] = {}
    for pair in measured:
        left_out = [sentence for _, sentence in pair.left_out]
        for flat in (pair.first, pair.second):
            told = [*([flat.remark] if flat.remark else []), *left_out]
            why[flat.rootname] = None, " ".join(told) or None
    why |= {one.rootname: (one.reason, one.detail) for one in unused}
    return task.list_members(why)


def _metadata(rows: Mapping[str, Sequence[Row]], unused: Sequence[Unused]) -> dict[str, object]:
    """Return what the user interface shows: gains, and what was not used, by reason."""
    reasons = sorted({one.reason for one in unused})
    counts = [f"{sum(one.reason == why for one in unused)} {why}" for why in reasons]
    gains = [
        f"| {row['amplifier']} | {row['binning']} | {_write(row['gain'])} "
        f"| {_write(row['gain_error'])} | {row['levels']} | {row['reason'] or ''} |"
        for row in rows["flat_gains"]
    ]
    head = ["| amplifier | binning | gain | error | pairs | remark |", "|---|---|---|---|---|---|"]
    return {
        "flats": len(rows["exposure_set_members"]),
        "not_used": ", ".join(counts) or "none",
        "gains": "\n".join([*head, *gains]),
    }


def _write(value: object) -> str:
    return f"{value:.4f}" if isinstance(value, float) else ""
