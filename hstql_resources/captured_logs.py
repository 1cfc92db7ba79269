"""Find what the steps of Dagster's runs and the ticks of its sensors printed; read logs."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

FOLDER = "dagster"  # of the folder of logs


class LogEnd(NamedTuple):
    """The end of a log.

    Attributes
    ----------
    text : str
        As much as was asked for, in whole lines.
    is_whole : bool
        Whether it begins where the log does.
    """

    text: str
    is_whole: bool


def list_captured(logs: Path, run_id: str) -> list[Path]:
    """Return what the steps of a run printed: `.out` and `.err` files that are not empty.

    Parameters
    ----------
    logs : Path
        The folder of logs.
    run_id : str
        As Dagster's tables name it.
    """
    folder = _find_below(logs / FOLDER, [run_id, "compute_logs"])
    if folder is None or not folder.is_dir():
        return []
    found = (path for path in folder.iterdir() if path.suffix in (".out", ".err"))
    return sorted(path for path in found if path.stat().st_size)


def find_tick_log(logs: Path, log_key: Sequence[str]) -> Path | None:
    """Return the log of a tick by its key, if it has one.

    Parameters
    ----------
    logs : Path
        The folder of logs.
    log_key : sequence of str
        As Dagster's tables have it.
    """
    if not log_key:
        return None
    path = _find_below(logs / FOLDER, [*log_key[:-1], f"{log_key[-1]}.err"])
    return path if path is not None and path.is_file() else None


def read_end(path: Path, most: int) -> LogEnd:
    """Return the last lines of a log, of some bytes at most; nothing if it is gone."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(size - most, 0))
            content = file.read(most)
    except OSError:
        return LogEnd("", is_whole=True)
    if size > most:
        content = content.partition(b"\n")[2]
    return LogEnd(content.decode(errors="replace"), size <= most)


def write_plainly(text: str) -> str:
    """Return a log with those of its lines that are records of `logging` as JSON, as of ticks."""
    return "\n".join(map(_write_line, text.splitlines()))


def _write_line(line: str) -> str:
    try:
        record = json.loads(line) if line.startswith("{") else None
        if record is None or "levelname" not in record:
            return line
        at = datetime.fromtimestamp(record["created"], UTC)
        parts = [f"{at:%Y-%m-%d %H:%M:%S} {record['levelname']} {record['msg']}"]
    except (ValueError, TypeError, KeyError):
        return line
    return "\n".join([*parts, *filter(None, [record.get("exc_info")])])


def _find_below(folder: Path, parts: Sequence[str]) -> Path | None:
    """Return a path in a folder; None if it would lead out of it."""
    whole = folder.resolve()
    path = whole.joinpath(*parts).resolve()
    return path if whole in path.parents else None
