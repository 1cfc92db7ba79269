"""Name the header tables and columns that old queries expect, to be there before any file was seen.

They stand in `usual_columns.tsv`: names of tables, the kind of a value, and the keywords of that
kind in each of these tables. For ACS they are those of the 109 table definitions of acsql, for WFC3
those that its headers have, for COS what COSMO read of spt files. Others come with a file.
"""

from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from importlib.resources import files


@cache
def usual_tables() -> Mapping[str, Mapping[str, str]]:
    """Return the kinds of the usual keywords, by header table and keyword."""
    tables: dict[str, dict[str, str]] = defaultdict(dict)
    for line in (files(__package__) / "usual_columns.tsv").read_text().splitlines():
        names, kind, keywords = line.split("\t")
        for name in names.split(","):
            tables[name] |= dict.fromkeys(keywords.split(), kind)
    return dict(tables)
