"""Serve a folder of HST files as an archive, whatever the folders in it are called.

A file belongs to the exposure of its name. Files are read in place, or copied. Nothing in the
folder is ever written, moved, deleted or given other permissions.
"""

import contextlib
import logging
import shutil
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import BinaryIO

from hstql_resources.archive.copies import choose_copy
from hstql_resources.archive.folder_contents import read_folder
from hstql_resources.archive.folder_index import FolderIndex, Place, open_index
from hstql_resources.archive.folder_walk import NOT_THERE, stamp_of, status_of
from hstql_resources.archive.protocol import (
    ArchiveError,
    Dataset,
    FolderSummary,
    Product,
    Proposal,
    RetrievalError,
    Search,
)
from hstql_resources.filenames import exposure_of, letter_of
from hstql_resources.fits.byte_source import ByteSource
from hstql_resources.fits.data_files import find_obstacle, is_data_file, open_buffered
from hstql_resources.fits.errors import FitsError
from hstql_resources.fits.limits import LimitError
from hstql_resources.processes import paused_gc

_log = logging.getLogger(__name__)

COPY_BYTES = 1 << 20
REFERENCES = "references"
IMAGE_FOLDERS = ("cci", "CCI")


@dataclass(frozen=True)
class DirectoryArchive:
    """Files of HST on disk.

    What its methods take, return and raise is said in `protocol`.

    Attributes
    ----------
    folder : Path
        The folder that holds them, at any depth.
    in_place : bool
        Whether the files are used where they lie; else they are copied.
    index : Path or None
        The file in which is kept what lies where; it lies in `HSTQL_HOME`, which is no part of
        the archive. Without it the folder is read anew for each question.
    """

    folder: Path
    in_place: bool = True
    index: Path | None = None
    name: str = "directory"
    is_remote: bool = False

    def find_rootnames(self, instrument: str, since: date | None = None) -> list[str]:
        """Return the rootnames of an instrument, sorted.

        Parameters
        ----------
        instrument : str
            Such as `cos`.
        since : date, optional
            Only those with a folder that changed on that day or later: there is no other date.

        Raises
        ------
        ArchiveError
            If the archive's folder itself cannot be read.
        """
        return [dataset.name for dataset in self._find(instrument, since)]

    def find_datasets(self, search: Search) -> list[Dataset]:
        """Return the data sets of a search; their date is when a folder of theirs last changed.

        Raises
        ------
        ArchiveError
            If the archive's folder itself cannot be read, or the search is by proposal or mode,
            which only headers know.
        """
        if search.proposal_ids or search.is_timetag_only:
            raise ArchiveError(
                f"The archive {self.folder} is a folder: it cannot be searched by proposal or "
                "mode. Discover everything, then choose by the table observations."
            )
        times = [at for at in (search.released_since, search.archived_since) if at is not None]
        since = max(times).date() if times else None
        return [
            dataset
            for dataset in self._find(search.instrument, since)
            if not search.rootnames or dataset.name in search.rootnames
        ]

    def list_products(self, rootnames: Sequence[str]) -> dict[str, list[Product]]:
        """Return the files of each rootname, one per name, sorted by name.

        A rootname of which there is no file has none. A folder that cannot be read stands there
        as one product without a file name.
        """
        with self._open_index(is_refreshed=False) as index:
            listing = _Listing(str(self.folder), index)
            return {rootname: listing.list_products(rootname) for rootname in rootnames}

    def summarize(self) -> FolderSummary:
        """Return what was taken and what was left aside when the folder was last searched."""
        with self._open_index(is_refreshed=False) as index:
            return index.summarize(self.folder)

    def describe_proposals(self, proposal_ids: Sequence[int]) -> dict[int, Proposal]:  # noqa: ARG002
        """Return nothing: files on disk know no more of their proposals than their headers say."""
        return {}

    def fetch(self, products: Sequence[Product], folder: Path) -> None:
        """Copy products into a folder."""
        for product in products:
            with _open(product) as source, (folder / product.filename).open("wb") as copy:
                shutil.copyfileobj(source, copy, COPY_BYTES)

    def fetch_reference(self, filename: str, folder: Path) -> bool:
        """Copy a calibration reference file from the archive's folder `references`.

        A gzipped one is unpacked; one that cannot be read is passed over.
        """
        for name in (filename, f"{filename}.gz"):
            path = self.folder / REFERENCES / name
            try:
                source = ByteSource(path)
            except FileNotFoundError:
                continue
            except (FitsError, OSError) as error:
                _log.warning("%s is left out: %s", path, error)
                continue
            with source, (folder / filename).open("wb") as copy:
                try:
                    copy.writelines(source.pieces())
                except FitsError as error:
                    _log.warning("%s is left out: it %s", path, error)
                    continue
            return True
        return False

    def find_cumulative_images(self) -> list[Path]:
        """Return the CCI files in the archive's folder `cci` or `CCI`, the plain before its .gz."""
        folders = [self.folder / name for name in IMAGE_FOLDERS]
        found: dict[str, Path] = {}
        for path in sorted(path for folder in folders for path in folder.glob("*_cci.fits*")):
            if path.name.removesuffix(".gz").endswith(".fits") and is_data_file(path):
                found.setdefault(path.name.removesuffix(".gz"), path)
        return [found[name] for name in sorted(found)]

    def _find(self, instrument: str, since: date | None) -> list[Dataset]:
        with self._open_index(is_refreshed=True) as index:
            found = index.find_rootnames(letter_of(instrument))
        times: dict[str, tuple[float, float]] = defaultdict(lambda: (0.0, 0.0))
        for name, (changed_s, read_s) in found.items():
            before = times[exposure_of(name)]
            times[exposure_of(name)] = max(changed_s, before[0]), max(read_s, before[1])
        with_data = {exposure_of(name) for name in found if not name.endswith("j")}
        return [
            Dataset(name, noticed_at=datetime.fromtimestamp(times[exposure_of(name)][1], UTC))
            for name in sorted(found)
            if not (name.endswith("j") and exposure_of(name) in with_data)
            and (since is None or _day_of(times[exposure_of(name)][0]) >= since)
        ]

    @contextlib.contextmanager
    def _open_index(self, *, is_refreshed: bool) -> Iterator[FolderIndex]:
        """Open the index of the archive; it is made or brought up to date where that is needed."""
        top = str(self.folder)
        with paused_gc(), open_index(self.index) as index:
            if is_refreshed or not index.is_whole(top):
                barred = [self.folder / name for name in (REFERENCES, *IMAGE_FOLDERS)]
                home = [] if self.index is None else [self.index.parent]
                try:
                    index.refresh(top, [*barred, *home])
                except OSError as error:
                    raise ArchiveError(
                        f"The archive {self.folder} cannot be read: {error}."
                    ) from error
            yield index


