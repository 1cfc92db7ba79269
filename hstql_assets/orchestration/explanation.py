"""Explain in plain sentences what there is of one exposure or target.

What is known of it, what the archive lists and what is here, what every asset decided about it and
why, and where its files are. Written from the tables alone.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, func, select

from hstql_assets.batching.asset_nodes import AssetNode
from hstql_assets.batching.ownership import OwnedTable
from hstql_resources import tables
from hstql_resources.postgres.database import Database

SHOWN_NAMES = 20


def explain_exposure(database: Database, nodes: Sequence[AssetNode], rootname: str) -> list[str]:
    """Return what there is of an exposure or association, in lines.

    Parameters
    ----------
    database : Database
    nodes : sequence of AssetNode
        The assets whose partition sets hold the key, upstream before downstream.
    rootname : str
        A registered key.
    """
    return [
        *_describe_observation(database, rootname),
        *_describe_files(database, rootname),
        *_describe_bad_files(database, rootname),
        *_describe_decisions(database, nodes, rootname),
        *_describe_membership(database, rootname),
        *_describe_paths(database, nodes, rootname),
    ]


def explain_target(database: Database, nodes: Sequence[AssetNode], target: str) -> list[str]:
    """Return what there is of a target, in lines; parameters as of `explain_exposure`."""
    return [
        *_describe_composites(database, target),
        *_describe_decisions(database, nodes, target),
        *_describe_paths(database, nodes, target),
    ]


def _describe_observation(database: Database, rootname: str) -> Iterator[str]:
    found = database.read(
        select(tables.Observation.__table__).where(tables.Observation.rootname == rootname)
    )
    if not found:
        yield f"{rootname}: nothing is known of it yet; its headers have not been read."
        return
    row = found[0]
    mode = [row.opt_elem or row.filter, row.cenwave, row.aperture, row.obs_mode]
    words = [f"{rootname}: {row.instrument} {row.detector}", *map(str, filter(None, mode))]
    if row.target_name:
        words.append(f"of {row.target_name}")
    sentence = " ".join(words)
    if row.exp_time_s is not None:
        sentence += f", {row.exp_time_s:g} s"
    if row.exp_start_mjd is not None:
        sentence += f" from MJD {row.exp_start_mjd:.6f} UTC"
    if row.proposal_id is not None:
        sentence += f"; proposal {row.proposal_id}, visit {row.visit}"
    yield f"{sentence}."
    if row.association:
        yield f"Its association is {row.association}."


def _describe_files(database: Database, rootname: str) -> Iterator[str]:
    file, product = tables.File, tables.Product
    here = database.read(
        select(
            file.filename,
            file.set_aside_at,
            func.regexp_replace(file.path, "/[^/]*$", "").label("at"),
        )
        .where(file.rootname == rootname)
        .order_by(file.filename)
    )
    if not here:
        yield "None of its files is here."
    away = [row.filename for row in here if row.set_aside_at is not None]
    here = [row for row in here if row.set_aside_at is None]
    for folder in dict.fromkeys(row.at for row in here):
        yield f"Files in {folder}: {_name([row.filename for row in here if row.at == folder])}."
    if away:
        yield f"Set aside, to be fetched again when something needs them: {_name(away)}."
    absent = (
        select(product.filename, product.access, product.released_at)
        .where(product.rootname == rootname)
        .where(product.filename.not_in(select(file.filename).where(file.rootname == rootname)))
        .order_by(product.filename)
    )
    for access, rows in _group(database.read(absent), "access"):
        until = f" ({access} until {_day(rows[0].released_at)})" if access != "public" else ""
        names = _name([row.filename for row in rows])
        yield f"Listed by the archive, but not here{until}: {names}."


def _describe_bad_files(database: Database, rootname: str) -> Iterator[str]:
    bad = tables.BadData
    statement = select(bad).where(bad.rootname == rootname).order_by(bad.filename)
    for row in database.read(statement.with_only_columns(bad.filename, bad.reason, bad.detail)):
        yield f"Bad: {row.filename}, {row.reason}: {row.detail}"


def _describe_decisions(database: Database, nodes: Sequence[AssetNode], key: str) -> Iterator[str]:
    outcome, attempt = tables.Outcome, tables.Attempt
    decided = select(
        outcome.asset, outcome.status, outcome.reason, outcome.remarks, outcome.decided_at
    ).where(outcome.key == key)
    by_asset = {row.asset: row for row in database.read(decided)}
    vain = select(attempt.asset, attempt.attempts, attempt.reason, attempt.next_at).where(
        attempt.key == key
    )
    waiting = {row.asset: row for row in database.read(vain)}
    for node in nodes:
        row = by_asset.get(node.name)
        said = "not made yet." if row is None else _say_decision(row)
        if (wait := waiting.get(node.name)) is not None:
            at = f"{wait.next_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
            said += (
                f" Tried {wait.attempts} times in vain: {wait.reason} A sensor tries it again "
                f"after {at}, 'hstql materialize' at once."
            )
        yield f"{node.name}: {said}"


def _say_decision(row: Row[Any]) -> str:
    said = [f"{row.status} on {_day(row.decided_at)}.", row.reason]
    if row.remarks:
        said.append(f"Remarks: {row.remarks}")
    return " ".join(filter(None, said))


def _describe_membership(database: Database, rootname: str) -> Iterator[str]:
    name, member = tables.TargetName, tables.CompositeMember
    for row in database.read(
        select(name.target_name, name.target, name.reason).where(name.rootname == rootname)
    ):
        yield f"Its target is {row.target}: {row.reason}"
    for row in database.read(
        select(member.filename, member.note).where(member.rootname == rootname)
    ):
        part = f"part of the composite {row.filename}" if row.filename else "part of no composite"
        yield f"Its lightcurve is {part}. {row.note or ''}".rstrip()


def _describe_composites(database: Database, target: str) -> Iterator[str]:
    name, member = tables.TargetName, tables.CompositeMember
    exposures = database.read(
        select(name.rootname).where(name.target == target).order_by(name.rootname)
    )
    names = _name([row.rootname for row in exposures])
    yield f"{target}: {len(exposures)} TIME-TAG exposures: {names}."
    statement = (
        select(member.rootname, member.filename, member.note)
        .where(member.target == target)
        .order_by(member.filename, member.dataset)
    )
    rows = database.read(statement)
    for filename, members in _group([row for row in rows if row.filename], "filename"):
        yield f"{filename} is made of {_name([row.rootname for row in members])}."
    for row in rows:
        if row.note or not row.filename:
            yield f"{row.rootname}: {row.note or 'part of no composite.'}"


def _describe_paths(database: Database, nodes: Sequence[AssetNode], key: str) -> Iterator[str]:
    """Yield the files that assets have made for a key, where a row names them."""
    for node in nodes:
        keys = {owned.model: owned for owned in node.owns.tables if owned.name != "files"}
        for files in node.owns.files:
            for column in files.named_by:
                owned = keys.get(column.class_)
                if owned is not None:
                    yield from _read_paths(database, owned, column, key)


def _read_paths(database: Database, owned: OwnedTable, column: Any, key: str) -> Iterator[str]:
    key_column = owned.model.__table__.c[owned.key_column]
    statement = select(column).where(key_column == key, column.is_not(None)).order_by(column)
    for (path,) in database.read(statement):
        yield f"{owned.name}: {path}"


def _group(rows: Sequence[Row[Any]], column: str) -> Iterator[tuple[str, list[Row[Any]]]]:
    for value in dict.fromkeys(getattr(row, column) for row in rows):
        yield value, [row for row in rows if getattr(row, column) == value]


def _name(names: Sequence[str]) -> str:
    more = len(names) - SHOWN_NAMES
    return ", ".join(names[:SHOWN_NAMES]) + (f" and {more} more" if more > 0 else "")


def _day(at: datetime | None) -> str:
    return "a day unknown" if at is None else f"{at.astimezone(UTC):%Y-%m-%d}"
