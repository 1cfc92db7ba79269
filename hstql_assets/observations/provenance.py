"""Hold what products were calibrated with against the best that is known.

Asked of the table `files`, as the header step last filled it, in two statements whatever the
number of files.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from sqlalchemy import func, select, text

from hstql_resources import tables
from hstql_resources.filenames import letter_of
from hstql_resources.postgres.database import Database

# A word before the number names another kind of version: HSTDP 2019_3, SIMULATED 1.
_VERSION = re.compile(r"\s*(?:([a-z]+)[\s:]+)?v?(\d+(?:[._]\d+)*)([a-z]?)(?![\w.])", re.IGNORECASE)


@dataclass(frozen=True, order=True)
class Version:
    """A version that can be compared with others of its family.

    Attributes
    ----------
    family : str
        The word before the number, lower case; empty for the pipelines themselves.
    numbers : tuple of int
        Without zeros at the end: 3.4 and 3.4.0 are the same.
    letter : str
        What stands behind them, as in 9.1a.
    """

    family: str
    numbers: tuple[int, ...]
    letter: str = ""


@dataclass(frozen=True)
class VersionCount:
    """How many products say that they were made with a version."""

    name: str
    products: int
    is_older: bool = False


@dataclass(frozen=True)
class Currency:
    """How far the products of an instrument are up to date.

    Attributes
    ----------
    versions : tuple of VersionCount
        All that there are, the newest first.
    other_files : int
        Products that name another reference file than the raw file of their exposure does now.
    by_keyword : mapping of str to int
        Those products by the keyword that differs, most first.
    """

    versions: tuple[VersionCount, ...] = ()
    other_files: int = 0
    by_keyword: Mapping[str, int] = field(default_factory=dict)

    @cached_property
    def older(self) -> int:
        """The number of products of an older version than the newest that there is."""
        return sum(count.products for count in self.versions if count.is_older)

    @property
    def is_current(self) -> bool:
        """Whether nothing is older than the best known."""
        return not self.older and not self.other_files


def parse_version(name: str) -> Version | None:
    """Return what a value of CAL_VER says; None if it has no number that can be compared.

    The date that many have in brackets is no part of it: `2.18.5 (11-Jul-2017)` is 2.18.5.
    """
    match = _VERSION.match(name)
    if match is None:
        return None
    numbers = [int(number) for number in re.split(r"[._]", match[2])]
    while len(numbers) > 1 and numbers[-1] == 0:
        numbers.pop()
    return Version((match[1] or "").lower(), tuple(numbers), match[3].lower())


def compare_versions(products: Mapping[str, int]) -> tuple[VersionCount, ...]:
    """Tell which versions are older than the newest of their family.

    Parameters
    ----------
    products : mapping of str to int
        Number of products by CAL_VER.

    Returns
    -------
    tuple of VersionCount
        The newest first; those that cannot be compared last, and never older.
    """
    parsed = {name: version for name in products if (version := parse_version(name)) is not None}
    newest: dict[str, Version] = {}
    for version in parsed.values():
        newest[version.family] = max(version, newest.get(version.family, version))
    ordered = sorted(parsed, key=lambda name: (parsed[name], name), reverse=True)
    return (
        *(VersionCount(name, products[name], parsed[name] < newest[parsed[name].family])
          for name in ordered),
        *(VersionCount(name, products[name]) for name in sorted(products.keys() - parsed.keys())),
    )  # fmt: skip


def read_currency(database: Database, instrument: str) -> Currency:
    """Return how far the products of an instrument are up to date.

    The best known version is the newest that one of them names; the best known reference files of
    an exposure are those that its newest raw file names. The products of an association have no
    raw file of their own, and only their version is looked at.
    """
    file = tables.File
    statement = (
        select(file.cal_ver, func.count())
        .where(file.kind == "calibrated", file.rootname.startswith(letter_of(instrument)),
               file.cal_ver.is_not(None))
        .group_by(file.cal_ver)
    )  # fmt: skip
    versions = {str(row[0]): int(row[1]) for row in database.read(statement)}
    differing = {
        row.keyword: int(row.products)
        for row in database.read(_OTHER_FILES.bindparams(letter=f"{letter_of(instrument)}%"))
    }
    return Currency(compare_versions(versions), differing.pop(None, 0), differing)


# Whether all names agree is one comparison of two values; only where not, they are taken apart.
_OTHER_FILES = text(
    """
    WITH best AS (
        SELECT DISTINCT ON (rootname) rootname, reference_files
        FROM files
        WHERE kind = 'raw' AND filetype <> 'other' AND rootname LIKE :letter
          AND reference_files IS NOT NULL
        ORDER BY rootname, archived_at DESC NULLS LAST, ingest_date DESC, filename
    ), suspect AS MATERIALIZED (
        SELECT product.filename, product.reference_files, best.reference_files AS best_files
        FROM files AS product
        JOIN best USING (rootname)
        WHERE product.kind = 'calibrated'
          AND coalesce(product.origin, 'archive') IN ('archive', 'hstql')
          AND NOT product.reference_files <@ best.reference_files
    ), differing AS (
        SELECT filename, named.key AS keyword
        FROM suspect
        CROSS JOIN LATERAL jsonb_each_text(reference_files) AS named
        WHERE lower(best_files ->> named.key) <> lower(named.value)
    )
    SELECT keyword, count(*) AS products FROM differing GROUP BY keyword
    UNION ALL
    SELECT NULL, count(DISTINCT filename) FROM differing
    ORDER BY products DESC, keyword
    """
)
