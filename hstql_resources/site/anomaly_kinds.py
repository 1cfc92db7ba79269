"""Fill the table of kinds of anomalies, which a team then edits.

`anomaly_kinds.tsv` names the source of each; most are those of the Quicklook of WFC3.
"""

import csv
from collections.abc import Iterator
from importlib.resources import files

from sqlalchemy import exists, select

from hstql_resources.postgres.database import Writer
from hstql_resources.tables import AnomalyKind

_COLUMNS = ("instrument", "kind", "label", "description", "source")


def fill_kinds(writer: Writer) -> None:
    """Write the kinds that come with hstql, unless there are some already."""
    if not writer.connection.scalar(select(exists().where(AnomalyKind.kind.is_not(None)))):
        writer.upsert(AnomalyKind, list(read_kinds()))


def read_kinds() -> Iterator[dict[str, object]]:
    """Yield the rows that come with hstql."""
    source = files("hstql_resources.site").joinpath("anomaly_kinds.tsv").read_text()
    lines = csv.DictReader(source.splitlines(), _COLUMNS, restval="", delimiter="\t")
    for position, line in enumerate(lines, 1):
        yield {**line, "source": line["source"] or None, "position": position}
