"""Open files that others made: regular files within limits, and nothing else.

All that reads data opens them here. A pipe never ends and a device never stops; a file can become
one between two looks, so what was opened is looked at again.
"""

import hashlib
import io
import os
import stat
from pathlib import Path

from hstql_resources.fits.limits import MEGABYTE, LimitError, get_limits

MOST_TEXT_MB = 64  # of a small text that is read as a whole

_KINDS = (
    (stat.S_ISDIR, "folder"),
    (stat.S_ISFIFO, "pipe"),
    (stat.S_ISSOCK, "socket"),
    (stat.S_ISCHR, "device"),
    (stat.S_ISBLK, "device"),
)


def find_obstacle(status: os.stat_result) -> str | None:
    """Return why something is not opened, as the end of a sentence; None for a file."""
    if not stat.S_ISREG(status.st_mode):
        kind = next(
            (name for is_kind, name in _KINDS if is_kind(status.st_mode)), "thing of no known kind"
        )
        return f"is no file, and was not opened: it is a {kind}"
    limit = get_limits().file_mb
    if status.st_size > limit * MEGABYTE:
        return f"is larger than {limit:,} MB, the limit HSTQL_MAX_FILE_MB"
    return None


def is_data_file(path: Path) -> bool:
    """Tell whether a path leads to a regular file within the limit, or its opening will say so."""
    try:
        return find_obstacle(path.stat()) is None
    except OSError:
        return True


def open_data_file(path: str | Path) -> io.FileIO:
    """Open a file to be read, unbuffered.

    Raises
    ------
    LimitError
        If it is none (which is not opened), or larger than the limit; it continues "FILE ".
    OSError
        If there is none, or it cannot be opened.
    """
    _refuse(os.stat(path))  # noqa: PTH116, half the time of Path for many small files
    file = io.FileIO(str(path), opener=_open_at_once)
    try:
        _refuse(os.fstat(file.fileno()))
    except LimitError:
        file.close()
        raise
    return file


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, hexadecimal.

    Raises
    ------
    LimitError
        If it is no file, or beyond a limit.
    OSError
        If it cannot be read.
    """
    with open_data_file(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def open_buffered(path: str | Path) -> io.BufferedReader:
    """Open a file as `open_data_file` does, buffered."""
    return io.BufferedReader(open_data_file(path))


def _open_at_once(path: str, flags: int) -> int:
    """Open without a wait for whoever writes, if it became a pipe since it was looked at."""
    return os.open(path, flags | os.O_NONBLOCK)


def read_text_file(path: Path, encoding: str = "utf-8", errors: str = "strict") -> str:
    """Return a small text; LimitError, OSError and UnicodeDecodeError as they come."""
    most = MOST_TEXT_MB * MEGABYTE
    with open_buffered(path) as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise LimitError(f"has more than {MOST_TEXT_MB} MB, too many for a text")
    return content.decode(encoding, errors)


def _refuse(status: os.stat_result) -> None:
    obstacle = find_obstacle(status)
    if obstacle is not None:
        raise LimitError(obstacle)
