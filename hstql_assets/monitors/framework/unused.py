"""Say what a monitor could not use, and why: the tables of its page."""

from collections.abc import Sequence
from dataclasses import dataclass

from hstql_assets.monitors.framework.report import Section

IN_PART = "used, with a remark"


@dataclass(frozen=True)
class Unused:
    """What a monitor could not use.

    Attributes
    ----------
    reasons : sequence of tuple of str and int
        Why exposures were not measured, and how many.
    remarks : sequence of tuple of str and int
        What was left out of others, or is odd about them, and of how many.
    """

    reasons: Sequence[tuple[str, int]] = ()
    remarks: Sequence[tuple[str, int]] = ()

    @property
    def number(self) -> int:
        """How many exposures were not measured."""
        return sum(number for _, number in self.reasons)

    def list(self, title: str, what: str) -> Section:
        """Return the table of a page; `what` are the exposures, such as flats."""
        told = [*self.reasons, *((f"used, but: {text}", number) for text, number in self.remarks)]
        return Section(
            title,
            note="" if told else "There are none.",
            columns=("reason", what),
            rows=tuple((reason, str(number)) for reason, number in told),
        )


@dataclass(frozen=True)
class UnusedMembers:
    """Detector, reason and number of exposures that were not used, or used with a remark."""

    rows: Sequence[tuple[str, str, int]] = ()

    @property
    def number(self) -> int:
        """How many were not used."""
        return sum(number for _, reason, number in self.rows if reason != IN_PART)

    def list(self, title: str, what: str) -> Section:
        """Return the table of a page; `what` are the exposures, such as flats."""
        return Section(
            title,
            note="Each is named with its reason in the table exposure_set_members; what another "
            "step found bad, in bad_data." if self.rows else "There are none.",
            columns=("detector", "reason", what),
            rows=tuple((detector, reason, str(number)) for detector, reason, number in self.rows),
        )  # fmt: skip
