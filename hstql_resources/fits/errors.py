"""Say that a file cannot be used, and why: the one family of exceptions for it.

Nothing here imports astropy, so whoever only catches them need not wait for it.
"""

UNREADABLE = "Unreadable"


class UnusableFileError(Exception):
    """A file that cannot be used.

    Parameters
    ----------
    detail : str
        What is wrong. Unless it is a sentence of its own it continues "FILE ", without full stop.
    reason : str
        What kind of fault that is, in two or three words, as it is recorded.
    filename : str, optional
        Where the caller does not know it; the text of the exception is then a whole sentence.
    """

    def __init__(
        self, detail: str, reason: str = UNREADABLE, *, filename: str | None = None
    ) -> None:
        super().__init__(detail if filename is None else f"{filename} {detail}.")
        self.detail, self.reason = detail, reason


class FitsError(UnusableFileError, ValueError):
    """The file is no FITS, or not whole, or not of the kind asked for; the text says which."""


class StructureError(FitsError):
    """The HDUs of a file do not follow each other as they should.

    Parameters
    ----------
    detail : str
        As of every FitsError; it may quote the file.
    verdict : str, optional
        The same in the words for a file that came over the net, which quote nothing of it.
    """

    def __init__(self, detail: str, verdict: str | None = None) -> None:
        super().__init__(detail)
        self.verdict = verdict or detail


class LostHdusError(StructureError):
    """All HDUs that were found are whole, but there should be more, or what follows is none."""


class NothingToMeasureError(UnusableFileError):
    """The file is good, it only has nothing of what is wanted; one sentence says why."""
