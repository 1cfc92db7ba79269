"""Answer `hstql check`: what differs between archive, tables and disk, and the repair of it."""

import click

from hstql_assets.batching.partition_names import INSTRUMENTS
from hstql_assets.commands import terminal_output as console
from hstql_assets.commands.progress import Steps
from hstql_assets.commands.session import confirm, guard, open_session
from hstql_assets.orchestration.consistency.findings import LISTED, Examination, Finding
from hstql_assets.orchestration.consistency.repair import (
    MAX_SHARE,
    RepairPlan,
    heal,
    measure_removals,
    plan_repair,
)
from hstql_assets.orchestration.consistency.run_checks import Examinations, examine_all
from hstql_assets.orchestration.consistency.scope import ChecksumPlan
from hstql_assets.orchestration.graph import Graph
from hstql_assets.orchestration.planning import PlanError
from hstql_resources.clients import Clients


@guard
def check(
    names: tuple[str, ...],
    instruments: tuple[str, ...],
    checksums: bool,
    is_listing: bool,
    is_healing: bool,
    yes: bool,
    force: bool,
) -> int:
    """Hold archive, tables and disk against each other, and list what differs."""
    if (yes or force) and not is_healing:
        raise click.UsageError(f"{'--yes' if yes else '--force'} goes with --heal.")
    if names and is_healing:
        raise click.UsageError("--heal needs all checks.")
    plan = ChecksumPlan(is_everything=checksums)
    with open_session("check") as (graph, clients, steps):
        registered = graph.read_rootnames(instruments or INSTRUMENTS)
        found = examine_all(clients, registered, plan, names, _tell if is_listing else _keep)
        _show(found, is_listed=is_listing)
        if is_healing:
            _tell_rest(found)
        if is_healing and _heal(graph, clients, steps, plan_repair(found), yes, force):
            found = examine_all(clients, graph.read_rootnames(registered), plan)
            click.echo("After healing:")
            _show(found)
        clients.log.exit_status = 0 if all(one.passed for one in found.values()) else 1
        return clients.log.exit_status


def _keep(_instrument: str, _check: str, _finding: Finding) -> None:
    """Leave a finding for later."""


def _tell(instrument: str, check: str, finding: Finding) -> None:
    click.echo(f"{instrument} {check}: {finding}")


def _show(found: Examinations, *, is_listed: bool = False) -> None:
    console.show_table(
        "Checks",
        ("instrument", "check", "findings", "can be healed", "what", "of"),
        [
            (
                *name,
                one.number,
                one.number_healed,
                one.error or one.summary or "nothing",
                _describe_notes(one),
            )
            for name, one in found.items()
        ],
    )
    if is_listed:
        return
    for (instrument, name), one in found.items():
        for line in one.list_lines():
            click.echo(f"{instrument} {name}: {line}")
    if any(one.number > LISTED for one in found.values()):
        click.echo("'hstql check --list' prints all of them.")


def _describe_notes(examination: Examination) -> str:
    notes = examination.notes.items()
    return ", ".join(f"{number} {note.replace('_', ' ')}" for note, number in notes)


def _tell_rest(found: Examinations) -> None:
    left = sum(one.number - one.number_healed for one in found.values())
    if left:
        click.echo(f"{left} of the findings cannot be healed; each says why.")


def _heal(
    graph: Graph, clients: Clients, steps: Steps, plan: RepairPlan, yes: bool, force: bool
) -> bool:
    """Show the plan, and carry it out after asking; return whether anything was done."""
    if plan.is_empty:
        click.echo("There is nothing to heal.")
        return False
    if plan.removals:
        size = measure_removals(graph, clients, plan)
        click.echo(f"Without a row are {size}; removed files go to {clients.filesystem.trash}.")
        if size.is_large and not force:
            raise PlanError(
                f"Nothing was healed: more than {MAX_SHARE:.0%} of all files would be removed; "
                "look at them, then give --force."
            )
    if yes:
        click.echo(plan.describe())
    confirm(plan.describe(), yes, "Nothing was healed.")
    healing = heal(graph, clients, plan, steps.begin)
    steps.close()
    for report in healing.reports:
        console.show_report(report, clients.log.path)
    for path in healing.removed:
        click.echo(f"Removed {path}")
    return True
