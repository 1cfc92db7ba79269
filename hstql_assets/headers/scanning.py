"""All headers of one observation: a worker's task, from files to rows."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from hstql_assets.batches import BadFile, Outcome
from hstql_assets.headers.reading import UNREADABLE, FileHeaders, read_headers
from hstql_assets.headers.summary import Summary, summarize
from hstql_assets.pictures import draw_sky
from hstql_resources import tables


@dataclass(frozen=True)
class HeaderFile:
    """A FITS file to be read."""

    filename: str
    filetype: str
    path: Path


@dataclass(frozen=True)
class HeaderTask:
    """The files of one observation; `missing_reason` is why some may not be there."""

    key: str
    files: tuple[HeaderFile, ...]
    missing_reason: str | None = None


def scan_headers(task: HeaderTask) -> Outcome:
    """Read the headers of all files of an observation.

    Parameters
    ----------
    task : HeaderTask

    Returns
    -------
    Outcome
        `made` with rows of `observations` and `files` if one file can be read; files that
        cannot are in `bad_files`. `bad` if none can, `none` or `missing` if there is no file.
    """
    there = [file for file in task.files if os.path.exists(file.path)]  # noqa: PTH110, no error where a folder is closed
    if not there:
        return _without_files(task)
    read = [read_headers(file.path, file.filetype) for file in there]
    names = {file.path.name: file.filename for file in there}
    bad = tuple(
        BadFile(names[file.filename], UNREADABLE, file.fault) for file in read if file.fault
    )
    if len(bad) == len(read):
        reason = f"No file of {task.key} can be read: {bad[0].detail}"
        return Outcome(task.key, "bad", reason, bad_files=bad)
    summary = summarize(task.key, read)
    return Outcome(
        task.key,
        "made",
        rows={
            tables.Observation: [_observation_row(task, summary)],
            tables.File: _calibration_rows(names, read),
        },
        bad_files=bad,
        facts=_facts(task, summary),
    )


def _without_files(task: HeaderTask) -> Outcome:
    if task.missing_reason is not None:
        return Outcome(task.key, "missing", task.missing_reason)
    if not task.files:
        return Outcome(task.key, "none", f"There are no FITS files of {task.key}.")
    path = task.files[0].path
    reason = f"{path} is not there any more: materialize raw_files and calibrated_files again."
    return Outcome(task.key, "missing", reason)


def _observation_row(task: HeaderTask, summary: Summary) -> dict[str, object]:
    now = datetime.now(UTC)
    return {
        **summary.columns,
        "path": str(task.files[0].path.parent),
        "first_ingest_date": now,
        "last_ingest_date": now,
    }


def _calibration_rows(
    names: Mapping[str, str], read: Sequence[FileHeaders]
) -> list[dict[str, object]]:
    return [
        {"filename": names[file.filename], "cal_ver": _text(file.find("CAL_VER"))} for file in read
    ]


def _text(value: object | None) -> str | None:
    return None if value is None else str(value)


def _facts(task: HeaderTask, summary: Summary) -> dict[str, object]:
    columns = summary.columns
    facts: dict[str, object] = {
        "path": task.files[0].path.parent,
        "headers_of_files": len(task.files),
        "is_timetag_science": summary.is_timetag_science,
    }
    facts.update({name: value for name, value in columns.items() if value is not None})
    ra, dec = columns["ra_deg"], columns["dec_deg"]
    if isinstance(ra, float) and isinstance(dec, float):
        facts["sky"] = draw_sky(ra, dec)
    return facts
