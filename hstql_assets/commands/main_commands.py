"""Answer the commands that ask the archive, make what there is to make, and show it.

Words in and out only. What the commands do is in `graph`, how they write in `terminal_output`.
"""

from collections.abc import Sequence
from datetime import datetime
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


@guard
def discover(
    instruments: tuple[str, ...],
    since: datetime | None,
    proposals: tuple[int, ...],
    rootnames: tuple[str, ...],
    timetag: bool,
) -> int:
    """Ask the archive which observations there are, and register the new ones."""
    searches = _plan_searches(instruments, since, proposals, rootnames, timetag)
    with open_session("discover") as (graph, clients, _):
        for search in searches:
            new = graph.discover(clients, search)
            total = graph.count_keys()[f"{search.instrument}/raw_files"]
            click.echo(f"{search.instrument}: {len(new)} new, {total} registered.")
        if isinstance(clients.archive, FolderArchive):
            clients.log.exit_status = console.show_folder(clients.archive.summarize())
        return clients.log.exit_status


def _plan_searches(
    instruments: Sequence[str],
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
    chosen = [one for one in INSTRUMENTS if one in (instruments or INSTRUMENTS)]
    for name in rootnames:
        if not is_rootname(name) or instrument_of(name) not in chosen:
            raise PlanError(f"{name!r} is not a rootname of {', '.join(chosen)}.")
    if rootnames:
        of_names = {instrument_of(name) for name in rootnames}
        chosen = [one for one in chosen if one in of_names]
    if is_timetag_only:
        chosen = [one for one in chosen if one in SPECTROGRAPHS]
    return [
        Search(
            one,
            released_since=since,
            proposal_ids=tuple(proposals),
            rootnames=tuple(name for name in rootnames if instrument_of(name) == one),
            is_timetag_only=is_timetag_only,
        )
        for one in chosen
    ]


@guard
def materialize(
    assets: tuple[str, ...],
    rootnames: tuple[str, ...],
    targets: tuple[str, ...],
    mode: Mode | None,
    only: bool,
    config: Path | None,
) -> int:
    """Make assets for any list of keys, with what is missing upstream first."""
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


@guard
def query(sql: str, form: str) -> int:
    """Ask the database one question in SQL; nothing can be changed."""
    with open_session("query") as (_, clients, _steps):
        answer = clients.database.query_read_only(sql)
    console.write_answer(answer.columns, answer.rows, form)
    return 0


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
