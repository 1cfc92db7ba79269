"""Define what every archive can do: find data sets, list their products, fetch them.

The shapes and the two errors only; each archive has its own module.
"""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol, runtime_checkable

from hstql_resources.archive.folder_contents import Told


@dataclass(frozen=True)
class Search:
    """Which data sets are looked for; every condition that is given has to hold.

    Attributes
    ----------
    instrument : str
        `cos`, `stis`, `acs` or `wfc3`.
    released_since : datetime, optional
        Only those that became public at that time or later, UTC.
    archived_since : datetime, optional
        Only those that the archive took in, or took in again, at that time or later, UTC.
    proposal_ids : tuple of int
        Only those of these proposals.
    rootnames : tuple of str
        Only these.
    is_timetag_only : bool
        Only TIME-TAG exposures of targets on the sky.
    """

    instrument: str
    released_since: datetime | None = None
    archived_since: datetime | None = None
    proposal_ids: tuple[int, ...] = ()
    rootnames: tuple[str, ...] = ()
    is_timetag_only: bool = False


@dataclass(frozen=True)
class Dataset:
    """What an archive lists products under: an association, or an exposure.

    Attributes
    ----------
    name : str
        Its rootname, nine lower-case characters. The members of an association have no data set
        of their own; they are known by the names of its products.
    is_public : bool
        Whether everybody may have it.
    released_at : datetime, optional
        When it becomes or became public, UTC.
    archived_at : datetime, optional
        When the archive last took it in, UTC.
    noticed_at : datetime, optional
        When it was last noticed that its list of products could be another, UTC; None where
        the archive keeps no account of that.
    """

    name: str
    is_public: bool = True
    released_at: datetime | None = None
    archived_at: datetime | None = None
    noticed_at: datetime | None = None


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
    dataset : str
        The data set that it is listed under; empty if that is the rootname.
    is_public : bool
        Whether everybody may have it.
    released_at, archived_at : datetime, optional
        Of its data set, UTC.
    fault : str, optional
        Why it cannot be had, one sentence; then the filename may be empty.
    copies : tuple of str
        Where other files of the same name lie, which are left aside.
    unfit : str, optional
        Why it is never opened, as the end of a sentence: it is a pipe, a device, too large.
    """

    rootname: str
    filename: str
    location: str = ""
    size_bytes: int | None = None
    dataset: str = ""
    is_public: bool = True
    released_at: datetime | None = None
    archived_at: datetime | None = None
    fault: str | None = None
    copies: tuple[str, ...] = ()
    unfit: str | None = None


@dataclass(frozen=True)
class Fetched:
    """What became of one product that a remote archive was asked for.

    Attributes
    ----------
    product : Product
        As it was asked for.
    path : Path, optional
        The complete and checked file; None if it could not be had.
    fault : str, optional
        Why not, one sentence that names the file and says what to do.
    size_bytes : int
        Bytes that came over the net for it, those of vain attempts too.
    is_passing : bool
        Whether the fault may pass: no answer, or none that the file is not to be had.
    """

    product: Product
    path: Path | None
    fault: str | None = None
    size_bytes: int = 0
    is_passing: bool = False


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


@dataclass(frozen=True)
class FolderSummary:
    """What a folder of files was taken for.

    Attributes
    ----------
    folder : Path
        Which.
    files, rootnames : int
        How many files of how many observations there are, copies left out.
    of_other_types : Told or None
        Those of the files that have types which the archive does not have.
    left_aside : mapping of str to Told
        What was not taken, by reason.
    """

    folder: Path
    files: int
    rootnames: int
    of_other_types: Told | None
    left_aside: Mapping[str, Told]

    @property
    def is_recognised(self) -> bool:
        """Whether there is any file of a type that the archive has."""
        others = 0 if self.of_other_types is None else self.of_other_types.number
        return self.files > others


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
    def is_remote(self) -> bool:
        """Whether it is a `RemoteArchive`."""

    @property
    def in_place(self) -> bool:
        """Whether `Product.location` is a readable path, so that `fetch` is not needed."""

    def find_datasets(self, search: Search) -> list[Dataset]:
        """Return the data sets of an instrument, sorted by name.

        Raises
        ------
        ArchiveError
            If the archive does not answer, or cannot search by what is given.
        """

    def list_products(self, datasets: Sequence[str]) -> dict[str, list[Product]]:
        """Return the products of every data set asked for: an empty list where there are none.

        Parameters
        ----------
        datasets : sequence of str
            Names of data sets. Where the archive has no associations of its own, any rootname.

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
        OSError
            If one of them cannot be written.
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


@runtime_checkable
class ImageArchive(Protocol):
    """An archive with cumulative images of COS (CCI), which belong to no observation."""

    def find_cumulative_images(self) -> list[Path]:
        """Return the files, sorted by name; they are read where they lie."""


@runtime_checkable
class FolderArchive(Protocol):
    """An archive that is a folder as somebody has it."""

    def summarize(self) -> FolderSummary:
        """Return what was taken and what was left aside when it was last searched."""


class RemoteArchive(Archive, Protocol):
    """An archive on the net: many of its files are fetched at the same time, in this process."""

    def fetch_many(
        self, products: Sequence[Product], folder: Path
    ) -> Generator[Fetched, None, None]:
        """Bring products of any rootnames into a folder, each under its own name.

        Each is streamed to a name that ends in `.part`, checked, dated as its data set
        (`archived_at`), and renamed. One that cannot be had concerns no other.

        Parameters
        ----------
        products : sequence of Product
            Each filename once.
        folder : Path
            It exists.

        Yields
        ------
        Fetched
            One for each product, in the order in which they are done.
        """