class _Listing:
    """Find the files of rootnames by an index, and in folders that changed since it was made."""

    def __init__(self, top: str, index: FolderIndex) -> None:
        self._top, self._index = top, index
        self._stamps: dict[str, str] = {}
        self._seen: dict[str, dict[str, list[tuple[str, str]]]] = {}

    def list_products(self, rootname: str) -> list[Product]:
        """Return the files of a rootname, or the folder of it that cannot be read."""
        found: dict[str, list[str]] = defaultdict(list)
        for folder, known in self._find_folders(rootname).items():
            try:
                for name, entry in self._find_files(folder, known, rootname):
                    found[name].append(f"{folder}/{entry}")
            except NOT_THERE:
                continue
            except OSError:
                fault = f"{folder} cannot be read: check its permissions and links."
                return [Product(rootname, "", folder, fault=fault)]
        return [_product(rootname, name, found[name]) for name in sorted(found)]

    def _find_folders(self, rootname: str) -> dict[str, list[Place]]:
        """Return the folders that can have files of a rootname, with those that are known."""
        folders: dict[str, list[Place]] = defaultdict(list)
        for place in self._index.find(exposure_of(rootname)):
            folders[place.folder].append(place)
        # In the layout of the public cache the path follows from the name.
        folders.setdefault(f"{self._top}/{rootname[:4]}/{rootname}", [])
        return folders

    def _find_files(
        self, folder: str, known: Sequence[Place], rootname: str
    ) -> Iterator[tuple[str, str]]:
        if known and known[0].stamp and known[0].stamp == self._find_stamp(folder):
            files = [(place.name, place.entry) for place in known]
        else:
            files = self._look(folder)[exposure_of(rootname)]
        return (file for file in files if _belongs_to(file[0], rootname))

    def _find_stamp(self, folder: str) -> str:
        if folder not in self._stamps:
            self._stamps[folder] = stamp_of(status_of(folder))
        return self._stamps[folder]

    def _look(self, folder: str) -> Mapping[str, list[tuple[str, str]]]:
        """Return the files in a folder as they are now, by exposure."""
        if folder not in self._seen:
            self._seen[folder] = defaultdict(list)
            for name, entry in read_folder(folder).files:
                self._seen[folder][exposure_of(name)].append((name, entry))
        return self._seen[folder]


def _belongs_to(name: str, rootname: str) -> bool:
    """Tell whether a file is of a rootname, or is the jitter file of its exposure."""
    return name[:9] == rootname or (name[8] == "j" and not rootname.endswith("j"))


def _product(rootname: str, name: str, paths: Sequence[str]) -> Product:
    path, copies = choose_copy(name[:9], paths)
    filename = path.rpartition("/")[2]
    try:
        status = status_of(path)
    except OSError:  # a link that leads nowhere, or in a circle: reading it will say so
        return Product(rootname, filename, path, None, rootname, copies=copies)
    unfit = find_obstacle(status)
    size = None if unfit else status.st_size
    return Product(rootname, filename, path, size, rootname, copies=copies, unfit=unfit)


def _open(product: Product) -> BinaryIO:
    try:
        return open_buffered(product.location)
    except LimitError as error:
        raise RetrievalError(f"{product.location} {error}.") from error
    except OSError as error:
        raise RetrievalError(f"{product.location} cannot be copied: {error.strerror}.") from error


def _day_of(time_s: float) -> date:
    return datetime.fromtimestamp(time_s, UTC).date()
