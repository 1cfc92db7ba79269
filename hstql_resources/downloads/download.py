"""Define what is asked of the downloader, and what it answers. Shapes only."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from hstql_resources.http_retry import RetryPolicy


@dataclass(frozen=True)
class Download:
    """One file to be fetched.

    Addresses and headers can hold secrets, so they are not in the repr.

    Attributes
    ----------
    url : str
        Where it is, `http` or `https`.
    path : Path
        Its final name; the folder exists. Until it is whole it is `<name>.part` beside it.
    size_bytes : int, optional
        The size that was promised; a file of another size is a fault.
    headers : mapping
        Sent to the host of `url`, and to no other.
    modified_at : datetime, optional
        What the file's modification time is set to.
    is_fits : bool
        Whether it has to be FITS, gzipped if its name ends in `.gz`.
    alternatives : tuple of str
        Further addresses, each asked if the one before does not have the file or does not give it.
    """

    url: str = field(repr=False)
    path: Path
    size_bytes: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False, hash=False)
    modified_at: datetime | None = None
    is_fits: bool = True
    alternatives: tuple[str, ...] = field(default=(), repr=False)

    @property
    def part(self) -> Path:
        """The name of the file while it is not whole."""
        return self.path.with_name(f"{self.path.name}.part")


@dataclass(frozen=True)
class Downloaded:
    """What became of one download.

    Attributes
    ----------
    download : Download
        As it was asked for.
    fault : str, optional
        Why the file could not be had, one sentence; None if it lies under its final name.
    size_bytes : int
        Bytes of files that came over the net for it, those of vain attempts too.
    seconds : float
        From its first request to its end, waits included.
    attempts : int
        How often it was tried.
    is_absent : bool
        Whether that is because the last address that was asked does not have it (404, 410).
    is_passing : bool
        Whether the same may go well another time.
    """

    download: Download
    fault: str | None = None
    size_bytes: int = 0
    seconds: float = 0.0
    attempts: int = 0
    is_absent: bool = False
    is_passing: bool = False


@dataclass(frozen=True)
class Policy(RetryPolicy):
    """How hard, how long and how politely files are asked for.

    Attributes
    ----------
    connections : int
        How many files at the same time.
    requests_per_second : float
        To one host, over all connections, in the long run.
    lowest_bytes_per_s : float
        An answer that is slower than that over `read_s` has stalled.
    chunk_bytes : int
        How much is read at once.
    most_bytes, most_unlisted_bytes : int
        The largest file that is fetched, and the largest of those whose size nobody tells.
    answer_s : float
        How long one answer may take, however steadily it comes; the next goes on with it.
    """

    connections: int = 8
    requests_per_second: float = 50.0
    lowest_bytes_per_s: float = 1000.0
    chunk_bytes: int = 1 << 18
    most_bytes: int = 16 * 10**9
    most_unlisted_bytes: int = 2 * 10**9
    answer_s: float = 6 * 3600.0
