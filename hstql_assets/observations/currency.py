"""Tell whether a file that is here still is what the archive lists."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from hstql_assets.batching.input_files import ARCHIVE
from hstql_resources.archive import Product
from hstql_resources.fits.data_files import find_obstacle, sha256_of


@dataclass(frozen=True)
class HeldFile:
    """A file that was brought in or made before, as its row has it.

    Attributes
    ----------
    path : Path
        Where it was put.
    sha256 : str or None
        Of what was put there.
    archived_at : datetime or None
        When the archive had last taken in its data set, UTC.
    origin : str or None
        Where it came from: `archive`, or the pipeline that made it here.
    """

    path: Path
    sha256: str | None = None
    archived_at: datetime | None = None
    origin: str | None = None

    @property
    def is_made_here(self) -> bool:
        """Whether it did not come from the archive."""
        return self.origin not in (None, ARCHIVE)


def is_current(product: Product, path: Path, held: HeldFile | None) -> bool:
    """Return whether a file on disk is what the archive lists, so that it need not be fetched.

    Its size has to be that of the list. It is known either by its row, whose date has to be that of
    the list and whose checksum that of the file; or, where a run was killed before it wrote the
    row, by the date that every fetched file is given. A file that a pipeline made here is never it,
    though it often has the same name and size.

    Parameters
    ----------
    product : Product
        As listed.
    path : Path
        Where it would be put.
    held : HeldFile or None
        Its row, if there is one.
    """
    try:
        metadata = path.stat()
    except OSError:
        return False
    if find_obstacle(metadata) is not None:
        return False
    if product.size_bytes is not None and metadata.st_size != product.size_bytes:
        return False
    if held is not None and held.path == path and held.sha256 is not None:
        if held.is_made_here or held.archived_at != product.archived_at:
            return False
        return sha256_of(path) == held.sha256
    return (
        product.size_bytes is not None
        and product.archived_at is not None
        and metadata.st_mtime == product.archived_at.timestamp()
    )
