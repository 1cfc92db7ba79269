"""Make a trend: its report, its rows, its pages; one task, decided where the batch runs."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from sqlalchemy import update

from hstql_assets.batching.asset_nodes import WHOLE
from hstql_assets.batching.outcomes import Outcome
from hstql_assets.batching.recording import refuse_unknown_tables
from hstql_assets.monitors.framework.index_page import write_index
from hstql_assets.monitors.framework.monitor import Trend, TrendContext
from hstql_assets.monitors.framework.publishing import publish
from hstql_assets.monitors.framework.report import TrendReport
from hstql_assets.monitors.framework.states import NOT_JUDGED, complete, find_page, make_state
from hstql_assets.monitors.framework.stored_states import read_links, read_states
from hstql_assets.monitors.framework.telling import find_change, tell_change
from hstql_resources import tables
from hstql_resources.clients import Clients
from hstql_resources.monitor_history import StateChange
from hstql_resources.postgres.database import Database, Writer
from hstql_resources.postgres.monitor_states import add_change, find_last_change, find_state


@dataclass(frozen=True)
class MadeTrend:
    """A trend, what came of it, and when its rows were read."""

    outcome: Outcome
    report: TrendReport
    read_at: datetime


def make_trend(trend: Trend, clients: Clients) -> MadeTrend:
    """Read all rows, draw and judge them, and write the page.

    It is `made`, also if there is nothing to draw: then the page says so.
    """
    database, filesystem = clients.database, clients.filesystem
    context = TrendContext(filesystem, clients.references, clients.settings, clients.workers)
    read_at = datetime.now(UTC)
    stale_days = None if clients.settings.is_simulated else trend.stale_days
    report = complete(trend.summarize(trend.read(database), context), stale_days)
    find_links = partial(read_links, database, filesystem, clients.settings.site_address)
    page = publish(trend, report, filesystem, find_links, clients.workers)
    metadata: dict[str, object] = {
        "page": page,
        "summary": report.summary,
        "exposures": report.exposures,
        "limits": tabulate(report),
        **{f"product_{path.name}": path for path in report.products},
        **report.metadata,
    }
    return MadeTrend(Outcome(WHOLE, "made", payload=report, metadata=metadata), report, read_at)


def record_trend(trend: Trend, clients: Clients, report: TrendReport) -> None:
    """Write the rows of a trend and its state, and the index of all monitors; tell of a change."""
    refuse_unknown_tables([report.rows])
    page = find_page(clients.filesystem, trend.page_folder).relative_to(clients.filesystem.plots)
    states = {row["monitor"]: row for row in read_states(clients.database)}
    change: StateChange | None = None

    def record(writer: Writer) -> None:
        nonlocal change
        for model in trend.owned:
            writer.execute(tables.Base.metadata.tables[model.__tablename__].delete())
            writer.upsert(model, report.rows.get(model.__tablename__, ()))
        # Read here, for writers take turns: of two who make it at once one sees the change.
        # After a reset there is no state, and the history says what was.
        connection, name = writer.connection, trend.name
        found = find_state(connection, name) or find_last_change(connection, name)
        before = None if found is None else found._asdict()
        state = make_state(trend.name, trend.title, str(page), report, before)
        states[trend.name] = state
        writer.upsert(tables.MonitorState, [state])
        change = find_change(before, state)
        if change is not None:
            add_change(writer.connection, change)

    clients.database.transact(record)
    write_index(list(states.values()), clients.filesystem)
    if change is not None:
        tell_change(clients.settings, clients.filesystem, change, page)


def date_decision(database: Database, trend: Trend, read_at: datetime) -> None:
    """Set the decision about a trend to the time at which it read its rows.

    What was measured while it was drawn is not in it: with the time at which it was recorded, it
    would pass for up to date.
    """
    outcome = tables.Outcome
    statement = update(outcome).where(outcome.asset == trend.name).values(decided_at=read_at)
    database.transact(lambda writer: writer.execute(statement))


def tabulate(report: TrendReport) -> str:
    """Return what the limits say, as a table."""
    lines = [
        f"| {one.limit.replace('_', ' ')} | {one.label} | {one.state or NOT_JUDGED} "
        f"| {one.sentence} |"
        for one in report.verdicts
    ]
    return "\n".join(["| limit | of | state | numbers |", "|---|---|---|---|", *lines])


def make_tables(database: Database, models: list[type[tables.Base]]) -> None:
    """Make the tables of monitors that are not of this package, where they are not there yet."""
    if models:
        metadata = tables.Base.metadata
        new = [metadata.tables[model.__tablename__] for model in models]
        with database.write() as writer:
            metadata.create_all(writer.connection, tables=new)
