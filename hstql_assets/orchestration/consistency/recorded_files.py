"""Hold files as rows name them: the shape that all comparisons share."""

from collections.abc import Iterable
from dataclasses import dataclass

from hstql_assets.orchestration.consistency.disk_listing import Listing
from hstql_assets.orchestration.consistency.findings import FILE_CLOSED, FILE_MISSING, Finding


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
    """

    filename: str
    key: str
    path: str
    made_by: str
    size_bytes: int | None = None
    sha256: str | None = None
    is_made_here: bool = False


def find_missing_files(held: Iterable[RecordedFile], listing: Listing) -> list[Finding]:
    """Return the files that rows name and that are not on disk, or cannot be read.

    Returns
    -------
    list of Finding
        `FILE_MISSING` and `FILE_CLOSED`. Both can be tried again: the asset brings or makes the
        file once more, if it can.
    """
    findings = []
    for file in held:
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
