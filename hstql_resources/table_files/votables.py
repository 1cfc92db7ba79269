"""Write a VOTable row by row, so that it can be of any length.

Its head is astropy's, of a table without rows; the cells are written here (VOTable 1.4, TABLEDATA).
"""

import io
import math
import re
import warnings
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from xml.sax.saxutils import escape

from astropy.io.votable import tree
from astropy.units import UnitsWarning

from hstql_resources.table_files.astropy_tables import spell_unit
from hstql_resources.table_files.columns import Column, Short, plain, tell_apart
from hstql_resources.table_files.texts import render

_DATATYPES = {bool: "boolean", Short: "int", int: "long", float: "double"}
_MARK = "<TABLEDATA>"
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_AT_ONCE = 500
_OVERFLOW = b'<INFO name="QUERY_STATUS" value="OVERFLOW"/>'


def write_votable(
    columns: Sequence[Column],
    rows: Iterable[Sequence[Any]],
    infos: Sequence[tuple[str, str]] = (),
    most: int | None = None,
) -> Iterator[bytes]:
    """Yield the bytes of a VOTable.

    Parameters
    ----------
    columns : sequence of Column
    rows : iterable of tuples
    infos : sequence of (str, str)
        Names and values of INFO elements of the resource.
    most : int, optional
        Rows that are written; if there are more, the table says so (DALI 1.1, OVERFLOW).
    """
    head, tail = _frame(columns, infos)
    yield head
    lines: list[str] = []
    for number, row in enumerate(rows):
        if number == most:
            tail = tail.replace(b"</RESOURCE>", _OVERFLOW + b"</RESOURCE>")
            break
        cells = (_write(column, value) for column, value in zip(columns, row, strict=True))
        lines.append(f"<TR>{''.join(cells)}</TR>\n")
        if len(lines) == _AT_ONCE:
            yield "".join(lines).encode()
            lines.clear()
    yield "".join(lines).encode() + tail


def describe_as_votable(columns: Sequence[Column]) -> bytes:
    """Return a VOTable of no rows."""
    return b"".join(_frame(columns, ()))


def _frame(columns: Sequence[Column], infos: Sequence[tuple[str, str]]) -> tuple[bytes, bytes]:
    file = tree.VOTableFile(version="1.4")
    resource = tree.Resource(type="results")
    file.resources.append(resource)
    resource.infos.extend(tree.Info(name=name, value=value) for name, value in infos)
    table = tree.TableElement(file)
    resource.tables.append(table)
    names = tell_apart([column.name for column in columns])
    buffer = io.BytesIO()
    # VO has deprecated erg and Angstrom, but knows them.
    with warnings.catch_warnings(action="ignore", category=UnitsWarning):
        table.fields.extend(_field(file, *one) for one in zip(names, columns, strict=True))
        table.create_arrays(1)  # of no rows no TABLEDATA is written
        for one in table.fields:
            if one.datatype == "unicodeChar":
                table.array[one.name][0] = ""
        file.to_xml(buffer, tabledata_format="tabledata")
    text = buffer.getvalue().decode()
    start, end = text.index(_MARK) + len(_MARK), text.rindex("</TABLEDATA>")
    return f"{text[:start]}\n".encode(), text[end:].encode()


def _field(file: tree.VOTableFile, name: str, column: Column) -> tree.Field:
    kind = _DATATYPES.get(column.kind)
    unit = spell_unit(column, "vounit")
    field = tree.Field(
        file, name=name, datatype=kind or "unicodeChar", arraysize=None if kind else "*",
        unit=unit, ucd=column.ucd or None, utype=column.utype or None,
    )  # fmt: skip
    field.description = column.about or None
    return field


def _write(column: Column, value: Any) -> str:
    if isinstance(value, float) and not math.isfinite(value):
        return f"<TD>{_write_special(value)}</TD>"
    if value is None:
        return "<TD/>"
    if column.kind is bool:
        return f"<TD>{'true' if value else 'false'}</TD>"
    text = _NO_XML.sub("\ufffd", render(plain(value)))
    return f"<TD>{escape(text)}</TD>"


def _write_special(value: float) -> str:
    return "NaN" if math.isnan(value) else f"{'-' * (value < 0)}Inf"
