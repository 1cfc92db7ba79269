"""Send many files as one zip, as they are read: nothing of it is ever whole in memory or on disk.

Files are stored as they are, for most are packed or noise. Last comes the list of all of them, with
sizes and SHA-256 as they were sent, and with what is missing and why.
"""

import csv
import hashlib
import io
import zipfile
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

MANIFEST = "MANIFEST.csv"
_HEAD = ("name", "rootname", "size_bytes", "sha256", "note")
_BLOCK = 1 << 20  # bytes
_EARLIEST = (1980, 1, 1, 0, 0, 0)  # a zip knows no time before
_MODE = 0o644 << 16


class Entry(NamedTuple):
    """A file that goes into an archive.

    Attributes
    ----------
    name : str
        In the archive.
    rootname : str
        The exposure that it is of; empty if of several.
    path : Path
        Where it is.
    note : str
        Why it is not there, if that is known beforehand; empty else.
    """

    name: str
    rootname: str
    path: Path
    note: str = ""


class _Written(io.RawIOBase):
    """Takes what a zip writes; it is not sought in, as what was sent is gone."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, content: bytes) -> int:  # type: ignore[override]
        self._parts.append(bytes(content))
        return len(content)

    def take(self) -> bytes:
        """Return what was written since the last time."""
        content, self._parts = b"".join(self._parts), []
        return content


def stream_zip(entries: Iterable[Entry]) -> Iterator[bytes]:
    """Yield the bytes of a zip with some files and a list of them."""
    written, rows = _Written(), io.StringIO()
    manifest = csv.writer(rows)
    manifest.writerow(_HEAD)
    with zipfile.ZipFile(written, "w", zipfile.ZIP_STORED) as archive:
        for entry in entries:
            digest, size, note = hashlib.sha256(), 0, entry.note
            try:
                for block in () if note else _read(entry.path, archive, entry.name):
                    digest.update(block)
                    size += len(block)
                    yield written.take()
            except FileNotFoundError:
                note = "It is not on the disk any more."
            except OSError as error:
                note = f"It cannot be read: {error.strerror or 'input or output error'}."
                note += f" The first {size} bytes are here." if size else ""
            yield written.take()
            sums = ("", "") if note and not size else (size, digest.hexdigest())
            manifest.writerow((entry.name, entry.rootname, *sums, note))
        about = zipfile.ZipInfo(MANIFEST, datetime.now(UTC).timetuple()[:6])
        about.external_attr = _MODE
        archive.writestr(about, rows.getvalue())
    yield written.take()


def _read(path: Path, archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    """Put a file into an archive block by block, and yield each block when it is there."""
    with path.open("rb") as file:
        changed = datetime.fromtimestamp(path.stat().st_mtime, UTC).timetuple()[:6]
        about = zipfile.ZipInfo(name, max(changed, _EARLIEST))
        about.external_attr = _MODE
        with archive.open(about, "w", force_zip64=True) as member:
            while block := file.read(_BLOCK):
                member.write(block)
                yield block
