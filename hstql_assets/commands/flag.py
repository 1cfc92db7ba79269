"""Answer `hstql flag`: say of exposures what is wrong with them, as the site does."""

import getpass

import click
from sqlalchemy import select

from hstql_assets.commands.session import guard, open_records
from hstql_assets.commands.terminal_output import write_answer
from hstql_assets.orchestration.planning import PlanError
from hstql_resources.postgres.database import Database
from hstql_resources.site import remarks
from hstql_resources.site.anomaly_kinds import fill_kinds
from hstql_resources.suggestions import name_unknown
from hstql_resources.tables import AnomalyKind, Observation

COLUMNS = ("rootname", "kind", "set by", "set at")


@guard
def flag(
    rootnames: tuple[str, ...], kind: str | None, unset: bool, comment: str | None, form: str
) -> int:
    """Set or unset an anomaly on exposures, or show what was set."""
    if unset and kind is None:
        raise click.UsageError("Say with --kind which anomaly is to be taken back.")
    with open_records("flag") as records:
        _require(records.database, rootnames, kind)
        changed = _write(records.database, rootnames, kind, unset, comment)
        if kind is not None and form == "table":
            click.echo(f"{changed} {'taken back' if unset else 'flagged'}.")
        with records.database.engine.connect() as connection:
            flags = remarks.list_flags(connection, rootnames)
    write_answer(COLUMNS, [(r.rootname, r.kind, r.set_by, r.set_at) for r in flags], form)
    return 0


def _require(database: Database, rootnames: tuple[str, ...], kind: str | None) -> None:
    """Raise PlanError unless the exposures are here, and somebody flags such a thing."""
    with database.write() as writer:
        fill_kinds(writer)
    found = {row[0] for row in database.read(
        select(Observation.rootname).where(Observation.rootname.in_(rootnames)))}  # fmt: skip
    if missing := [name for name in rootnames if name not in found]:
        raise PlanError(f"There is no exposure {missing[0]} here: 'hstql discover' finds new ones.")
    kinds = sorted({row[0] for row in database.read(select(AnomalyKind.kind))})
    if kind is not None and kind not in kinds:
        raise PlanError(name_unknown("kind of anomaly", kind, kinds))


def _write(
    database: Database, rootnames: tuple[str, ...], kind: str | None, unset: bool,
    comment: str | None,
) -> int:  # fmt: skip
    person, changed = getpass.getuser(), 0
    with database.write() as writer:
        if kind is not None:
            change = remarks.unset_flag if unset else remarks.set_flag
            changed = change(writer.connection, rootnames, kind, person)
        if comment is not None and comment.strip():
            for rootname in rootnames:
                remarks.add_comment(writer.connection, rootname, comment.strip(), person)
    return changed
