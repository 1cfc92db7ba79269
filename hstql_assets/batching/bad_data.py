"""Turn what says that a file cannot be used into what is recorded of it; reasons of lightcurves.

Bad data are a result: the caller records them and goes on with the next exposure. What is wrong
with the machine (no memory, no worker) is not bad data and is raised as it comes. Nor are the
files bad when it is the user's settings that leave nothing of them.
"""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path

from hstql_assets.batching.outcomes import BadFile, Outcome
from hstql_resources.fits.errors import UNREADABLE, UnusableFileError


class Reason(StrEnum):
    """Why a file cannot become a lightcurve; the first six are those of hstlc, in its words."""

    EXPFLAG = "Bad EXPFLAG"
    NON_LINEAR_TIME = "Non-linear time"
    NO_EVENTS = "No events"
    SINGULAR_EVENT = "Singular event"
    PROPOSAL = "Bad Proposal"
    SHORT_EXPOSURE = "Short Exposure"
    UNREADABLE = UNREADABLE
    MISMATCHED_X1D = "Mismatched x1d"
    OUTSIDE_GTI = "Outside GTI"
    EPSILON = "Bad EPSILON"
    OFF_DETECTOR = "Off the detector"


class BadData(UnusableFileError):  # noqa: N818 - a verdict on a file, not an error of the program
    """One file that an exposure cannot use.

    Parameters
    ----------
    filename : str
        Name of the file, without its folder.
    reason : Reason
        What kind of fault it is.
    detail : str
        One sentence with the numbers.
    """

    def __init__(self, filename: str, reason: Reason, detail: str) -> None:
        super().__init__(detail, reason)
        # All three, so that the exception survives the way out of a worker.
        self.args = filename, reason, detail
        self.filename = filename

    @classmethod
    def unreadable(cls, path: Path, error: Exception) -> "BadData":
        """Make the record of a file that reading stumbled over."""
        return cls(path.name, Reason.UNREADABLE, f"{_describe(error)}.")

    def __str__(self) -> str:
        return f"{self.filename}: {self.reason}: {self.detail}"


class BadExposure(Exception):  # noqa: N818 - as above
    """An exposure without one usable event file, or with an unusable spectrum.

    Parameters
    ----------
    problems : sequence of BadData
        One for each file at fault, at least one.
    """

    def __init__(self, problems: Sequence[BadData]) -> None:
        super().__init__(tuple(problems))
        self.problems: tuple[BadData, ...] = tuple(problems)

    def __str__(self) -> str:
        return "; ".join(str(problem) for problem in self.problems)


class NothingToExtract(Exception):  # noqa: N818 - as above
    """The settings leave nothing of an exposure whose files are good; one sentence says why."""


def mismatched(path: Path, detail: str) -> BadData:
    """Make the record of an x1d that does not belong to the events."""
    return BadData(path.name, Reason.MISMATCHED_X1D, detail)


def bad_file(filename: str, error: UnusableFileError | OSError) -> BadFile:
    """Return a file as it is recorded that reading stumbled over; its detail names it."""
    reason = error.reason if isinstance(error, UnusableFileError) else UNREADABLE
    return BadFile(filename, reason, f"{filename} {_describe(error)}.")


def _describe(error: Exception) -> str:
    """Return what is wrong, as the end of a sentence without its full stop."""
    if isinstance(error, OSError):  # its own text would name the file again, with its folder
        return f"cannot be read: {error.strerror or error}"
    return str(error)


def all_bad(key: str, files: Sequence[BadFile]) -> Outcome:
    """Return the outcome of a key none of whose files can be used, and why."""
    reason = " ".join(file.detail for file in files)
    return Outcome(key, "bad", reason, bad_files=tuple(files))


def bad_outcome(key: str, problems: Sequence[BadData]) -> Outcome:
    """Return the outcome of a key whose files are bad; its reason names all of them."""
    reason = "; ".join(str(problem) for problem in problems)
    return Outcome(key, "bad", reason, bad_files=bad_files(problems))


def bad_files(problems: Sequence[BadData]) -> tuple[BadFile, ...]:
    """Return bad files as they are recorded."""
    return tuple(
        BadFile(problem.filename, str(problem.reason), problem.detail) for problem in problems
    )
