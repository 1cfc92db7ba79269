"""What every archive can do: find observations, list their products, fetch them.

The shapes and the two errors only; each archive has its own module.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True)
class Product:
    """One file that an archive holds.

    Attributes
    ----------
    rootname : str
        The observation it belongs to, nine lower-case characters.
    filename : str
        Its name on disk, with `.gz` where it is compressed.
    location : str
        Its path in a directory archive, its URI at MAST, empty when it is simulated.
    size_bytes : int, optional
        Its size, where the archive tells.
    """

    rootname: str
    filename: str
    location: str = ""
    size_bytes: int | None = None


@dataclass(frozen=True)
class Proposal:
    """What an archive knows of a proposal; None where it does not tell.

    Attributes
    ----------
    title : str, optional
        In full.
    proposal_type : str, optional
        Such as `GO`, in the words of the keyword PROP_TYP.
    investigator_last, investigator_first : str, optional
        Name of the principal investigator.
    cycle : int, optional
        The cycle of observations that it was accepted for.
    """

    title: str | None = None
    proposal_type: str | None = None
    investigator_last: str | None = None
    investigator_first: str | None = None
    cycle: int | None = None


class ArchiveError(Exception):
    """The archive as a whole does not answer; the message is one sentence."""


class RetrievalError(Exception):
    """One product or rootname could not be had, so its key is `missing`; one sentence."""


class Archive(Protocol):
    """A place that HST observations come from.

    Archives are pickled to worker processes: keep them small and frozen.
    """

    @property
    def name(self) -> str:
        """What the settings call it."""

    @property
    def in_place(self) -> bool:
        """Whether `Product.location` is a readable path, so that `fetch` is not needed."""

    def find_rootnames(self, instrument: str, since: date | None = None) -> list[str]:
        """Return the rootnames of an instrument, sorted.

        Parameters
        ----------
        instrument : str
            `cos`, `stis`, `acs` or `wfc3`.
        since : date, optional
            Only those observed or released on that day or later.

        Raises
        ------
        ArchiveError
            If the archive does not answer.
        """

    def list_products(self, rootnames: Sequence[str]) -> dict[str, list[Product]]:
        """Return the products of every rootname asked for: an empty list where there are none.

        Raises
        ------
        ArchiveError
            If the archive does not answer.
        """

    def describe_proposals(self, proposal_ids: Sequence[int]) -> dict[int, Proposal]:
        """Return what is known of proposals; one of which nothing is known is left out.

        Raises
        ------
        ArchiveError
            If the archive does not answer.
        """

    def fetch(self, products: Sequence[Product], folder: Path) -> None:
        """Bring the products of one rootname into a folder, under their file names.

        Each is written to a temporary name in that folder and renamed when it is complete.

        Parameters
        ----------
        products : sequence of Product
            All of the same rootname.
        folder : Path
            It exists.

        Raises
        ------
        RetrievalError
            If one of them could not be had.
        ArchiveError
            If the archive does not answer.
        """

    def fetch_reference(self, filename: str, folder: Path) -> bool:
        """Bring a calibration reference file into a folder, under its own name.

        Parameters
        ----------
        filename : str
            Its name, without the `oref$` that headers put before it.
        folder : Path
            It exists.

        Returns
        -------
        bool
            False, and nothing is written, if the archive has none of that name.

        Raises
        ------
        ArchiveError
            If the archive does not answer.
        """
