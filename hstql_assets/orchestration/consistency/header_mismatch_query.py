"""Ask the header tables which headers do not plainly agree with the name of their file.

The tables are asked, not the files: that costs few queries, and they are what every later query
believes. That a file has changed since it was read, its size and checksum tell.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select, Text, cast, func, literal, null, or_, select, text, union_all
from sqlalchemy import column as sql_column
from sqlalchemy import table as sql_table

from hstql_assets.orchestration.consistency.header_mismatch import NamedHeader, Programmed
from hstql_resources import tables
from hstql_resources.filenames import letter_of
from hstql_resources.postgres.database import Database

# Column of a header table, by the attribute of NamedHeader that it fills.
HEADER_COLUMNS = {
    "rootname": "kw_rootname",
    "header_filename": "kw_filename",
    "instrument": "instrume",
    "detector": "detector",
    "proposal": "proposid",
}


def read_mismatched_headers(database: Database, instrument: str) -> list[NamedHeader]:
    """Return the primary headers that do not plainly agree with name, folder and observation.

    What of them is harmless is decided by `header_mismatch`.
    """
    columns = _read_primary_columns(database, instrument)
    suspects = _read_misfiled(database, instrument)
    if columns:
        statement = union_all(
            *(_select_mismatched(name, found, instrument) for name, found in columns.items())
        )
        for row in database.read(statement):
            suspects[row.filename] = NamedHeader(**row._mapping)
    return list(suspects.values())


def _read_primary_columns(database: Database, instrument: str) -> Mapping[str, set[str]]:
    """Return the tables of primary headers of an instrument, and which columns they have."""
    statement = text(
        "SELECT class.relname, attribute.attname FROM pg_inherits "
        "JOIN pg_class AS class ON class.oid = inhrelid "
        "JOIN pg_attribute AS attribute ON attribute.attrelid = class.oid "
        "WHERE inhparent = 'headers'::regclass AND attribute.attnum > 0 "
        r"AND NOT attribute.attisdropped AND class.relname LIKE :prefix || '\_%\_primary'"
    ).bindparams(prefix=instrument)
    found: dict[str, set[str]] = defaultdict(set)
    for row in database.read(statement):
        found[str(row[0])].add(str(row[1]))
    return found


def _select_mismatched(name: str, columns: set[str], instrument: str) -> Select[Any]:
    """Return the select of the headers of one table in which anything is not as plain as can be."""
    header = sql_table(name, *(sql_column(column) for column in sorted(columns)))
    observation, file = tables.Observation, tables.File
    said = {
        attribute: cast(header.c[column], Text) if column in columns else cast(null(), Text)
        for attribute, column in HEADER_COLUMNS.items()
    }
    plain = {
        "rootname": header.c.rootname,
        "header_filename": header.c.filename,
        "instrument": literal(instrument),
        "detector": func.lower(observation.detector),
        "proposal": cast(observation.proposal_id, Text),
    }
    return (
        select(
            header.c.filename,
            header.c.rootname.label("key"),
            *(value.label(attribute) for attribute, value in said.items()),
            observation.detector.label("known_detector"),
            cast(observation.proposal_id, Text).label("known_proposal"),
            func.coalesce(file.path, "").label("path"),
        )
        .select_from(header)
        .join(observation, observation.rootname == header.c.rootname)
        .outerjoin(file, file.filename == header.c.filename)
        .where(
            header.c.ext == 0,  # an extension may be called PRIMARY, too
            or_(*(func.lower(func.trim(value)) != plain[name] for name, value in said.items())),
        )
    )


def _read_misfiled(database: Database, instrument: str) -> dict[str, NamedHeader]:
    """Return the files in the folder of another rootname, also those without a header table."""
    file = tables.File
    statement = select(file.filename, file.rootname, file.path).where(
        file.rootname.startswith(letter_of(instrument)),
        func.left(file.filename, 8) != func.left(file.rootname, 8),
    )
    return {
        row.filename: NamedHeader(row.filename, row.rootname, path=row.path)
        for row in database.read(statement)
    }


def read_split_programs(database: Database, instrument: str) -> list[Programmed]:
    """Return the observations of programs that have more than one proposal."""
    observation = tables.Observation
    program = func.left(observation.rootname, 4)
    mine = (observation.instrument == instrument, observation.proposal_id.is_not(None))
    split = (
        select(program)
        .where(*mine)
        .group_by(program)
        .having(func.min(observation.proposal_id) != func.max(observation.proposal_id))
    )
    statement = select(observation.rootname, observation.proposal_id, observation.path).where(
        *mine, program.in_(split)
    )
    return [
        Programmed(row.rootname, row.proposal_id, row.path or "")
        for row in database.read(statement)
    ]
