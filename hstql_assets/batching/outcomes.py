"""Say what became of a key: what workers take, and what they hand back.

No database is known here: rows go by the name of their table.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

FAULT = "Fault"  # of the program, not of the data
ENDS_WORKER = "Ends its worker"
NOT_CALIBRATED = "Not calibrated"
# Reasons of bad files that prove nothing against what was made of them before.
NO_PROOF = frozenset({FAULT, ENDS_WORKER, NOT_CALIBRATED})

Status = Literal["made", "none", "bad", "missing", "waiting"]
Rows = Mapping[str, Sequence[Mapping[str, object]]]  # by the name of the table


@dataclass(frozen=True)
class BadFile:
    """A file that is left out downstream.

    Attributes
    ----------
    filename : str
        Without folder and without `.gz`.
    reason : str
        The check that it failed.
    detail : str
        One sentence with the numbers.
    """

    filename: str
    reason: str
    detail: str


@dataclass(frozen=True)
class Outcome:
    """What became of one key.

    Attributes
    ----------
    key : str
        The partition key.
    status : str
        `made`: the product is there; `none`: there is nothing to make; `bad`: see `bad_files`;
        `missing`: what it is made from is not there; `waiting`: no decision, for what stood in the
        way passes, such as an archive out of reach: it is tried again (see `attempts`).
    reason : str or None
        Why it was not made, one sentence.
    rows : mapping of str to rows
        What goes into the database, by the name of the table.
    bad_files : tuple of BadFile
        Files of this key that failed; also a key that was made can have some.
    remarks : tuple of str
        What was left out of what was made, or is odd about it: a sentence each, which names the
        file. It stands in the decision, and in the column `remarks` of rows whose table has one.
    metadata : mapping of str to object
        What the user interface shows about this key: numbers, texts, paths, pictures.
    is_upstream_unmade : bool
        True if `waiting` means that an asset before this one was never run for the key.
    has_ended_worker : bool
        True if `waiting` means that the process which worked on this key alone died.
    keeps_before : bool
        True if what was made before stays, though this leaves nothing.
    payload : object
        What the asset records in a way of its own, in the same transaction.
    is_unchanged : bool
        True if the result is that of the last decision, so that nothing need follow from it.
    selection : str or None
        Digest of the table that selected the exposure: by another one it is decided anew.
    """

    key: str
    status: Status
    reason: str | None = None
    rows: Rows = field(default_factory=dict)
    bad_files: tuple[BadFile, ...] = ()
    remarks: tuple[str, ...] = ()
    metadata: Mapping[str, object] = field(default_factory=dict)
    is_upstream_unmade: bool = False
    has_ended_worker: bool = False
    keeps_before: bool = False
    payload: Any = None
    is_unchanged: bool = False
    selection: str | None = None

    @property
    def remark(self) -> str | None:
        """All remarks as one text, as it is recorded; None if there are none."""
        return " ".join(self.remarks) or None

    @property
    def is_settled(self) -> bool:
        """Whether what was there before gives way to this.

        A missing input, or a fault of a program, proves nothing against it.
        """
        is_decided = self.status not in ("missing", "waiting") and not self.keeps_before
        return is_decided and all(bad.reason not in NO_PROOF for bad in self.bad_files)


class Task(Protocol):
    """What a worker gets: anything that says which key it is about."""

    @property
    def key(self) -> str:
        """The partition key."""
