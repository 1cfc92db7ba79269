"""Answer `hstql reprocess`: files had again, and all that follows made again."""

from typing import Any

import click

from hstql_assets.commands import terminal_output as console
from hstql_assets.commands.session import confirm, guard, open_session
from hstql_assets.orchestration.planning import Selection
from hstql_assets.orchestration.reprocessing.messages import COLUMNS, list_remarks, tabulate_plan
from hstql_assets.orchestration.reprocessing.planning import (
    How,
    ReprocessingPlan,
    plan_reprocessing,
)
from hstql_assets.orchestration.reprocessing.run import reprocess as carry_out
from hstql_assets.orchestration.reprocessing.selection import HOW_TO_CHOOSE, Choice

NOTHING = "Nothing is to be done: of what was chosen nothing was ever made."


@guard
def reprocess(
    where: str | None,
    is_everything: bool,
    fetch: bool,
    calibrate: bool,
    dry_run: bool,
    yes: bool,
    **conditions: Any,
) -> int:
    """Fetch or calibrate again, and make again all that follows."""
    choice = Choice(Selection(**conditions), where, is_everything)
    if choice.is_empty:
        raise click.UsageError(HOW_TO_CHOOSE)
    with open_session("reprocess") as (graph, clients, steps):
        plan = plan_reprocessing(graph, clients, choice, How(fetch, calibrate))
        _show(plan, is_full=dry_run)
        if dry_run or not plan.steps:
            return 0
        if is_everything:
            number = len(plan.keys)
            question = f"Reprocess {number} {'key' if number == 1 else 'keys'}?"
            confirm(question, yes, "Nothing was reprocessed.")
        report = carry_out(graph, clients, plan, steps.begin)
        steps.close()
        clients.log.exit_status = console.show_report(report, clients.log.path)
        return clients.log.exit_status


def _show(plan: ReprocessingPlan, *, is_full: bool) -> None:
    if not plan.steps:
        click.echo(NOTHING)
    elif is_full:
        console.show_table("What would be made again", COLUMNS, tabulate_plan(plan))
    for remark in list_remarks(plan):
        click.echo(remark)
