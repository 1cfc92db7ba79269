"""Name the type of rows of any columns."""

from typing import Any

from sqlalchemy import Row

AnyRow = Row[*tuple[Any, ...]]
