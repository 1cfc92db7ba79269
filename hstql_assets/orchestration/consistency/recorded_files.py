"""Hold files against the rows that name them: whether they are there, their sizes and checksums."""

import hashlib
import heapq
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

from hstql_assets.orchestration.consistency.disk_listing import Listing
from hstql_assets.orchestration.consistency.findings import (
    FILE_CLOSED,
    FILE_MISSING,
    WRONG_CHECKSUM,
    WRONG_SIZE,
    Finding,
)
from hstql_resources.fits.data_files import open_data_file
from hstql_resources.fits.limits import LimitError

FILES_PER_TASK = 100
Hashed = tuple[str | None, str | None]  # SHA-256, why there is none


@dataclass(frozen=True, slots=True)
class RecordedFile:
    """A file that a row names.

    Attributes
    ----------
    filename : str
        As the row has it: without folder, and without `.gz` where the table leaves it out.
    key : str
        The rootname, or the target of a composite.
    path : str
        Where the row says that it is.
    made_by : str
        The asset that makes it, such as `cos/raw_files`.
    size_bytes : int or None
        As recorded; None where the table does not.
    sha256 : str or None
        As recorded, hexadecimal; None where the table does not.
    is_made_here : bool
        Whether hstql, or a pipeline that it ran, made it of the archive's files.
    is_set_aside : bool
        Whether it was removed on purpose, for it can be fetched again.
    """

    filename: str
    key: str
    path: str
    made_by: str
    size_bytes: int | None = None
    sha256: str | None = None
    is_made_here: bool = False
    is_set_aside: bool = False


def find_missing_files(held: Iterable[RecordedFile], listing: Listing) -> list[Finding]:
    """Return the files that rows name and that are not on disk, or cannot be read.

    Returns
    -------
    list of Finding
        `FILE_MISSING` and `FILE_CLOSED`. Both can be tried again: the asset brings or makes the
        file once more, if it can.
    """
    findings = []
    for file in (one for one in held if not one.is_set_aside):
        folder, _, name = file.path.rpartition("/")
        if folder in listing.closed:
            kind, detail = FILE_CLOSED, f"Its folder cannot be read: {listing.closed[folder]}."
        elif name not in listing.sizes[folder]:
            kind, detail = FILE_MISSING, "A row names it, and it is not there."
        elif file.path in listing.locked:
            kind, detail = FILE_CLOSED, "There is no permission to read it."
        else:
            continue
        findings.append(
            Finding(kind, file.key, file.path, detail, can_heal=True, remade_by=file.made_by)
        )
    return findings


def find_wrong_sizes(held: Iterable[RecordedFile], listing: Listing) -> list[Finding]:
    """Return the files whose size is not that of their row; what is not there is left out."""
    findings = []
    for file in held:
        folder, _, name = file.path.rpartition("/")
        size = listing.sizes.get(folder, {}).get(name)
        if size is not None and file.size_bytes is not None and size != file.size_bytes:
            detail = f"It has {size} bytes, and had {file.size_bytes} when it was brought in."
            findings.append(Finding(WRONG_SIZE, file.key, file.path, detail, True, file.made_by))
    return findings


def choose_sample(
    held: Iterable[RecordedFile], files: int, size_bytes: int, seed: str
) -> list[RecordedFile]:
    """Return files for a look at their checksums: others for another seed.

    Parameters
    ----------
    held : iterable of RecordedFile
        The rows; those without a checksum, and what was set aside, are left out.
    files : int
        At most so many.
    size_bytes : int
        At most so many bytes together, but for the first file.
    seed : str
        What the choice depends on, such as the date.
    """
    known = (file for file in held if file.sha256 is not None and not file.is_set_aside)
    chosen: list[RecordedFile] = []
    total = 0
    for file in heapq.nsmallest(files, known, key=lambda one: _draw(seed, one.filename)):
        total += file.size_bytes or 0
        if chosen and total > size_bytes:
            break
        chosen.append(file)
    return chosen


def _draw(seed: str, filename: str) -> bytes:
    return hashlib.blake2b(f"{seed} {filename}".encode(), digest_size=8).digest()


def hash_file(path: str) -> Hashed:
    """Return the SHA-256 of a file in hexadecimal, and why there is none.

    A file that is not there has neither: that it is gone is told elsewhere.
    """
    try:
        with open_data_file(path) as file:
            return hashlib.file_digest(file, "sha256").hexdigest(), None
    except FileNotFoundError:
        return None, None
    except OSError as error:
        return None, str(error.strerror)
    except LimitError as error:
        return None, str(error)


def hash_files(workers: Executor, paths: Sequence[str]) -> dict[str, Hashed]:
    """Return what `hash_file` does for each path; many are shared among the workers."""
    if len(paths) <= FILES_PER_TASK:
        return dict(_hash_group(paths))
    groups = [paths[i : i + FILES_PER_TASK] for i in range(0, len(paths), FILES_PER_TASK)]
    futures = [workers.submit(_hash_group, group) for group in groups]
    return {path: hashed for future in futures for path, hashed in future.result()}


def _hash_group(paths: Sequence[str]) -> list[tuple[str, Hashed]]:
    return [(path, hash_file(path)) for path in paths]


def find_wrong_checksums(
    held: Sequence[RecordedFile], hashed: Mapping[str, Hashed]
) -> list[Finding]:
    """Return the files whose content is not that of their row."""
    findings = []
    for file in held:
        digest, error = hashed.get(file.path, (None, None))
        if error is not None:
            kind, detail = FILE_CLOSED, f"It cannot be read: {error}."
        elif digest is not None and digest != file.sha256:
            kind = WRONG_CHECKSUM
            detail = f"Its SHA-256 is {digest[:12]}..., and was {str(file.sha256)[:12]}..."
        else:
            continue
        findings.append(Finding(kind, file.key, file.path, detail, True, file.made_by))
    return findings
