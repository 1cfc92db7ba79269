"""Declare what commands take: instruments, exposures, targets, assets, formats, in any case.

Only words. Nothing here imports what commands work with, so that help and completion are quick.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

import click
from click.shell_completion import CompletionItem

from hstql_assets.batching.partition_names import INSTRUMENTS
from hstql_assets.commands import completion
from hstql_resources.processes import without_gc
from hstql_resources.sky import Cone
from hstql_resources.suggestions import name_unknown

Function = Callable[..., Any]
Find = Callable[[str], list[str]]
FORMATS = ("table", "csv", "json")
_COMMENT = re.compile(r"--(\s|.*\n)")


def runs(place: str) -> Callable[[Function], Function]:
    """Have a declared command do what a function elsewhere does, which is imported only then.

    Parameters
    ----------
    place : str
        `module:function` below this package; it takes the values of all options by name.
    """

    def have_run(_described: Function) -> Function:
        def call(**values: object) -> None:
            module, name = place.split(":")
            with without_gc():
                function = getattr(import_module(f"hstql_assets.commands.{module}"), name)
            function(**values)

        call.__doc__, call.__name__ = _described.__doc__, _described.__name__
        return call

    return have_run


class SqlCommand(click.Command):
    """A command that takes SQL, which may begin with a comment, and so as an option does."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse with what is SQL behind all options."""
        sql = [one for one in args if _COMMENT.match(one)]
        if sql and "--" not in args:
            args = [*(one for one in args if one not in sql), "--", *sql]
        return super().parse_args(ctx, args)


class OneOf(click.Choice[str]):
    """One of a few words, in any case.

    Parameters
    ----------
    what : str
        What they are, such as `instrument`.
    words : tuple of str
        Which there are.
    """

    def __init__(self, what: str, words: tuple[str, ...]) -> None:
        super().__init__(words, case_sensitive=False)
        self.what = what

    def get_invalid_choice_message(self, value: Any, ctx: click.Context | None) -> str:  # noqa: ARG002
        """Return what is wrong, with what may have been meant."""
        return name_unknown(self.what, str(value), self.choices)


class Name(click.ParamType[str]):
    """A name that is completed from what there is.

    Parameters
    ----------
    name : str
        What it is the name of.
    find : callable
        Returns the names that begin with a text.
    is_lower : bool
        Whether it is the same in any case, and written in lower case.
    """

    def __init__(self, name: str, find: Find, *, is_lower: bool = False) -> None:
        self.name, self._find, self._is_lower = name, find, is_lower

    def convert(self, value: Any, param: Any, ctx: Any) -> str:  # noqa: ARG002
        """Return the name as it is written in tables."""
        text = str(value).strip()
        return text.lower() if self._is_lower else text

    def shell_complete(
        self,
        ctx: click.Context,  # noqa: ARG002
        param: click.Parameter,  # noqa: ARG002
        incomplete: str,
    ) -> list[CompletionItem]:
        """Return what may be meant by what was typed so far."""
        return [CompletionItem(name) for name in self._find(incomplete)]


class NameOrFile(Name):
    """A name that is completed from what there is, or the name of a file, in any case."""

    def convert(self, value: Any, param: Any, ctx: Any) -> str:  # noqa: ARG002
        """Return the text as it was typed."""
        return str(value)

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Return what may be meant by what was typed so far, and let the shell look for files."""
        names = super().shell_complete(ctx, param, incomplete)
        return [*names, CompletionItem(incomplete, type="file")]


class Day(click.ParamType[datetime]):
    """A day, from its beginning on, UTC."""

    name = "day"

    def convert(self, value: Any, param: Any, ctx: Any) -> datetime:
        """Return the time when it begins."""
        try:
            return datetime.strptime(str(value), "%Y-%m-%d").replace(tzinfo=UTC)
        except ValueError:
            self.fail(f"{value!r} is no day such as 2024-01-31", param, ctx)


INSTRUMENT = OneOf("instrument", INSTRUMENTS)
ROOTNAME = Name("rootname", completion.find_rootnames, is_lower=True)
TARGET = Name("target", completion.find_targets)
KEY = Name("key", completion.find_keys)
EXPOSURE = NameOrFile("exposure", completion.find_rootnames)
EXTRACTION = Name("extraction", completion.find_extractions, is_lower=True)
ASSET = Name("asset", completion.find_assets, is_lower=True)


def read_cone(
    _ctx: click.Context, _param: click.Parameter, value: tuple[float, float, float] | None
) -> Cone | None:
    """Return the circle that three numbers mean."""
    if value is None:
        return None
    ra_deg, dec_deg, radius_arcsec = value
    cone = Cone(ra_deg, dec_deg, radius_arcsec / 3600)
    if not (abs(ra_deg) <= 360 and abs(dec_deg) <= 90 and 0 < cone.radius_deg <= 180):
        raise click.BadParameter(
            "give right ascension (0 to 360 deg), declination (-90 to 90 deg) and a radius "
            "(arcsec, above 0, 180 deg at most)."
        )
    return cone


CONDITIONS = {
    "rootname": click.option(
        "--rootname", "rootnames", multiple=True, type=ROOTNAME, metavar="ROOTNAME",
        help="Only this exposure or association. Repeatable.",
    ),
    "target": click.option(
        "--target", "targets", multiple=True, type=TARGET, metavar="NAME",
        help="Only this target and its exposures: name in the header, name or slug. Repeatable.",
    ),
    "proposal": click.option(
        "--proposal", "proposals", multiple=True, type=click.IntRange(1, 2**31 - 1),
        metavar="NUMBER", help="Only of this proposal. Repeatable.",
    ),
    "instrument": click.option(
        "--instrument", "instruments", multiple=True, type=INSTRUMENT,
        help="Only of this instrument. Repeatable.",
    ),
    "since": click.option(
        "--since", type=Day(), metavar="YYYY-MM-DD", help="Only what is public since this day."
    ),
    "cone": click.option(
        "--cone", nargs=3, type=float, metavar="RA DEC RADIUS", callback=read_cone,
        help="Only what points into this circle on the sky: deg J2000, deg, arcsec.",
    ),
}  # fmt: skip


def selecting(*names: str) -> Callable[[Function], Function]:
    """Give a command options that select exposures; of several all have to hold."""

    def add(function: Function) -> Function:
        for name in reversed(names or tuple(CONDITIONS)):
            function = CONDITIONS[name](function)
        return function

    return add


in_format = click.option(
    "--format", "form", type=OneOf("format", FORMATS), default="table", show_default=True,
    help="How to write the answer.",
)  # fmt: skip
