"""The old way from headers to tables: astropy, a class per table, a merge and a commit per row.

This is what acsql does, without what it does beyond need: it also makes an engine and reads the
shape of the table from the database for each row, and counts before it inserts. The tables and the
types of their columns are known beforehand, as acsql has them in its definition files.
"""

import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from astropy.io import fits
from sqlalchemy import BigInteger, Boolean, Column, Date, Double, Text, create_engine
from sqlalchemy.orm import DeclarativeBase, Session

LEFT_OUT = {"HISTORY", "COMMENT", "", "ROOTNAME", "FILENAME"}
TYPES = {bool: Boolean, int: BigInteger, float: Double, str: Text}


class OldTables(DeclarativeBase):
    """The tables of the old way."""


class Master(OldTables):
    """One row per exposure."""

    __tablename__ = "master"
    rootname = Column(Text, primary_key=True)
    path = Column(Text, nullable=False)
    first_ingest_date = Column(Date, nullable=False)
    last_ingest_date = Column(Date, nullable=False)
    detector = Column(Text, nullable=False)
    proposal_type = Column(Text)


class Datasets(OldTables):
    """Which files there are of an exposure."""

    __tablename__ = "datasets"
    rootname = Column(Text, primary_key=True)
    raw = Column(Text)
    flt = Column(Text)
    flc = Column(Text)


def define_tables(paths: Iterable[Path]) -> dict[str, type[OldTables]]:
    """Return a class for each table, with a column for every keyword that these files have."""
    kinds: dict[str, dict[str, set[type]]] = defaultdict(lambda: defaultdict(set))
    for path in paths:
        with fits.open(path) as hdus:
            for number, hdu in enumerate(hdus):
                for keyword, value in read_values(hdu.header).items():
                    kinds[name_table(hdus[0].header, path, number)][keyword].add(type(value))
    return {name: _define(name, columns) for name, columns in kinds.items()}


def _define(name: str, columns: dict[str, set[type]]) -> type[OldTables]:
    members: dict[str, Any] = {
        "__tablename__": name,
        "rootname": Column(Text, primary_key=True),
        "filename": Column(Text, unique=True, nullable=False),
    }
    for keyword, found in columns.items():
        kind = next(iter(found)) if len(found) == 1 else str
        members[keyword] = Column(keyword, TYPES.get(kind, Text))
    return type(name, (OldTables,), members)


def name_table(primary: fits.Header, path: Path, number: int) -> str:
    """Return `wfc_flt_1` and the like."""
    return f"{primary['DETECTOR'].lower()}_{path.stem.split('_')[1]}_{number}"


def read_values(header: fits.Header) -> dict[str, object]:
    """Return the values that have a column, by its name."""
    return {
        keyword.lower().replace("-", "_"): value
        for keyword, value in header.items()
        if keyword not in LEFT_OUT and not isinstance(value, fits.card.Undefined)
    }


def ingest(url: str, paths: Sequence[Path], known: Sequence[Path]) -> tuple[float, int]:
    """Bring files into the tables one row at a time.

    Parameters
    ----------
    url : str
        Of an empty database.
    paths : sequence of Path
        The files, one per exposure.
    known : sequence of Path
        The files that the definitions of the tables are read from, which is not timed.

    Returns
    -------
    seconds : float
    rows : int
    """
    tables = define_tables(known)
    engine = create_engine(url)
    OldTables.metadata.create_all(engine)
    rows = 0
    start = time.perf_counter()
    with Session(engine) as session:
        for path in paths:
            rows += _ingest_file(session, tables, path)
    seconds = time.perf_counter() - start
    engine.dispose()
    return seconds, rows


def _ingest_file(session: Session, tables: dict[str, type[OldTables]], path: Path) -> int:
    primary = fits.getheader(path, 0)
    with fits.open(path) as hdus:
        extensions = len(hdus)
    rootname, filetype = path.stem.split("_")
    today = datetime.now(UTC).date()
    _merge(session, Master(rootname=rootname, path=str(path.parent), first_ingest_date=today,
                           last_ingest_date=today, detector=primary["DETECTOR"]))  # fmt: skip
    for number in range(extensions):
        header = fits.getheader(path, number)
        table = tables[name_table(primary, path, number)]
        values = {
            name: str(value) if isinstance(table.__table__.c[name].type, Text) else value
            for name, value in read_values(header).items()
        }
        _merge(session, table(rootname=rootname, filename=path.name, **values))
    _merge(session, Datasets(rootname=rootname, **{filetype: path.name}))
    return extensions + 2


def _merge(session: Session, row: OldTables) -> None:
    session.merge(row)
    session.commit()
