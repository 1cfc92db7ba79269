"""Which rootnames of the archive are new. Registering them is done by sensors and `hstql`."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from hstql_resources.archive import Archive

# Dagster inserts a list of keys in one statement; its databases allow about 30,000 values.
KEYS_PER_CALL = 10_000


def find_new_rootnames(
    archive: Archive, instrument: str, known: Iterable[str], since: date | None = None
) -> list[str]:
    """Return the rootnames of an instrument that are not registered yet, sorted.

    Parameters
    ----------
    archive : Archive
        Where to look.
    instrument : str
        Such as `cos`.
    known : iterable of str
        The rootnames that are registered.
    since : date, optional
        Only observations of that day or later.

    Raises
    ------
    ArchiveError
        If the archive does not answer.
    """
    registered = set(known)
    return sorted(set(archive.find_rootnames(instrument, since)) - registered)


def chunk_keys(keys: Sequence[str], size: int = KEYS_PER_CALL) -> Iterator[Sequence[str]]:
    """Cut a list of keys into pieces of at most `size`."""
    for start in range(0, len(keys), size):
        yield keys[start : start + size]
