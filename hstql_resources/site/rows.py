"""Name the type of rows of any columns, as selects of whole tables have them."""

from typing import Any

from sqlalchemy import Row

AnyRow = Row[*tuple[Any, ...]]
