"""Answer `hstql explain`: what there is of exposures and targets, and why not more."""

from typing import Any

import click

from hstql_assets.commands.session import guard, open_session
from hstql_assets.commands.terminal_output import write_answer
from hstql_assets.orchestration.planning import Selection


@guard
def explain(keys: tuple[str, ...], form: str, **conditions: Any) -> int:
    """Tell what there is of exposures or targets, what was made of them, what not and why."""
    selection = Selection(**conditions)
    if not keys and selection.is_empty:
        raise click.UsageError("Name an exposure or a target, or select some.")
    with open_session("explain") as (graph, clients, _):
        selected = graph.select(clients, selection)
        names = [
            *keys,
            *(sorted(selected.targets) + sorted(selected.exposures) if selected else ()),
        ]
        rows = [(key, line) for key in names for line in graph.explain(clients.database, key)]
    if form == "table":
        click.echo("\n".join(line for _, line in rows))
    else:
        write_answer(("key", "sentence"), rows, form)
    return 0
