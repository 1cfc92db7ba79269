"""Read what people decided about target names: the packaged file, and the user's own over it."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib.resources import files
from pathlib import Path

from hstql_assets.targets.names import fold_name
from hstql_resources.fits.data_files import read_text_file
from hstql_resources.fits.limits import LimitError
from hstql_resources.settings import SettingsError

FILENAME = "targets.toml"
SECTIONS = ("names", "anywhere")


@dataclass(frozen=True)
class Overrides:
    """Decisions that no rule would make.

    Attributes
    ----------
    names : mapping of str to str
        Name of the target by name in the header, the latter in upper case.
    anywhere : frozenset of str
        Folded names that are one target wherever they are.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    anywhere: frozenset[str] = frozenset()

    def find(self, target_name: str) -> str | None:
        """Return the decided name of a header's name, None if there is none."""
        return self.names.get(target_name.strip().upper())

    def is_anywhere(self, key: str) -> bool:
        """Tell whether a folded name is one target wherever it is; all decided names are."""
        return key in self._pinned

    @cached_property
    def _pinned(self) -> frozenset[str]:
        return self.anywhere.union(fold_name(name) for name in self.names.values())

    def over(self, others: "Overrides") -> "Overrides":
        """Return these together with others; where both name a target these count."""
        return Overrides({**others.names, **self.names}, self.anywhere | others.anywhere)


def load_overrides(home: Path) -> Overrides:
    """Read the packaged file, and `targets.toml` of the home if it is there.

    Raises
    ------
    SettingsError
        If the user's file cannot be read or says something else than it may; it is named.
    """
    packaged = files(__package__).joinpath("overrides.toml").read_text(encoding="utf-8")
    defaults = parse_overrides(packaged, "overrides.toml")
    path = home / FILENAME
    try:
        text = read_text_file(path)
    except FileNotFoundError:
        return defaults
    except (OSError, LimitError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} cannot be read: {error}.") from None
    return parse_overrides(text, str(path)).over(defaults)


def parse_overrides(text: str, filename: str) -> Overrides:
    """Read decisions from TOML.

    Parameters
    ----------
    text : str
        With a table `names` and a list `anywhere`, both optional, and nothing else.
    filename : str
        For the message.

    Raises
    ------
    SettingsError
        If it is no TOML, or has another shape.
    """
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{filename} is no TOML: {error}.") from None
    if unknown := sorted(set(content) - set(SECTIONS)):
        raise SettingsError(
            f"{filename} has {unknown[0]!r}; there can only be a table [names] and a list "
            "anywhere, which stands before the table."
        )
    names, anywhere = content.get("names", {}), content.get("anywhere", [])
    if not isinstance(names, dict) or not isinstance(anywhere, list):
        raise SettingsError(f"{filename}: names must be a table and anywhere a list.")
    for value in (*names.values(), *anywhere):
        if not isinstance(value, str) or not fold_name(value):
            raise SettingsError(
                f"{filename}: {value!r} is no name of a target: give text with a letter or digit."
            )
    return Overrides(
        {name.strip().upper(): value.strip() for name, value in names.items()},
        frozenset(fold_name(name) for name in anywhere),
    )
