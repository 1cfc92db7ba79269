"""Name what may have been meant by a name that there is not."""

from collections.abc import Iterable
from difflib import get_close_matches

MOST = 3
ALIKE = 0.6  # of 1, as difflib measures it


def name_unknown(what: str, given: str, known: Iterable[str]) -> str:
    """Return the sentence that there is no such thing, with those that are alike, or else all.

    Parameters
    ----------
    what : str
        What it should be, such as `asset`.
    given : str
        What was given.
    known : iterable of str
        The names that there are.
    """
    names = sorted(set(known))
    alike = find_alike(given, names)
    listed = "" if alike else f" There are {', '.join(names)}."
    return f"There is no {what} {given!r}.{alike}{listed}"


def find_alike(given: str, known: Iterable[str]) -> str:
    """Return the question whether another name was meant, after a blank; empty if none is alike."""
    alike = get_close_matches(given.lower(), list(known), MOST, ALIKE)
    return f" Did you mean {' or '.join(alike)}?" if alike else ""
