"""Answer `hstql targets`: what was decided about targets, and deciding it now."""

import click

from hstql_assets.commands import terminal_output as console
from hstql_assets.commands.session import guard, open_session
from hstql_assets.orchestration.consequences import TARGET, settle
from hstql_assets.orchestration.graph import Graph
from hstql_assets.orchestration.planning import PlanError
from hstql_assets.targets.assignment import settle_targets
from hstql_assets.targets.decisions import list_decisions
from hstql_assets.targets.overrides import load_overrides
from hstql_assets.targets.sesame import ask_sesame
from hstql_resources.clients import Clients

NOTHING_DECIDED = "No decisions yet: they come with lightcurves, or with 'hstql targets --settle'."


@guard
def targets(
    names: tuple[str, ...], each: bool, form: str, settle: bool, sesame: bool, again: bool
) -> int:
    """Show of which target each exposure is, and why."""
    if again and not sesame:
        raise click.UsageError("--again goes with --sesame.")
    exit_status = 0
    with open_session("targets") as (graph, clients, _):
        if sesame:
            exit_status = _ask(clients, again)
        if settle or sesame:
            _settle(graph, clients)
        columns, rows = list_decisions(clients.database, names, each=each)
        if names and not rows:
            raise PlanError("There is no such target.")
    if not rows and form == "table":
        click.echo(NOTHING_DECIDED)
        return exit_status
    console.write_answer(columns, rows, form)
    return exit_status


def _ask(clients: Clients, again: bool) -> int:
    """Ask Sesame, say what came of it, and return the exit status."""
    inquiry = ask_sesame(clients.database, load_overrides(clients.filesystem.home), again=again)
    click.echo(str(inquiry), err=True)
    if inquiry.fault is not None:
        click.echo(f"Error: {inquiry.fault}", err=True)
    return 0 if inquiry.fault is None else 1


def _settle(graph: Graph, clients: Clients) -> None:
    settlement = settle_targets(clients, is_thorough=True)
    settle(graph.instance, clients, graph.nodes, TARGET)
    click.echo(
        f"{len(settlement.slugs)} exposures of {len(set(settlement.slugs.values()))} targets; "
        f"{len(settlement.moved)} lightcurves belong to another target now.",
        err=True,
    )
    if settlement.moved:
        click.echo(
            "'hstql materialize lightcurve_plots composite_plots' makes their composites and pages "
            "again.",
            err=True,
        )
