"""Answer `hstql explain`: what there is of an exposure or a target, and why not more."""

import click

from hstql_assets.commands.session import guard, open_session


@guard
def explain(key: str) -> int:
    """Tell what there is of an exposure or target, what was made of it, what not and why."""
    with open_session("explain") as (graph, clients, _):
        lines = graph.explain(clients.database, key)
    click.echo("\n".join(lines))
    return 0
