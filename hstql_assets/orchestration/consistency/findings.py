"""Describe a difference between archive, tables and disk, and sum up many of them.

Each kind of difference is named once, here, with whether something is lost by it.
"""

import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field

NEVER_RETRIEVED = "never retrieved"
NOT_RETRIEVED = "not retrieved"
PRODUCT_MISSING = "product without a row"
PRODUCT_GONE = "product gone from the archive"
PRODUCT_CHANGED = "product changed in the archive"
OBSERVATION_GONE = "observation gone from the archive"
ARCHIVE_EMPTY = "archive without any of this"
ARCHIVE_CLOSED = "folder of the archive cannot be read"
FILE_MISSING = "file missing"
FILE_CLOSED = "file cannot be read"
STRAY = "file without a row"
FOREIGN = "file that hstql does not write"
WRONG_SIZE = "wrong size"
WRONG_CHECKSUM = "wrong checksum"
FOLDER_TWICE = "folder twice"
FILE_TWICE = "file twice"
PLAIN_AND_GZIPPED = "plain and gzipped"
MISPLACED = "file in the folder of another"
CONTRADICTION = "header contradicts"
WRONG_KEY = "key that is no rootname"

LOSSES = frozenset(
    {ARCHIVE_EMPTY, ARCHIVE_CLOSED, FILE_MISSING, FILE_CLOSED, WRONG_SIZE, WRONG_CHECKSUM}
)  # data that were there cannot be had, or are others now
LISTED = 50  # findings that a report names; the others are counted
KEPT = 10_000  # of a check; what is to be healed is known of all


@dataclass(frozen=True, slots=True)
class Finding:
    """One difference.

    Attributes
    ----------
    kind : str
        One of the constants of this module.
    key : str
        The rootname, or the target of a composite; empty where there is none.
    path : str
        The file or folder; empty where there is none.
    detail : str
        One sentence.
    can_heal : bool
        Whether healing does something about it: makes it again, or removes the file.
    remade_by : str
        The asset that makes it again, such as `cos/raw_files`; empty if the file is removed.
    """

    kind: str
    key: str
    path: str
    detail: str
    can_heal: bool = False
    remade_by: str = ""

    @property
    def is_loss(self) -> bool:
        """Whether data that were there cannot be had any more, or are others now."""
        return self.kind in LOSSES

    def __str__(self) -> str:
        """Return one line for a reader."""
        names = " ".join(name for name in (self.key, self.path) if name)
        return f"{self.kind}: {names}: {self.detail}"


@dataclass(frozen=True)
class Examination:
    """What a check found.

    Attributes
    ----------
    findings : tuple of Finding
        The first `KEPT` of them, sorted: of a lost disk there are millions.
    notes : mapping of str to int or str
        What was compared, and what is no fault but worth knowing.
    error : str or None
        Why it could not be done, one sentence; then nothing was found or not found.
    kinds : mapping of str to int
        The number of all findings of each kind, the most frequent first.
    again : mapping of asset to set of str
        The keys that healing makes again.
    removals : set of str
        The files that healing removes.
    number_healed : int
        Findings that healing does something about.
    """

    findings: tuple[Finding, ...] = ()
    notes: Mapping[str, int | str] = field(default_factory=dict)
    error: str | None = None
    kinds: Mapping[str, int] = field(default_factory=dict)
    again: Mapping[str, Set[str]] = field(default_factory=dict)
    removals: Set[str] = frozenset()
    number_healed: int = 0

    @property
    def number(self) -> int:
        """How many findings there are."""
        return sum(self.kinds.values())

    @property
    def passed(self) -> bool:
        """Whether it could be done and nothing was found."""
        return self.error is None and not self.kinds

    @property
    def is_loss(self) -> bool:
        """Whether it could not be done, or data are lost."""
        return self.error is not None or not LOSSES.isdisjoint(self.kinds)

    @property
    def summary(self) -> str:
        """The kinds as words; empty if nothing was found."""
        return ", ".join(f"{kind}: {number}" for kind, number in self.kinds.items())

    def list_lines(self, limit: int = LISTED) -> list[str]:
        """Return a line for each finding up to a number, and one that says how many more."""
        lines = [str(finding) for finding in self.findings[:limit]]
        more = self.number - len(lines)
        return [*lines, f"... and {more} more"] if more else lines


def examine(
    findings: Iterable[Finding], notes: Mapping[str, int | str] | None = None
) -> Examination:
    """Return findings as the result of a check, losses first, then by kind, key and path.

    They are looked at as they come, and most of a million are let go; notes may grow meanwhile.
    """
    kinds: Counter[str] = Counter()
    again: dict[str, set[str]] = defaultdict(set)
    removals: set[str] = set()
    healed = 0
    first: list[Finding] = []
    for finding in findings:
        kinds[finding.kind] += 1
        healed += finding.can_heal
        if finding.can_heal and finding.remade_by:
            again[finding.remade_by].add(sys.intern(finding.key))
        elif finding.can_heal:
            removals.add(finding.path)
        first.append(finding)
        if len(first) >= 2 * KEPT:
            first = sorted(first, key=_rank)[:KEPT]
    kept = tuple(sorted(first, key=_rank)[:KEPT])
    counts = dict(kinds.most_common())
    return Examination(kept, dict(notes or {}), None, counts, again, removals, healed)


def _rank(finding: Finding) -> tuple[bool, str, str, str]:
    return not finding.is_loss, finding.kind, finding.key, finding.path
