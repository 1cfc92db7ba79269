"""Define what is examined, and where on disk its files are looked for."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hstql_assets.orchestration.consistency.disk_listing import DiskFile, walk_files
from hstql_assets.orchestration.consistency.orphan_files import instrument_of_file
from hstql_resources.archive.directory import DirectoryArchive

if TYPE_CHECKING:
    from hstql_resources.clients import Clients


@dataclass(frozen=True)
class ChecksumPlan:
    """How many checksums are looked at.

    Attributes
    ----------
    is_everything : bool
        All; then the other two do not count.
    files : int
        At most so many files, others every day.
    size_bytes : int
        At most so many bytes together.
    """

    is_everything: bool = False
    files: int = 0
    size_bytes: int = 0


@dataclass(frozen=True)
class Scope:
    """What is examined.

    Attributes
    ----------
    clients : Clients
        Archive, tables and disk.
    instrument : str
        Such as `cos`.
    registered : sequence of str
        Its partition keys.
    checksums : ChecksumPlan
        How many to look at.
    """

    clients: "Clients"
    instrument: str
    registered: Sequence[str]
    checksums: ChecksumPlan = ChecksumPlan()

    @property
    def home(self) -> str:
        """`HSTQL_HOME`."""
        return str(self.clients.filesystem.home)

    @property
    def archive_folder(self) -> Path | None:
        """The folder of a directory archive; None of any other."""
        archive = self.clients.archive
        return archive.folder if isinstance(archive, DirectoryArchive) else None


def walk_home(scope: Scope, folders: Sequence[str]) -> Iterator[DiskFile]:
    """Yield the files of an instrument in folders under `HSTQL_HOME`, none of an archive."""
    archive = scope.archive_folder
    for folder in folders:
        top = scope.clients.filesystem.home / folder
        if archive is not None and top.is_relative_to(archive):
            continue
        skip = () if archive is None else (str(archive),)
        if folder == "files":
            yield from walk_files(
                str(top), lambda name: instrument_of_file(name) == scope.instrument, skip
            )
        else:
            found = walk_files(str(top), skip=skip)
            yield from (file for file in found
                        if instrument_of_file(file.name) == scope.instrument)  # fmt: skip


def _is_mine(scope: Scope, name: str) -> bool:
    """Tell whether a folder of a mirror has observations of the instrument."""
    return len(name) == 4 and instrument_of_file(name) == scope.instrument


def walk_mirror(scope: Scope) -> Iterator[DiskFile]:
    """Yield the files of an instrument in the folder of the archive, if it is one."""
    if scope.archive_folder is not None:
        yield from walk_files(str(scope.archive_folder), lambda name: _is_mine(scope, name))
