"""Judge whether a run has succeeded: its status, its products, and what it wrote.

No pipeline can be believed on its exit status alone. They print ERROR and return 0, return 0
without a product, and leave half a file on a full disk.
"""

import errno
import os
import re
import signal
from collections.abc import Iterable, Set
from pathlib import Path

from hstql_resources.calibration.units import Alternatives
from hstql_resources.fits.structure import find_fits_fault

_ERROR = re.compile(r"^[ *]*ERROR\b[\s:]*(.*)")
_PYTHON_ERROR = re.compile(r"^(?:[\w.]+\.)?[A-Z]\w*(?:Error|Exception)\b:?\s*(.*)")
# CalCOS then takes the mean of the whole flat field, in one line of the sum of spectra.
_HARMLESS = ("Height of flat field slice is",)
# What a program brings on itself: memory that is not its own, its own abort, an illegal operation.
_OWN_SIGNALS = frozenset(
    {
        signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL, signal.SIGSEGV, signal.SIGSYS,
        signal.SIGTRAP,
    }
)  # fmt: skip
_SHELL = 128
_DISK_FULL = os.strerror(errno.ENOSPC)
# What numpy says instead, when an array did not fit.
_CUT_SHORT = re.compile(r"\b\d+ requested and \d+ written")


def find_errors(trailer: str) -> list[str]:
    """Return what a pipeline reported as errors that matter, in order, without the word ERROR.

    A line without words of its own, or that ends in a colon, is joined to the next.
    """
    lines = [line.strip() for line in trailer.splitlines()]
    errors = []
    for number, line in enumerate(lines):
        match = _ERROR.match(line)
        if match and not match[1].startswith(_HARMLESS):
            follows = lines[number + 1] if number + 1 < len(lines) else ""
            words = match[1] if match[1] and not match[1].endswith(":") else f"{match[1]} {follows}"
            errors.append(words.strip())
    return errors


def judge(
    status: int, trailer: str, made: Set[str], expected: Iterable[Alternatives]
) -> str | None:
    """Return why a run has failed, as the end of a sentence; None if it has not.

    Parameters
    ----------
    status : int
        Exit status; the negative number of the signal if it was killed.
    trailer : str
        All that it wrote.
    made : set of str
        Names of the FITS files that are there.
    expected : iterable of tuple of str
        Products of which one each has to be there.
    """
    if status < 0:
        verb = "was killed by" if was_killed(status) else "crashed with"
        return f"{verb} {signal_name(-status)}{_guess(-status)}"
    if status > 0:
        return f"ended with status {status}{_last_word(trailer)}"
    lacking = [" or ".join(names) for names in expected if made.isdisjoint(names)]
    if lacking:
        return f"ended well but did not make {', '.join(lacking)}{_last_word(trailer)}"
    if find_errors(trailer):
        return f"made its products, but reported an error{_last_word(trailer)}"
    return None


def was_killed(status: int) -> bool:
    """Tell whether a program was ended from outside: by a signal that it does not bring on itself.

    Parameters
    ----------
    status : int
        As of `judge`. A shell that a signal ended its program with says so by 128 and its number.
    """
    if status < 0:
        return -status not in _OWN_SIGNALS
    return status - _SHELL in (signal.SIGKILL, signal.SIGTERM)


def find_broken(products: Iterable[Path]) -> str | None:
    """Return the end of the sentence that names a product that is not whole; None if all are."""
    for path in products:
        fault = find_fits_fault(path, is_gzipped=False)
        if fault is not None:
            return f"left {path.name}, which {fault}"
    return None


def is_disk_full(trailer: str) -> bool:
    """Tell whether a pipeline wrote that there was no room for its products."""
    return _DISK_FULL in trailer or _CUT_SHORT.search(trailer) is not None


def signal_name(number: int) -> str:
    """Return the name of a signal, such as SIGKILL."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _guess(number: int) -> str:
    return ", as the system does when memory runs out" if number == signal.SIGKILL else ""


def _last_word(trailer: str) -> str:
    if is_disk_full(trailer):
        return f": the disk is full ({_DISK_FULL})"
    errors = find_errors(trailer)
    if errors:
        return f": {errors[-1].rstrip('.')}"
    for line in reversed(trailer.splitlines()):
        match = _PYTHON_ERROR.match(line.strip())
        if match:
            return f": {(match[1] or line.strip()).rstrip('.')}"
    last = next((line.strip() for line in reversed(trailer.splitlines()) if line.strip()), "")
    return f"; its last line is: {last.rstrip('.')}" if last else "; it wrote nothing"
