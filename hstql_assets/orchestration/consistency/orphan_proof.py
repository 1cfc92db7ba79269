"""Tell whether a file without a row is superfluous, or the database may have forgotten it.

A database can be younger than the files (made anew), or older (restored). What it does not know
is then no proof. A file is superfluous if whoever makes such files has decided about its key since
it was written; or if the database was there when it came, and knows every command of that time.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from hstql_assets.orchestration.consistency.findings import STRAY, Finding

UNPROVEN = (
    "hstql wrote it, and no row names it, but the database does not know the time of it: it stays "
    "until 'hstql materialize' has decided about it."
)
_LOG = re.compile(r"(?!database_)\w+_(\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{6})\.log")
Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class Memory:
    """What a database knows of.

    Attributes
    ----------
    since : datetime or None
        When it began; None if that is not known, which is for ever.
    forgotten : sequence of (datetime, datetime)
        Beginning and end of commands in the home that it does not know.
    """

    since: datetime | None = None
    forgotten: Sequence[Span] = ()

    def covers(self, times: Sequence[datetime]) -> bool:
        """Tell whether it knows all commands of some times."""
        return (self.since is None or self.since <= min(times)) and not any(
            begin <= time <= end for begin, end in self.forgotten for time in times
        )


def find_forgotten_commands(logs: Path, known: Iterable[str]) -> list[Span]:
    """Return when those commands ran whose logs are there, and of which there is no row.

    Parameters
    ----------
    logs : Path
        The folder of the logs; a command that only starts or stops the database has no row.
    known : iterable of str
        The names of those that have a row, without `.log`.
    """
    names = {f"{name}.log" for name in known}
    spans = []
    for path in logs.iterdir() if logs.is_dir() else ():
        match = _LOG.fullmatch(path.name)
        if match is not None and path.name not in names:
            begin = datetime.strptime(match[1], "%Y-%m-%dT%H-%M-%S.%f").replace(tzinfo=UTC)
            spans.append((begin, datetime.fromtimestamp(path.stat().st_mtime, UTC)))
    return spans


def keep_unproven(
    findings: Iterable[Finding], memory: Memory, decided: Mapping[str, datetime]
) -> list[Finding]:
    """Return findings, those of strays that may have been forgotten as such that stay.

    Parameters
    ----------
    findings : iterable of Finding
        Of `find_orphan_files`.
    memory : Memory
        Of the database.
    decided : mapping of path to datetime
        When all who make such a file had decided about its key.
    """
    return [
        replace(finding, can_heal=False, detail=UNPROVEN)
        if finding.kind == STRAY and finding.can_heal and not _is_proven(finding, memory, decided)
        else finding
        for finding in findings
    ]


def _is_proven(finding: Finding, memory: Memory, decided: Mapping[str, datetime]) -> bool:
    try:
        status = Path(finding.path).lstat()
    except OSError:  # gone meanwhile
        return False
    times = [datetime.fromtimestamp(at, UTC) for at in (status.st_mtime, status.st_ctime)]
    decided_at = decided.get(finding.path)
    return (decided_at is not None and decided_at > max(times)) or memory.covers(times)
