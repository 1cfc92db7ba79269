"""Tell counts per asset, bad data, disk and last runs, for `hstql status`."""

import contextlib
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, select

from hstql_resources import tables
from hstql_resources.postgres.database import Database

LAST_RUNS = 10
LAST_REMARKS = 10


@dataclass(frozen=True)
class RunRow:
    """One call of the command."""

    run_id: str
    started_at: datetime
    duration_s: float | None
    exit_status: int | None
    log: str


@dataclass(frozen=True)
class DiskRow:
    """One folder under `HSTQL_HOME`."""

    folder: str
    files: int
    size_bytes: int


def count_outcomes(database: Database) -> dict[str, dict[str, int]]:
    """Return the number of keys by asset and status, and of those with remarks."""
    outcome = tables.Outcome
    counts: dict[str, dict[str, int]] = {}
    statement = select(
        outcome.asset, outcome.status, func.count(), func.count(outcome.remarks)
    ).group_by(outcome.asset, outcome.status)
    for asset, state, keys, remarked in database.read(statement):
        of_asset = counts.setdefault(asset, {"remarks": 0})
        of_asset[state] = keys
        of_asset["remarks"] += remarked
    return counts


def read_remarks(database: Database) -> list[tuple[str, str, str]]:
    """Return key, asset and text of the last remarks, the newest first."""
    outcome = tables.Outcome
    statement = (
        select(outcome.key, outcome.asset, outcome.remarks)
        .where(outcome.remarks.is_not(None))
        .order_by(outcome.decided_at.desc(), outcome.key)
        .limit(LAST_REMARKS)
    )
    return [(row.key, row.asset, row.remarks) for row in database.read(statement)]


def count_bad_data(database: Database) -> dict[str, int]:
    """Return the number of bad files by reason, the most frequent first."""
    reason = tables.BadData.reason
    statement = select(reason, func.count()).group_by(reason).order_by(func.count().desc(), reason)
    return {str(row[0]): int(row[1]) for row in database.read(statement)}


def read_runs(database: Database) -> list[RunRow]:
    """Return the last calls of the command, the newest first."""
    run = tables.Run
    statement = (
        select(run.id, run.started_at, run.ended_at, run.exit_status, run.log)
        .order_by(run.started_at.desc())
        .limit(LAST_RUNS)
    )
    return [
        RunRow(
            row.id,
            row.started_at,
            (row.ended_at - row.started_at).total_seconds() if row.ended_at else None,
            row.exit_status,
            row.log,
        )
        for row in database.read(statement)
    ]


def measure_disk(home: Path) -> list[DiskRow]:
    """Return how much lies in each folder of `HSTQL_HOME`; what cannot be read counts nothing."""
    rows = []
    for folder in sorted(path for path in home.iterdir() if path.is_dir()):
        sizes = list(_file_sizes(folder))
        rows.append(DiskRow(folder.name, len(sizes), sum(sizes)))
    return rows


def free_bytes(home: Path) -> int:
    """Return what is free on the disk of `HSTQL_HOME`."""
    return shutil.disk_usage(home).free


def _file_sizes(folder: Path) -> Sequence[int]:
    sizes = []
    for root, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):  # gone meanwhile
                sizes.append((Path(root) / name).lstat().st_size)
    return sizes


def tabulate_counts(
    counts: Mapping[str, Mapping[str, int]], registered: Mapping[str, int]
) -> list[list[str]]:
    """Return the rows of the table of assets: as named there, by their states and remarks."""
    rows = []
    for asset, keys in registered.items():
        statuses = counts.get(asset, {})
        numbers = [statuses.get(status, 0) for status in ("made", "none", "bad", "missing")]
        open_keys = max(keys - sum(numbers), 0)
        rows.append([asset, *map(str, [keys, *numbers, open_keys, statuses.get("remarks", 0)])])
    return rows
