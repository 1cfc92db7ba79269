"""Record the decisions of a batch in one transaction."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType
from typing import cast

from sqlalchemy import Table, Text, and_, any_, literal, not_, select
from sqlalchemy.dialects.postgresql import ARRAY

from hstql_assets.batching.attempts import Attempts, write_attempts
from hstql_assets.batching.outcomes import Outcome, Rows
from hstql_assets.batching.ownership import OwnedTable
from hstql_resources import tables
from hstql_resources.filenames import stored_name
from hstql_resources.postgres.database import Database, Writer


def record_batch(
    database: Database,
    asset: str,
    outcomes: Sequence[Outcome],
    owned: Sequence[OwnedTable],
    also: Callable[[Writer, Sequence[Outcome]], None] | None = None,
    before: Attempts = MappingProxyType({}),
) -> None:
    """Record all decisions of a batch in one transaction, in a fixed number of statements.

    Rows that these keys had in the asset's own tables, and have no longer, are removed; those of
    a key that is not settled stay.

    Parameters
    ----------
    database : Database
        Where to.
    asset : str
        Name of the asset, such as `cos/lightcurves`.
    outcomes : sequence of Outcome
        One per key.
    owned : sequence of OwnedTable
        The tables that the outcomes have rows for.
    also : callable, optional
        What else the asset writes in this transaction, such as the payload of the outcomes. Called
        again if the transaction has to be repeated.
    before : mapping of str to Attempt
        The vain attempts at these keys before.
    """
    now = datetime.now(UTC)
    refuse_unknown_tables([outcome.rows for outcome in outcomes])

    def record(writer: Writer) -> None:
        for table in owned:
            rows = list(_rows_of(table, outcomes))
            _replace_rows(writer, table, _stale_keys(table, outcomes), rows)
        if also is not None:
            also(writer, outcomes)
        bad_data = OwnedTable(tables.BadData, "rootname", tables.BadData.step == asset)
        bad_rows = _bad_data_rows(asset, outcomes, now)
        unclaimed = _unclaimed(writer, asset, bad_rows)
        _replace_rows(writer, bad_data, _stale_keys(bad_data, outcomes), unclaimed)
        for is_unchanged, kept in ((False, ()), (True, ("changed_at",))):
            decided = [one for one in outcomes
                       if one.status != "waiting" and one.is_unchanged == is_unchanged]  # fmt: skip
            writer.upsert(tables.Outcome, _outcome_rows(asset, decided, now), keep=kept)
        write_attempts(writer, asset, outcomes, before)

    database.transact(record)


def refuse_unknown_tables(found: Iterable[Rows]) -> None:
    """Raise ValueError if rows are for a table that there is not: they would be lost."""
    known = tables.Base.metadata.tables
    if unknown := {name for rows in found for name in rows if name not in known}:
        raise ValueError(f"There are rows, but no table, of the name {unknown.pop()}.")


def _rows_of(owned: OwnedTable, outcomes: Sequence[Outcome]) -> Iterator[Mapping[str, object]]:
    """Yield the rows for a table, with the remarks of their outcome unless they have their own."""
    takes_remarks = "remarks" in owned.model.__table__.columns and not owned.is_shared
    for outcome in outcomes:
        for row in outcome.rows.get(owned.name, ()):
            yield {"remarks": outcome.remark, **row} if takes_remarks else row


def _stale_keys(owned: OwnedTable, outcomes: Sequence[Outcome]) -> list[str]:
    """Return the keys whose rows go, unless they are written anew."""
    return [
        outcome.key
        for outcome in outcomes
        if outcome.is_settled and not (owned.outlives_bad and outcome.status == "bad")
    ]


def _outcome_rows(
    asset: str, outcomes: Sequence[Outcome], now: datetime
) -> list[dict[str, object]]:
    return [
        {
            "asset": asset,
            "key": outcome.key,
            "status": outcome.status,
            "reason": outcome.reason,
            "remarks": outcome.remark,
            "selection": outcome.selection,
            "decided_at": now,
            "changed_at": now,
        }
        for outcome in outcomes
    ]


def _replace_rows(
    writer: Writer, owned: OwnedTable, keys: Sequence[str], rows: Sequence[Mapping[str, object]]
) -> None:
    if owned.is_shared:
        writer.update(owned.model, rows)
        return
    table = cast("Table", owned.model.__table__)
    key_column = table.c[owned.key_column]
    stale = key_column == any_(literal(list(keys), ARRAY(key_column.type)))
    if owned.only is not None:
        stale = and_(stale, owned.only)
    primary, *others = table.primary_key.columns
    if others:
        writer.execute(table.delete().where(stale))
    writer.upsert(owned.model, rows, keep=owned.keep)
    if not others:
        names = literal([row[primary.name] for row in rows], ARRAY(primary.type))
        writer.execute(table.delete().where(stale, not_(primary == any_(names))))


def _unclaimed(
    writer: Writer, asset: str, rows: Sequence[Mapping[str, object]]
) -> Sequence[Mapping[str, object]]:
    """Leave out the files that another step has found bad: who found it first keeps the row."""
    if not rows:
        return rows
    bad = tables.BadData
    names = literal([str(row["filename"]) for row in rows], ARRAY(Text))
    statement = select(bad.filename).where(bad.filename == any_(names), bad.step != asset)
    claimed = set(writer.connection.execute(statement).scalars())
    return [row for row in rows if row["filename"] not in claimed]


def _bad_data_rows(
    asset: str, outcomes: Sequence[Outcome], now: datetime
) -> list[dict[str, object]]:
    return [
        {
            "filename": stored_name(bad.filename),
            "rootname": outcome.key,
            "reason": bad.reason,
            "detail": bad.detail,
            "step": asset,
            "ingest_date": now,
        }
        for outcome in outcomes
        for bad in outcome.bad_files
    ]
