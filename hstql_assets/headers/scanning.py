"""Scan all headers of one observation: a worker's task, from files to rows."""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from hstql_assets.batching.input_files import InputFile
from hstql_assets.batching.outcomes import BadFile, Outcome
from hstql_assets.cumulative_images.members import find_members
from hstql_assets.headers.light_path import own_detector
from hstql_assets.headers.proposals import read_proposal
from hstql_assets.headers.reference_names import find_reference_names
from hstql_assets.headers.rows import encode_headers
from hstql_assets.headers.subsets import find_subsets
from hstql_assets.headers.summary import Summary, summarize
from hstql_resources.filenames import instrument_of
from hstql_resources.filetypes import OTHER
from hstql_resources.fits.errors import UNREADABLE
from hstql_resources.fits.file_headers import FileHeaders, read_headers
from hstql_resources.header_tables.copy_lines import EncodedHeaders
from hstql_resources.header_tables.names import UNKNOWN

NAMED = 10  # files or keywords in a sentence; the tables have all


@dataclass(frozen=True)
class HeaderTask:
    """The files of one observation.

    Attributes
    ----------
    key : str
        The observation.
    files : tuple of InputFile
        All that retrieval brought in.
    missing_reason : str or None
        Why some may not be there.
    member_detector : str
        What the members of an association are of, where its own files do not say.
    """

    key: str
    files: tuple[InputFile, ...]
    missing_reason: str | None = None
    member_detector: str = UNKNOWN


def scan_headers(task: HeaderTask) -> Outcome:
    """Read the headers of all files of an observation.

    Returns
    -------
    Outcome
        `made` if one file can be read, with rows of `observations` and `files`, and as its payload
        the headers of all good files, and of those that only lost HDUs after them. All with a
        fault are in `bad_files`. `bad` if none can be read, `none` if there is no file of a type
        that the archive has, `missing` if one that was retrieved is gone. Files of no type have
        their headers kept, and say nothing.
    """
    there = [file for file in task.files if os.path.exists(file.path)]  # noqa: PTH110, no error where a folder is closed
    if len(there) < len(task.files) or not there:
        return _without_files(task, there)
    read = [read_headers(file.path, file.filetype) for file in there]
    names = [file.filename for file in there]
    bad = tuple(
        BadFile(name, UNREADABLE, file.fault)
        for name, file in zip(names, read, strict=True)
        if file.fault
    )
    known = [file for file in read if file.filetype != OTHER]
    if not any(file.is_kept for file in known or read):
        fault = next(file.fault for file in known or read)
        reason = f"No file of {task.key} can be read: {fault}"
        return Outcome(task.key, "bad", reason, bad_files=bad)
    if not known:
        return _without_types(task, names, read, bad)
    summary = summarize(task.key, known)
    if summary.columns["detector"] == UNKNOWN:
        summary.columns["detector"] = task.member_detector
    encoded = _encode(task.key, str(summary.columns["detector"]), names, read)
    proposal = read_proposal(known)
    return Outcome(
        task.key,
        "made",
        rows={
            "observations": [_observation_row(task, summary)],
            "files": _calibration_rows(names, read),
            "proposals": [] if proposal is None else [proposal],
            "cumulative_image_members": _members(task.key, known),
        },
        bad_files=bad,
        remarks=(
            *_tell_others([file.filename for file in there if file.filetype == OTHER]),
            *(_tell_unreadable(file) for file in known if file.unreadable),
        ),
        metadata=_metadata(task, summary, encoded) | {"partition_sets": _sets(summary, known)},
        payload=encoded,
    )


def _sets(summary: Summary, read: Sequence[FileHeaders]) -> str:
    """Return the partition sets beside that of all exposures of the instrument, one line."""
    instrument = summary.columns["instrument"]
    found = {f"{instrument}_timetag_rootname"} if summary.is_timetag_science else set()
    if instrument == "cos":
        found |= find_subsets(read, str(summary.columns["detector"]))
    return " ".join(sorted(found))


