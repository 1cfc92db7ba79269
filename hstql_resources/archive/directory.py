"""Serve a mirror on disk as an archive: `<first4>/<rootname>/<file>.fits[.gz]`.

It is read in place, or copied. Nothing in it is ever written, moved, deleted or given
other permissions.
"""

import gzip
import logging
import os
import shutil
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import BinaryIO

from hstql_resources.archive.protocol import (
    ArchiveError,
    Dataset,
    Product,
    Proposal,
    RetrievalError,
    Search,
)
from hstql_resources.filenames import exposure_of, instrument_of, is_rootname, parse_filename

_log = logging.getLogger(__name__)

COPY_BYTES = 1 << 20
REFERENCES = "references"
IMAGE_FOLDERS = ("cci", "CCI")


@dataclass(frozen=True)
class DirectoryArchive:
    """Files of HST on disk, laid out like MAST's public cache.

    What its methods take, return and raise is said in `protocol`.

    Attributes
    ----------
    folder : Path
        The folder with the `<first4>` folders.
    in_place : bool
        Whether the files are used where they lie; else they are copied.
    """

    folder: Path
    in_place: bool = True
    name: str = "directory"
    is_remote: bool = False

    def find_rootnames(self, instrument: str, since: date | None = None) -> list[str]:
        """Return the rootnames of an instrument, sorted.

        Parameters
        ----------
        instrument : str
            Such as `cos`.
        since : date, optional
            Only folders changed on that day or later: a folder has no other date.

        Raises
        ------
        ArchiveError
            If the archive's folder itself cannot be read.
        """
        folders = {
            entry.name: entry
            for entry in self._observation_folders()
            if instrument_of(entry.name) == instrument
        }
        with_data = {exposure_of(name) for name in folders if not name.endswith("j")}
        return sorted(
            name
            for name, entry in folders.items()
            if not (name.endswith("j") and exposure_of(name) in with_data)
            and (since is None or _changed(entry) >= since)
        )

    def find_datasets(self, search: Search) -> list[Dataset]:
        """Return the data sets of a search; a folder's date is when it was last changed.

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
            Dataset(name)
            for name in self.find_rootnames(search.instrument, since)
            if not search.rootnames or name in search.rootnames
        ]

    def list_products(self, rootnames: Sequence[str]) -> dict[str, list[Product]]:
        """Return the files of each rootname, one per name: the plain file before its .gz.

        A rootname whose folder is not there has none. A folder that cannot be read stands
        there as one product without a file name.
        """
        return {rootname: self._products_of(rootname) for rootname in rootnames}

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
        for name, opener in ((filename, open), (f"{filename}.gz", gzip.open)):
            path = self.folder / REFERENCES / name
            try:
                source = opener(path, "rb")
            except OSError as error:
                if not isinstance(error, FileNotFoundError):
                    _log.warning("%s is left out: %s", path, error.strerror)
                continue
            with source, (folder / filename).open("wb") as copy:
                try:
                    shutil.copyfileobj(source, copy, COPY_BYTES)
                except (EOFError, zlib.error, gzip.BadGzipFile) as error:
                    _log.warning("%s is left out: %s", path, error)
                    continue
            return True
        return False

    def find_cumulative_images(self) -> list[Path]:
        """Return the CCI files in the archive's folder `cci` or `CCI`, the plain before its .gz."""
        folders = [self.folder / name for name in IMAGE_FOLDERS]
        found: dict[str, Path] = {}
        for path in sorted(path for folder in folders for path in folder.glob("*_cci.fits*")):
            if path.name.removesuffix(".gz").endswith(".fits"):
                found.setdefault(path.name.removesuffix(".gz"), path)
        return [found[name] for name in sorted(found)]

    def _observation_folders(self) -> Iterator["os.DirEntry[str]"]:
        try:
            groups = [entry for entry in os.scandir(self.folder) if len(entry.name) == 4]
        except OSError as error:
            raise ArchiveError(f"The archive {self.folder} cannot be read: {error}.") from error
        for group in groups:
            try:
                entries = _list_folder(group.path)
            except OSError as error:
                _log.warning("%s is left out: %s", group.path, error.strerror)
                continue
            for entry in entries:
                if is_rootname(entry.name) and entry.name.startswith(group.name):
                    yield entry

    def _products_of(self, rootname: str) -> list[Product]:
        names = [rootname]
        if not rootname.endswith("j"):
            names.append(exposure_of(rootname) + "j")
        found: dict[str, Product] = {}
        for name in names:
            folder = str(self.folder / rootname[:4] / name)
            try:
                entries = _list_folder(folder)
            except OSError:
                fault = f"{folder} cannot be read: check its permissions and links."
                return [Product(rootname, "", folder, fault=fault)]
            for entry in entries:
                parsed = parse_filename(entry.name)
                if parsed is None or (parsed.name in found and entry.name.endswith(".gz")):
                    continue
                found[parsed.name] = _product(rootname, entry)
        return [found[name] for name in sorted(found)]


def _product(rootname: str, entry: "os.DirEntry[str]") -> Product:
    try:
        size = entry.stat().st_size
    except OSError:  # a link that leads nowhere, or in a circle: reading it will say so
        size = None
    return Product(rootname, entry.name, entry.path, size)


def _open(product: Product) -> BinaryIO:
    try:
        return Path(product.location).open("rb")
    except OSError as error:
        raise RetrievalError(f"{product.location} cannot be copied: {error.strerror}.") from error


def _list_folder(folder: str) -> list["os.DirEntry[str]"]:
    """Return what is in a folder, sorted; nothing if there is no such folder."""
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except (FileNotFoundError, NotADirectoryError):
        return []


def _changed(entry: "os.DirEntry[str]") -> date:
    try:
        metadata = entry.stat()
        # The second, for copies can keep the dates of their originals.
        return datetime.fromtimestamp(max(metadata.st_mtime, metadata.st_ctime), UTC).date()
    except OSError:
        return date.min
