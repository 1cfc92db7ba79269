"""Answer the commands that ask the archive, make what there is to make, and show it.

Words in and out only. What the commands do is in `graph`, how they write in `terminal_output`.
"""

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from hstql_assets.batching.partition_names import INSTRUMENTS, SPECTROGRAPHS
from hstql_assets.commands import terminal_output as console
from hstql_assets.commands.demo import show_demo
from hstql_assets.commands.session import guard, open_session, prepare
from hstql_assets.orchestration.planning import (
    Mode,
    PlanError,
    Request,
    Selection,
    resolve_assets,
)
from hstql_resources.archive import FolderArchive, Search
from hstql_resources.calibration.pipelines import PIPELINES
from hstql_resources.filenames import instrument_of, is_rootname
from hstql_resources.settings import SettingsError


@guard
def discover(timetag: bool, form: str, **conditions: Any) -> int:
    """Ask the archive which observations there are, and register the new ones."""
    selection = Selection(**conditions)
    searches = _plan_searches(selection, timetag)
    with open_session("discover") as (graph, clients, _):
        found: set[str] = set()
        rows = []
        for search in searches:
            discovered = graph.discover(clients, search)
            found.update(discovered.rootnames)
            total = len(graph.read_rootnames([search.instrument])[search.instrument])
            rows.append((search.instrument, len(discovered.new), total))
            if form == "table":
                click.echo(f"{search.instrument}: {len(discovered.new)} new, {total} registered.")
        if form != "table":
            console.write_answer(("instrument", "new", "registered"), rows, form)
        if isinstance(clients.archive, FolderArchive):
            clients.log.exit_status = console.show_folder(clients.archive.summarize(), form)
        if lost := _tell_lost(selection, found):
            click.echo(f"Error: {lost}", err=True)
            clients.log.exit_status = 1
        return clients.log.exit_status


def _plan_searches(selection: Selection, is_timetag_only: bool) -> list[Search]:
    """Return a search for each instrument that is concerned: those of the rootnames, else all.

    Raises
    ------
    PlanError
        If a rootname is none, or of another instrument than those that are given.
    """
    chosen = [one for one in INSTRUMENTS if one in (selection.instruments or INSTRUMENTS)]
    for name in selection.rootnames:
        if not is_rootname(name) or instrument_of(name) not in chosen:
            raise PlanError(f"{name!r} is not a rootname of {', '.join(chosen)}.")
    if selection.rootnames:
        of_names = {instrument_of(name) for name in selection.rootnames}
        chosen = [one for one in chosen if one in of_names]
    if is_timetag_only:
        chosen = [one for one in chosen if one in SPECTROGRAPHS]
    return [
        Search(
            one,
            released_since=selection.since,
            proposal_ids=selection.proposals,
            rootnames=tuple(name for name in selection.rootnames if instrument_of(name) == one),
            is_timetag_only=is_timetag_only,
        )
        for one in chosen
    ]


def _tell_lost(selection: Selection, found: Collection[str]) -> str | None:
    """Return what the archive does not have of what was asked for; None if that is nothing."""
    if lost := sorted(set(selection.rootnames) - set(found)):
        return f"The archive has no {', '.join(lost)}."
    if not found and not replace(selection, instruments=()).is_empty:
        return f"The archive has nothing that is {selection.describe()}."
    return None


@guard
def materialize(
    assets: tuple[str, ...],
    mode: Mode | None,
    only: bool,
    config: Path | None,
    form: str,
    **conditions: Any,
) -> int:
    """Make assets for any list of keys, with what is missing upstream first."""
    with open_session("materialize") as (graph, clients, steps):
        names = resolve_assets(assets or [node.name for node in graph.nodes], graph.nodes)
        request = Request(names, mode or "missing", Selection(**conditions), only)
        graph.check_rootnames(request.selection.rootnames)
        # Only now, for it takes the assets along: the graph has been opened with them.
        from hstql_assets.commands.asset_config import read_configuration

        op_config = read_configuration(config, graph.nodes)
        report = graph.materialize(clients, request, op_config, steps.begin)
        steps.close()
        clients.log.exit_status = console.show_report(report, clients.log.path, form)
        return clients.log.exit_status


@guard
def run_demo() -> int:
    """Make everything on simulated data, and show it."""
    settings = prepare()
    if not settings.is_simulated:
        raise SettingsError(
            "hstql demo runs on simulated data: unset HSTQL_ARCHIVE, and set HSTQL_HOME to a "
            "folder of its own if this one holds real data."
        )
    with open_session("demo") as (graph, clients, steps):
        for instrument in INSTRUMENTS:
            new = graph.discover(clients, Search(instrument)).new
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
