"""Declare what is an asset's own: rows of tables, and files under `HSTQL_HOME`.

One declaration for each asset, beside it; an `AssetNode` carries it. Batches are recorded by it,
keys that leave a partition set are retired by it (`retiring`), a reset finds by it what makes a
table, and a file without a row is told from one of somebody else's. What follows from an asset is
declared nowhere: the graph knows it.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from hstql_resources.tables import Base

ROOTNAME = "(?P<key>[a-z][a-z0-9]{8})"  # for patterns of files


@dataclass(frozen=True)
class OwnedTable:
    """A table whose rows for a key belong to one asset.

    Attributes
    ----------
    model : mapped class
        The table.
    key_column : str
        Its column with the partition key.
    only : SQL expression, optional
        Which of the rows belong to the asset, where others share the table.
    keep : tuple of str
        Columns whose value stays when a row is written again; only where the primary key is one
        column.
    is_shared : bool
        True if this asset adds columns to rows that another one makes and removes.
    outlives_bad : bool
        True if the row of a key stays when its files are bad: they may be delivered again.
    """

    model: "type[Base]"
    key_column: str = "rootname"
    only: "ColumnElement[bool] | None" = None
    keep: tuple[str, ...] = ()
    is_shared: bool = False
    outlives_bad: bool = False

    @property
    def name(self) -> str:
        """The name of the table, by which outcomes have rows for it."""
        return str(self.model.__tablename__)


@dataclass(frozen=True)
class OwnedFiles:
    """Files that one asset writes.

    Attributes
    ----------
    folder : str
        Where, under `HSTQL_HOME`.
    pattern : str
        Regular expression of their paths below it; its group `key` is the partition key. Without
        that group they are made of everything.
    named_by : tuple of columns
        Those of tables that hold their paths; none if no row names them.
    is_own : callable, optional
        Takes a match of the pattern; False if the file is none of them all the same.
    """

    folder: str
    pattern: str
    named_by: tuple[Any, ...] = ()
    is_own: Callable[[re.Match[str]], bool] = lambda _match: True

    @property
    def has_keys(self) -> bool:
        """Whether each of them belongs to a key."""
        return "(?P<key>" in self.pattern

    def match(self, path: str) -> re.Match[str] | None:
        """Return the match of a path, relative to `HSTQL_HOME`; None if it is none of them."""
        if not path.startswith(f"{self.folder}/"):
            return None
        found = re.fullmatch(self.pattern, path.removeprefix(f"{self.folder}/"))
        return found if found is not None and self.is_own(found) else None


@dataclass(frozen=True)
class Ownership:
    """What is an asset's own.

    Attributes
    ----------
    tables : tuple of OwnedTable
        Those whose rows come and go with its keys.
    others : tuple of mapped classes
        Tables that it fills in a way of its own, such as a trend its whole table.
    files : tuple of OwnedFiles
        What it writes.
    """

    tables: tuple[OwnedTable, ...] = ()
    others: "tuple[type[Base], ...]" = ()
    files: tuple[OwnedFiles, ...] = ()

    @property
    def table_names(self) -> tuple[str, ...]:
        """The tables that it makes, or adds columns to."""
        others = (str(model.__tablename__) for model in self.others)
        return (*(table.name for table in self.tables), *others)


# Dagster has no place for what it does not show; the name of an asset is unique in a process.
_DECLARED: dict[str, Ownership] = {}


def declare(asset: str, owns: Ownership) -> None:
    """Note what is an asset's own, by its name, such as `cos/lightcurves`."""
    _DECLARED[asset] = owns


def ownership_of(asset: str) -> Ownership:
    """Return what an asset has declared to be its own."""
    return _DECLARED[asset]
