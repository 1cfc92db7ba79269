"""Answer `hstql forget`: take mistyped keys out of the partition sets."""

import click

from hstql_assets.batching.key_forms import show_key
from hstql_assets.commands.session import guard, open_session
from hstql_assets.orchestration.forgetting import find_keys, forget_keys


@guard
def forget(keys: tuple[str, ...]) -> int:
    """Take keys out of the partition sets; without any, all that can be none."""
    with open_session("forget") as (graph, clients, _):
        found = find_keys(graph, clients.database, keys)
        forget_keys(graph, clients, found)
    for name, own in found.items():
        click.echo(f"Taken out of {name}: {', '.join(map(show_key, own))}.")
    if not found:
        click.echo("All keys of all partition sets can be some.")
    return 0
