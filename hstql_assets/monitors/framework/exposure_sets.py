"""Say which exposures something is made of together: the declaration, and the task of a worker."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hstql_assets.batching.input_files import InputFile
from hstql_resources.references import References

if TYPE_CHECKING:
    from sqlalchemy import Select


@dataclass(frozen=True)
class ExposureSets:
    """Which exposures are in which sets, and what each is measured by.

    Attributes
    ----------
    select_members : callable
        Returns the query for `key` and `rootname` of all members; an exposure has a row for each
        set that it is in. A key is the name of the asset, the detector in lower case, and what the
        set is, in digits, letters and hyphens: flat_gains_uvis_17672.
    find_selection : callable
        Takes a key; returns what is asked of its members, a frozen dataclass. Its text is part of
        the digest of a set.
    """

    select_members: "Callable[[], Select[str, str]]"
    find_selection: Callable[[str], Any]


@dataclass(frozen=True)
class SetTask:
    """The exposures of one set, for the worker that measures it.

    Attributes
    ----------
    key : str
        Such as flat_gains_uvis_17672.
    detector : str
        Such as UVIS.
    selection : object
        What is asked of its members.
    files : mapping of str to tuple of InputFile
        Those of the file types that the measurement wants, by rootname.
    digest : str
        Of these and of the selection.
    references : References
        Finds calibration reference files by what headers call them, and knows where products go.
    """

    key: str
    detector: str
    selection: Any
    files: Mapping[str, tuple[InputFile, ...]]
    digest: str
    references: References

    def describe(self, asset: str, used: int) -> dict[str, object]:
        """Return the row of `exposure_sets`, but for its date; `used` is a number of exposures."""
        return {
            "set_key": self.key,
            "asset": asset,
            "detector": self.detector,
            "exposures": len(self.files),
            "used": used,
            "members": self.digest,
        }

    def list_members(
        self, why: Mapping[str, tuple[str | None, str | None]]
    ) -> list[dict[str, object]]:
        """Return the rows of `exposure_set_members`; `why` has reason and sentence by rootname."""
        return [
            {"set_key": self.key, "rootname": name, "reason": reason, "detail": detail}
            for name in sorted(self.files)
            for reason, detail in (why.get(name, (None, None)),)
        ]


def detector_of(asset: str, key: str) -> str:
    """Return the detector that the key of a set names."""
    return key.removeprefix(f"{asset}_").partition("_")[0].upper()
