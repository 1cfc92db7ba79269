"""Write a file while it is fetched: `<name>.part`, checked, and given its name at the end.

Every failure of the disk leaves here as a `AttemptError` of that file.
"""

import contextlib
import os
from collections.abc import Iterator
from types import TracebackType
from typing import BinaryIO, Self

from hstql_resources.downloads.download import Download
from hstql_resources.downloads.failures import AttemptError, describe_disk
from hstql_resources.downloads.resuming import Partial
from hstql_resources.fits.structure import find_fits_fault


class PartFile:
    """A context manager that leaves no `.part` behind.

    Attributes
    ----------
    size_bytes : int
        What is there of the file.
    partial : Partial, optional
        What an answer has to prove to go on from there; None if nothing could.
    """

    def __init__(self, download: Download) -> None:
        self._download = download
        self._file: BinaryIO | None = None
        self.size_bytes = 0
        self.partial: Partial | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._file is not None:
            with contextlib.suppress(OSError):
                self._file.close()
            with contextlib.suppress(OSError):
                self._download.part.unlink()

    def restart(self, partial: Partial | None = None) -> None:
        """Begin with an empty file, and with what is now known of the whole."""
        with _disk_failures():
            if self._file is None:
                # Exclusively: a link of that name must not lead the bytes elsewhere.
                self._download.part.unlink(missing_ok=True)
                self._file = self._download.part.open("xb", buffering=0)
            elif self.size_bytes:
                self._file.seek(0)
                self._file.truncate()
        self.size_bytes, self.partial = 0, partial

    def write(self, data: bytes) -> None:
        """Add bytes at the end."""
        rest = memoryview(data)
        with _disk_failures():
            while rest and self._file is not None:
                written = self._file.write(rest)
                rest = rest[written:]
        self.size_bytes += len(data)

    def finish(self) -> None:
        """Check the whole file, set its modification time and give it its final name.

        Raises
        ------
        AttemptError
            A passing one if it is not what it should be: it may have come damaged.
        """
        download = self._download
        with _disk_failures():
            if self._file is not None:
                self._file.close()
            fault = self._find_fault()
            if fault is None:
                if download.modified_at is not None:
                    at = download.modified_at.timestamp()
                    os.utime(download.part, (at, at))
                download.part.replace(download.path)
                self._file = None
                return
            self._file = download.part.open("r+b", buffering=0)
        raise AttemptError(fault, is_passing=True)

    def _find_fault(self) -> str | None:
        promised = self._download.size_bytes
        if promised is not None and self.size_bytes != promised:
            return describe_size(self.size_bytes, promised)
        if not self._download.is_fits:
            return None
        is_gzipped = self._download.path.name.endswith(".gz")
        return find_fits_fault(self._download.part, is_gzipped=is_gzipped)


def describe_size(size: int, promised: int) -> str:
    """Return the fault of a file of the wrong size, which continues `<file> `."""
    return (
        f"has {size:,} bytes where the archive's list promises {promised:,}: it came damaged, or "
        "it is another version; look for its observation again"
    )


@contextlib.contextmanager
def _disk_failures() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise describe_disk(error) from None
