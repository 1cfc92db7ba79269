"""Write the table of columns in docs/statistics.md from what is declared: `make docs`."""

import re
import sys
from pathlib import Path

from hstql_resources.statistics import STATISTICS

_TABLE = re.compile(r"(?<=<!-- columns -->\n).*?(?=<!-- end of columns -->)", re.DOTALL)
_HEAD = "| column | type | unit | what it is |\n|---|---|---|---|\n"


def fill_in_columns(page: str) -> str:
    """Return a page of documentation with the table between its two marks made anew."""
    rows = (
        f"| `{one.name}` | {one.kind.__name__} | {one.unit} | {one.about}{one.note} |\n"
        for one in STATISTICS
    )
    return _TABLE.sub((_HEAD + "".join(rows)).replace("\\", r"\\"), page)


if __name__ == "__main__":
    place = Path(sys.argv[1])
    place.write_text(fill_in_columns(place.read_text()))
