"""Tell which keys have to be looked at since a sensor looked last: in proportion to what changed.

Every row says which transaction wrote it. A mark is the number below which all transactions had
ended when it was read, so what is written later, or was not to be seen yet, has at least that
number, whichever clock a host has and in whichever order transactions end. What was deleted has no
row: that something was, is noted, and then all keys are looked at.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

from sqlalchemy import CompoundSelect, Select, exists, func, literal, or_, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Text

from hstql_assets.batching.decisions import any_of
from hstql_resources.postgres.database import Database
from hstql_resources.tables.transactions import DELETIONS, FILES, OUTCOMES, PRODUCTS

Keys = Select[str] | CompoundSelect[str]  # a query for keys

VERSION = 1
MOST_NEW = 20_000  # keys that are asked about one by one; of more, all are looked at
MOST_LEFT = 1000  # keys in a cursor; while more are left, it stays where it is
# A table that was emptied, or restored from elsewhere, is another one: its numbers compare to none.
_READ_MARK = text("""
SELECT concat_ws('/', (SELECT oid FROM pg_database WHERE datname = current_database()),
                 pg_relation_filenode('outcomes'), pg_relation_filenode('files'),
                 pg_relation_filenode('products')),
       pg_snapshot_xmin(pg_current_snapshot())::text::bigint
""")


class Mark(NamedTuple):
    """Up to which transaction the tables were seen."""

    tables: str
    transaction: int

    def is_before(self, other: "Mark") -> bool:
        """Tell whether what happened between two marks can be told."""
        return self.tables == other.tables and self.transaction <= other.transaction


def read_mark(database: Database) -> Mark:
    """Return the mark of this moment, which has to be read before all else."""
    ((found, transaction),) = database.read(_READ_MARK)
    return Mark(str(found), int(transaction))


@dataclass(frozen=True)
class Seen:
    """What a sensor has seen, as its cursor keeps it.

    Attributes
    ----------
    mark : Mark
        Of the tables.
    sizes : mapping of str to list of int
        Of partition sets.
    left : tuple of str
        The keys that are still to be asked about.
    about : str
        What it asks; of another question nothing was seen.
    """

    mark: Mark
    sizes: Mapping[str, Sequence[int]]
    left: tuple[str, ...]
    about: str

    @classmethod
    def read(cls, found: Any, now: Mark, about: str) -> Self | None:
        """Return what was seen; None if that is of no use now, or somebody else wrote it."""
        try:
            if found["version"] != VERSION or found["about"] != about:
                return None
            mark = Mark(str(found["mark"][0]), int(found["mark"][1]))
            sizes = {str(name): [int(n) for n in size] for name, size in found["sizes"].items()}
            left = tuple(str(key) for key in found["left"])
        except (ValueError, TypeError, KeyError, AttributeError, IndexError):
            return None
        return cls(mark, sizes, left, about) if mark.is_before(now) else None

    def write(self) -> dict[str, Any]:
        """Return it for JSON."""
        return {"version": VERSION, "about": self.about, "mark": list(self.mark),
                "sizes": {name: list(size) for name, size in self.sizes.items()},
                "left": sorted(self.left)}  # fmt: skip


def read_cursor(text: str | None) -> Any:
    """Return what a cursor has; None for one that is no JSON."""
    try:
        return json.loads(text or "null")
    except ValueError:
        return None


def has_deletions(database: Database, names: Sequence[str], since: Mark) -> bool:
    """Tell whether decisions of assets, or files, were deleted since a mark."""
    statement = select(DELETIONS.name).where(
        DELETIONS.name == any_of(names), DELETIONS.transaction_id >= since.transaction
    )
    return bool(database.read(statement))


def has_news(database: Database, since: Mark) -> bool:
    """Tell whether anything was decided, filed, listed or deleted since a mark."""
    tables = (OUTCOMES, FILES, PRODUCTS, DELETIONS)
    is_later = [exists().where(one.transaction_id >= since.transaction) for one in tables]
    ((found,),) = database.read(select(or_(*is_later)))
    return bool(found)


def read_few(database: Database, keys: Keys | None) -> list[str] | None:
    """Return the keys of a query; None for all, and where they are so many that all is less."""
    if keys is None:
        return None
    found = database.read(keys.limit(MOST_NEW + 1))
    return [str(row[0]) for row in found] if len(found) <= MOST_NEW else None


def select_keys(keys: Sequence[str]) -> Select[str]:
    """Return the query for keys that are known."""
    return select(func.unnest(literal(list(keys), ARRAY(Text))))


def select_decided(assets: Sequence[str], since: Mark) -> Select[str]:
    """Return the query for the keys of assets that were decided since a mark."""
    return select(OUTCOMES.key).where(
        OUTCOMES.transaction_id >= since.transaction, OUTCOMES.asset == any_of(assets)
    )
