"""Declare what is an asset's own: the tables that it has rows of.

How rows are written is the business of `recording`.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from hstql_resources.tables import Base


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
