"""Start the command `hstql`, which has what Dagster's own commands lack.

No command waits for what another needs, and worker processes, which start here as well, wait for
none.
"""

import contextlib
import logging
import sys
import warnings
from collections.abc import Iterator
from io import TextIOWrapper
from typing import Any

import click
from click.exceptions import NoArgsIsHelpError

from hstql_assets.commands.declarations import COMMANDS


class _Refusal(click.ClickException):
    """Wrong usage, told as every other error is: in one sentence."""

    exit_code = 2


class _Hstql(click.Group):
    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        with _one_sentence():
            return super().make_context(*args, **kwargs)

    def invoke(self, ctx: click.Context) -> Any:
        with _one_sentence():
            return super().invoke(ctx)


@contextlib.contextmanager
def _one_sentence() -> Iterator[None]:
    try:
        yield
    except NoArgsIsHelpError:
        raise
    except click.UsageError as error:
        said = error.format_message()
        said += "" if said.endswith((".", "?", "!")) else "."
        command = error.ctx.command_path if error.ctx else "hstql"
        raise _Refusal(f"{said} '{command} -h' tells what there is.") from None


@click.group(
    cls=_Hstql,
    commands={str(command.name): command for command in COMMANDS},
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(package_name="hstql")
def main() -> None:
    """Hubble data from the archive to checked lightcurves.

    Settings come from the environment and from .env; .env.example lists them. The exit status is
    0 if all was done, 1 if some keys failed, 2 for wrong usage, 130 after Ctrl-C.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # whatever the terminal cannot show is spelt out
            stream.reconfigure(errors="backslashreplace")
    # Dagster marks as beta what the graph is built on; users can do nothing about it.
    warnings.filterwarnings("ignore", module="dagster")
    # Else the first word of a library, as on a lost server, puts all of the log on the terminal.
    logging.getLogger().addHandler(logging.NullHandler())
