"""What a loopback MAST holds: data sets as its search tells them, and their lists of products."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

LONG_AGO = datetime(2016, 1, 1, tzinfo=UTC)


@dataclass
class LoopDataset:
    """One data set: an association with its members' files, or an exposure.

    Attributes
    ----------
    name : str
        Rootname; MAST has it in upper case.
    instrument : str
        `cos`, `stis`, `acs` or `wfc3`.
    files : dict of str to bytes or Path
        By file name. The members of an association are in the names of its files only.
    released_at, archived_at : datetime or str
        A text is sent as it is.
    columns : dict
        Any column of the search, instead of what the others say.
    sizes : dict of str to int
        Sizes that the list tells falsely.
    products : list of dict
        Rows that the list has besides, as they are.
    """

    name: str
    instrument: str = "cos"
    files: dict[str, bytes | Path] = field(default_factory=dict)
    released_at: datetime | str | None = LONG_AGO
    archived_at: datetime | str | None = LONG_AGO
    is_public: bool = True
    proposal_id: int = 12345
    target: str = "NGC-1068"
    mode: str = "TIME-TAG"
    aec: str = "S"
    columns: dict[str, object] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    products: list[dict[str, object]] = field(default_factory=list)

    def row(self) -> dict[str, object]:
        """Return what the search tells of it; texts are padded to the width of their column."""
        return {
            "sci_data_set_name": self.name.upper(),
            "sci_instrume": f"{self.instrument.upper():6}",
            "sci_targname": f"{self.target:30}",
            "sci_operating_mode": f"{self.mode:10}",
            "sci_pep_id": self.proposal_id,
            "sci_aec": self.aec,
            "sci_status": "PUBLIC" if self.is_public else "PROPRIETARY",
            "sci_release_date": _write_date(self.released_at),
            "sci_archive_date": _write_date(self.archived_at),
        } | self.columns

    def list_products(self) -> list[dict[str, object]]:
        """Return what the list of products tells of it."""
        return [self._product(name, body) for name, body in self.files.items()] + self.products

    def _product(self, filename: str, body: bytes | Path) -> dict[str, object]:
        name = self.name.upper()
        size = body.stat().st_size if isinstance(body, Path) else len(body)
        return {
            "product_key": f"{name}_{filename}",
            "access": "PUBLIC" if self.is_public else "PROPRIETARY",
            "dataset": name,
            "instrument_name": f"{self.instrument.upper():6}",
            "filename": filename,
            "uri": f"{name}/{filename}",
            "file_suffix": filename.partition("_")[2].partition(".")[0].upper(),
            "category": "UNCALIBRATED",
            "size": self.sizes.get(filename, size),
            "type": "science",
        }


@dataclass(frozen=True)
class LoopProposal:
    """What the archive tells of a proposal."""

    title: str | None
    investigator: str | None
    proposal_type: str | None


def _write_date(value: datetime | str | None) -> str | None:
    """Write a date as MAST does: without a zone, with a fraction only if there is one."""
    if not isinstance(value, datetime):
        return value
    return value.astimezone(UTC).replace(tzinfo=None).isoformat()
