"""Answer the commands that ask the archive, make what there is to make, and show it.

Words in and out only. What the commands do is in `graph`, how they write in `terminal_output`.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from hstql_assets.batching.partition_names import INSTRUMENTS, SPECTROGRAPHS
from hstql_assets.commands import status
from hstql_assets.commands import terminal_output as console
from hstql_assets.commands.demo import show_demo
from hstql_assets.commands.session import guard, open_session, prepare
from hstql_assets.orchestration.planning import Mode, PlanError, Request, resolve_assets
from hstql_resources.archive import FolderArchive, Search
from hstql_resources.calibration.pipelines import PIPELINES
from hstql_resources.filenames import instrument_of, is_rootname
from hstql_resources.settings import SettingsError


@click.command()
@click.option("--instrument", type=click.Choice(INSTRUMENTS), help="Only this instrument.")
@click.option(
    "--since", type=click.DateTime(["%Y-%m-%d"]), help="Only what became public since this day."
)
@click.option("--proposal", "proposals", type=int, multiple=True, help="Only this one. Repeatable.")
@click.option("--rootname", "rootnames", multiple=True, help="Only this one. Repeatable.")
@click.option("--timetag", is_flag=True, help="Only TIME-TAG exposures of targets on the sky.")
@guard
def discover(
    instrument: str | None,
    since: datetime | None,
    proposals: tuple[int, ...],
    rootnames: tuple[str, ...],
    timetag: bool,
) -> int:
    """Ask the archive which observations there are, and register the new ones."""
    searches = _plan_searches(instrument, since, proposals, rootnames, timetag)
    with open_session("discover") as (graph, clients, _):
        for search in searches:
            new = graph.discover(clients, search)
            total = graph.count_keys()[f"{search.instrument}/raw_files"]
            click.echo(f"{search.instrument}: {len(new)} new, {total} registered.")
        if isinstance(clients.archive, FolderArchive):
            clients.log.exit_status = console.show_folder(clients.archive.summarize())
        return clients.log.exit_status


def _plan_searches(
    instrument: str | None,
    since: datetime | None,
    proposals: Sequence[int],
    rootnames: Sequence[str],
    is_timetag_only: bool,
) -> list[Search]:
    """Return a search for each instrument that is concerned: those of the rootnames, else all.

    Raises
    ------
    PlanError
        If a rootname is none, or of another instrument than the one that is given.
    """
    names = [name.lower() for name in rootnames]
    for name in names:
        if not is_rootname(name) or instrument not in (None, instrument_of(name)):
            raise PlanError(
                f"{name!r} is not a rootname of {instrument or ', '.join(INSTRUMENTS)}."
            )
    chosen = [instrument] if instrument else list(INSTRUMENTS)
    if names:
        chosen = [one for one in chosen if any(instrument_of(name) == one for name in names)]
    if is_timetag_only:
        chosen = [one for one in chosen if one in SPECTROGRAPHS]
    return [
        Search(
            one,
            released_since=since.replace(tzinfo=UTC) if since else None,
            proposal_ids=tuple(proposals),
            rootnames=tuple(name for name in names if instrument_of(name) == one),
            is_timetag_only=is_timetag_only,
        )
        for one in chosen
    ]


@click.command()
@click.argument("assets", nargs=-1, metavar="[ASSET]...")
@click.option(
    "--rootname", "rootnames", multiple=True, help="Only this exposure, and its target. Repeatable."
)
@click.option(
    "--target", "targets", multiple=True, help="Only this target, and its exposures. Repeatable."
)
@click.option("--missing", "mode", flag_value="missing", help="Keys never made (the default).")
@click.option("--all", "mode", flag_value="all", help="All keys, made before or not.")
@click.option("--failed", "mode", flag_value="failed", help="Keys that were bad or missing.")
@click.option("--only", is_flag=True, help="Do not make first what is missing upstream.")
@click.option(
    "--config",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="YAML with the configuration of assets, such as {lightcurves: {bin_s: 1}}.",
)
@guard
def materialize(
    assets: tuple[str, ...],
    rootnames: tuple[str, ...],
    targets: tuple[str, ...],
    mode: Mode | None,
    only: bool,
    config: Path | None,
) -> int:
    """Make ASSETs for any list of keys, with what is missing upstream first.

    Without an ASSET all are made that are missing, or behind what they are made from.

    ASSET is a name such as lightcurves or cos/lightcurves. Assets of targets, such as composites,
    are made where a lightcurve of the target is new, changed or gone.
    """
    with open_session("materialize") as (graph, clients, steps):
        names = resolve_assets(assets or [node.name for node in graph.nodes], graph.nodes)
        request = Request(names, mode or "missing", rootnames, targets, only)
        graph.check_rootnames(rootnames)
        graph.check_targets(clients.database, targets)
        # Only now, for it takes the assets along: the graph has been opened with them.
        from hstql_assets.commands.asset_config import read_configuration

        op_config = read_configuration(config, graph.nodes)
        report = graph.materialize(clients, request, op_config, steps.begin)
        steps.close()
        clients.log.exit_status = console.show_report(report, clients.log.path)
        return clients.log.exit_status


@click.command(name="status")
@guard
def show_status() -> int:
    """Show counts per asset, bad data by reason, remarks, disk, and the last runs."""
    with open_session("status") as (graph, clients, _):
        status.show_counts(clients.database, graph.count_keys())
        status.show_bad_data(clients.database)
        status.show_waiting(clients.database)
        status.show_last_remarks(clients.database)
        status.show_disk(clients.filesystem.home)
        status.show_runs(clients.database)
    return 0


@click.command()
@click.argument("sql")
@click.option(
    "--format", "form", type=click.Choice(["table", "csv", "json"]), default="table",
    show_default=True, help="How to write the answer.",
)  # fmt: skip
@guard
def query(sql: str, form: str) -> int:
    """Ask the database one question in SQL; nothing can be changed."""
    with open_session("query") as (_, clients, _steps):
        answer = clients.database.query_read_only(sql)
    console.write_answer(answer.columns, answer.rows, form)
    return 0


@click.command(name="demo")
@guard
def run_demo() -> int:
    """Make everything on simulated data, and show it."""
    settings = prepare()
    if settings.archive != "simulated":
        raise SettingsError(
            "hstql demo runs on simulated data: unset HSTQL_ARCHIVE, and set HSTQL_HOME to a "
            "folder of its own if this one holds real data."
        )
    with open_session("demo") as (graph, clients, steps):
        for instrument in INSTRUMENTS:
            new = graph.discover(clients, Search(instrument))
            click.echo(f"{instrument}: {len(new)} new exposures in the simulated archive.")
        everything = Request(tuple(node.name for node in graph.nodes))
        report = graph.materialize(clients, everything, _calibrate_in_demo(), steps.begin)
        steps.close()
        clients.log.exit_status = console.show_report(report, clients.log.path)
        show_demo(clients.database, clients.filesystem.home)
        return clients.log.exit_status


def _calibrate_in_demo() -> dict[str, Any]:
    """Return the configuration that has CalCOS work on exposures that are there as raw files only.

    It cannot be installed everywhere; without it they stay raw.
    """
    if not PIPELINES["cos"].is_installed():
        click.echo(f"CalCOS is not there, so raw exposures stay raw: {PIPELINES['cos'].install}.")
        return {}
    return {"cos__calibrated_files": {"config": {"source": "auto"}}}
