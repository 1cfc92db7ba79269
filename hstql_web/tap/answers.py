"""Ask a translated question in the transaction of a person, and write the answer."""

import io
from collections.abc import Iterator, Mapping, Sequence
from typing import IO, Any

from astropy.io.votable import tree
from sqlalchemy.exc import DBAPIError

from hstql_resources.postgres.complaints import complaint
from hstql_resources.postgres.read_only_query import KINDS
from hstql_resources.site.session import Site, Viewer
from hstql_resources.table_files.columns import Column
from hstql_resources.table_files.texts import to_csv
from hstql_resources.table_files.votables import write_votable
from hstql_web.tap.adql import AdqlError, Question

DEFAULT_ROWS, MOST_ROWS = 10_000, 200_000
FORMS = {"votable": "application/x-votable+xml", "csv": "text/csv; charset=utf-8"}
_NAMES = {
    "votable": "votable", "application/x-votable+xml": "votable", "text/xml": "votable",
    "application/x-votable+xml;serialization=tabledata": "votable",
    "votable/td": "votable", "csv": "csv", "text/csv": "csv",
}  # fmt: skip
_AT_ONCE = 1000


def find_form(name: str | None) -> str:
    """Return the form that a program asks for; VOTable if it does not say.

    Raises
    ------
    AdqlError
        If it is none of `FORMS`.
    """
    wanted = (name or "votable").lower().replace(" ", "")
    if wanted not in _NAMES:
        raise AdqlError(f"There is no format {name}: ask for {', '.join(FORMS)}.")
    return _NAMES[wanted]


def write_answer(
    site: Site,
    viewer: Viewer,
    question: Question,
    address: str,
    form: str,
    most: int,
    limit_s: int,
    file: IO[bytes],
) -> None:
    """Write an answer into a file.

    Parameters
    ----------
    site : Site
    viewer : Viewer
        Who asks: the answer is of what they may see.
    question : Question
    address : str
        Where the site is, for the addresses of files.
    form : str
        One of `FORMS`.
    most : int
        Rows; of more, a VOTable says that there are more.
    limit_s : int
        After which the database gives the question up, s.
    file : file of bytes

    Raises
    ------
    AdqlError
        If the database refuses the question, or it takes too long.
    """
    options = {"stream_results": True, "max_row_buffer": _AT_ONCE, "no_parameters": True}
    try:
        with site.open(viewer) as (connection, _):
            connection.exec_driver_sql(f"SET LOCAL statement_timeout = '{limit_s}s'")
            connection.exec_driver_sql("SET LOCAL hstql.address = %s", (address,))
            result = connection.execution_options(**options).exec_driver_sql(question.sql)
            columns = _describe(result.cursor.description, question.columns)
            file.writelines(_write(form, columns, map(tuple, result), most))
    except DBAPIError as error:
        raise AdqlError(f"The database refused the question: {complaint(error)}.") from None


def _describe(description: Sequence[Any], known: Mapping[str, Column]) -> list[Column]:
    found = []
    for one in description:
        kind = KINDS.get(one.type_code, str)
        column = known.get(one.name)
        if column is None or not issubclass(column.kind, kind):
            column = Column("", "", kind)
        found.append(column._replace(name=one.name))
    return found


def _write(
    form: str, columns: Sequence[Column], rows: Iterator[Sequence[Any]], most: int
) -> Iterator[bytes]:
    if form == "votable":
        return write_votable(columns, rows, [("QUERY_STATUS", "OK")], most)
    lines = to_csv(
        [one.name for one in columns], (row for row, _ in zip(rows, range(most), strict=False))
    )
    return (f"{line}\r\n".encode() for line in lines)


def write_error(message: str) -> bytes:
    """Return a VOTable that says why there is no answer (DALI 1.1, section 4.4)."""
    file = tree.VOTableFile(version="1.4")
    resource = tree.Resource(type="results")
    file.resources.append(resource)
    info = tree.Info(name="QUERY_STATUS", value="ERROR")
    info.content = message
    resource.infos.append(info)
    buffer = io.BytesIO()
    file.to_xml(buffer)
    return buffer.getvalue()
