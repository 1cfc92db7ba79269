"""Name what may have been meant by a name that there is not."""

from collections.abc import Iterable
from difflib import get_close_matches

MOST = 3
ALIKE = 0.6  # of 1; as difflib measures it


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
    alike = get_close_matches(given.lower(), names, MOST, ALIKE)
    if alike:
        return f"There is no {what} {given!r}: did you mean {' or '.join(alike)}?"
    return f"There is no {what} {given!r}. There are {', '.join(names)}."