def _members(key: str, read: Sequence[FileHeaders]) -> list[dict[str, object]]:
    """Return which cumulative images the event files of COS belong to."""
    return find_members(key, read) if instrument_of(key) == "cos" else []


def _encode(
    key: str, detector: str, names: Sequence[str], read: Sequence[FileHeaders]
) -> EncodedHeaders:
    """Encode the headers that are kept, each for the tables of the detector of its own file."""
    return encode_headers(
        key,
        [
            (name, own_detector(file) or detector, file)
            for name, file in zip(names, read, strict=True)
            if file.is_kept
        ],
    )


def _tell_others(names: Sequence[str]) -> tuple[str, ...]:
    """Return the remark that names the files of no type; none if there are none."""
    told = "Kept as other and used for nothing, for the archive has no such type of file"
    return (f"{told}: {_list(names)}.",) if names else ()


def _tell_unreadable(file: FileHeaders) -> str:
    """Return the remark on the cards of a file that are no FITS."""
    cards = file.unreadable
    number = "1 card is" if len(cards) == 1 else f"{len(cards)} cards are"
    return f"{file.filename}: {number} no FITS, and kept whole in header_extras: {_list(cards)}."


def _list(names: Sequence[str]) -> str:
    rest = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {rest} more" if rest > 0 else "")


def _without_types(
    task: HeaderTask, names: Sequence[str], read: Sequence[FileHeaders], bad: tuple[BadFile, ...]
) -> Outcome:
    """Keep the headers of files of no type; they say nothing of an exposure."""
    reason = f"No file of {task.key} is of a type that the archive has: {_list(names)}."
    return Outcome(
        task.key,
        "none",
        reason,
        rows={"files": _calibration_rows(names, read)},
        bad_files=bad,
        payload=_encode(task.key, UNKNOWN, names, read),
    )


def _without_files(task: HeaderTask, there: Sequence[InputFile]) -> Outcome:
    """Say what is gone; the rows of what was there before stay, for it may come back."""
    if task.missing_reason is not None:
        return Outcome(task.key, "missing", task.missing_reason)
    if not task.files:
        return Outcome(task.key, "none", f"There are no FITS files of {task.key}.")
    path = next(file.path for file in task.files if file not in there)
    reason = f"{path} is not there any more: materialize raw_files and calibrated_files again."
    return Outcome(task.key, "missing", reason)


def _observation_row(task: HeaderTask, summary: Summary) -> dict[str, object]:
    now = datetime.now(UTC)
    return {
        **summary.columns,
        "path": str(next(file.path.parent for file in task.files if file.filetype != OTHER)),
        "first_ingest_date": now,
        "last_ingest_date": now,
    }


def _calibration_rows(names: Sequence[str], read: Sequence[FileHeaders]) -> list[dict[str, object]]:
    return [
        {
            "filename": name,
            "cal_ver": _text(file.find("CAL_VER")),
            "reference_files": _name_references(file),
        }
        for name, file in zip(names, read, strict=True)
    ]


def _name_references(file: FileHeaders) -> str | None:
    """Return the reference files that the primary header names, as JSON."""
    names = find_reference_names(file.headers[0]) if file.headers else None
    return None if names is None else json.dumps(names)


def _text(value: object | None) -> str | None:
    return None if value is None else str(value)


def _metadata(task: HeaderTask, summary: Summary, encoded: EncodedHeaders) -> dict[str, object]:
    columns = summary.columns
    lines = [f"- {name}: {value}" for name, value in columns.items() if value is not None]
    return {
        "path": task.files[0].path.parent,
        "files": len(task.files),
        "headers": len(encoded.rows),
        "rows": encoded.count_rows(),
        # One text: Dagster takes as long to store thirty values as all headers of a file take.
        "observation": "\n".join(lines),
    }
