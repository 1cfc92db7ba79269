"""Name header tables and their columns; pure text."""

import re
from functools import lru_cache
from hashlib import sha256

MAX_BYTES = 63  # of a name in Postgres
UNKNOWN = "unknown"  # detector of a file that names none
FIXED = ("filename", "ext", "rootname", "extver")  # columns of every header table
PRIMARY = "primary"

_TAKEN = frozenset({*FIXED, "xmin", "xmax", "cmin", "cmax", "ctid", "tableoid"})
# A keyword of the standard, of a record-valued card (DP1.AXIS.1) or after HIERARCH.
_KEYWORD = re.compile(r"[A-Za-z0-9_-]+(?:[. ][A-Za-z0-9_-]+)*")
_INDEX = re.compile(r".*_(?:idx|pkey\d*)")  # as the indexes of tables are called
_TO_COLUMN = str.maketrans("-. ", "___")


def table_name(instrument: str, detector: str, filetype: str, extname: str, number: int) -> str:
    """Return the name of the table that the headers of one kind belong to.

    Parameters
    ----------
    instrument : str
        Such as `acs`.
    detector : str
        Such as `FUV-MAMA`; empty if it is not known.
    filetype : str
        Such as `flt`.
    extname : str
        EXTNAME as in the header; empty if there is none.
    number : int
        Of the HDU. The first is always `primary`, one without a name `ext<number>`.

    Returns
    -------
    str
        Of `a-z`, `0-9` and `_` only, at most 63 characters; a longer one is cut and ends in a
        hash of the whole. One that an index could have ends in `_`.
    """
    extension = PRIMARY if number == 0 else clean(extname) or f"ext{number}"
    parts = (clean(instrument), clean(detector) or UNKNOWN, clean(filetype), extension)
    name = "_".join(parts)
    return shorten(f"{name}_" if _INDEX.fullmatch(name) else name)


@lru_cache(maxsize=1 << 16)
def column_name(keyword: str) -> str | None:
    """Return the column of a keyword; None if it is no FITS keyword, or too long.

    Lower case, with `_` for `-`, for the dot of a record-valued keyword and for a blank. A
    keyword named like a column that hstql or Postgres itself has gets the prefix `kw_`.
    """
    if _KEYWORD.fullmatch(keyword) is None:
        return None
    column = keyword.lower().translate(_TO_COLUMN)
    if column in _TAKEN:
        column = f"kw_{column}"
    return column if len(column) <= MAX_BYTES else None


def index_name(table: str, column: str) -> str:
    """Return the name of the index on one column of a header table."""
    return shorten(f"{table}_{column}_idx")


def clean(text: str) -> str:
    """Return a text as a part of a name: lower case, `_` for each run of anything else."""
    return re.sub("[^a-z0-9]+", "_", text.lower()).strip("_")


def shorten(name: str) -> str:
    """Return a name of at most 63 characters; a longer one is cut and ends in its hash."""
    if len(name) <= MAX_BYTES:
        return name
    digest = sha256(name.encode()).hexdigest()[:8]
    return f"{name[: MAX_BYTES - 9]}_{digest}"


ODD = "not of the kind of its column"  # why a value is in `header_extras`
EXTRAS, COMMENTARY, DRIZZLE = "header_extras", "header_commentary", "drizzle_data"
HEADERS = "headers"  # which all header tables inherit from; itself it has those without a table
DRIZZLE_SUFFIXES = (
    "ver", "geom", "data", "dexp", "ouda", "ouwe", "ouco", "mask", "wtsc", "kern", "pixf", "coef",
    "scal", "iscl", "fval", "ouun", "wkey",
)  # fmt: skip
