"""Start the command `hstql`, which has what Dagster's own commands lack.

Only which commands there are. No command waits for another to be imported, and worker processes,
which start here as well, wait for none.
"""

import warnings
from collections import UserDict
from importlib import import_module
from typing import Any

import click

from hstql_resources.processes import without_gc


class _LateCommands(UserDict[str, Any]):
    """Commands by name, given as `module:attribute` and imported when they are looked at."""

    def __getitem__(self, name: str) -> click.Command:
        module, attribute = super().__getitem__(name).split(":")
        with without_gc():
            command: click.Command = getattr(import_module(module), attribute)
        return command


COMMANDS = _LateCommands(
    {
        "check": "hstql_assets.commands.check:check",
        "database": "hstql_assets.commands.maintenance:database",
        "demo": "hstql_assets.commands.main_commands:run_demo",
        "discover": "hstql_assets.commands.main_commands:discover",
        "explain": "hstql_assets.commands.explain:explain",
        "materialize": "hstql_assets.commands.main_commands:materialize",
        "query": "hstql_assets.commands.main_commands:query",
        "reprocess": "hstql_assets.commands.reprocess:reprocess",
        "reset": "hstql_assets.commands.maintenance:reset",
        "status": "hstql_assets.commands.main_commands:show_status",
        "targets": "hstql_assets.commands.targets:targets",
    }
)


@click.group(commands=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="hstql")
def main() -> None:
    """Hubble data from the archive to checked lightcurves.

    Settings come from the environment and from .env; .env.example lists them. The exit status is
    0 if all was done, 1 if some keys failed, 2 for wrong usage.
    """
    # Dagster marks as beta what the graph is built on; users can do nothing about it.
    warnings.filterwarnings("ignore", module="dagster")
