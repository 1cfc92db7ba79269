"""Place the fields of header lines: columns of their table, or `header_extras`.

Lines are bytes as COPY reads them. Most need nothing but the NULLs of columns that their headers
lack; the others are taken apart and put together anew.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter

from hstql_resources.header_tables.copy_lines import Shape, encode_line, escape, kind_of
from hstql_resources.header_tables.kinds import family_of, fits
from hstql_resources.header_tables.layout import Column, HeaderTable
from hstql_resources.header_tables.names import FIXED, ODD

NO_ROOM = "no room for it, or for its kind of value, in the table"

_NULL = b"\\N"
_FILENAME, _EXT, _ROOTNAME = 0, 1, 2  # fields of a line


@dataclass(frozen=True)
class Placed:
    """The lines of one table, ready to be copied.

    Attributes
    ----------
    columns : tuple of str
        Names of the columns in the order of the fields.
    lines : iterator of bytes
        Pieces of any size, whole lines each.
    extras : list of bytes
        Lines of `header_extras` for what has no column, or one of another kind.
    """

    columns: tuple[str, ...]
    lines: Iterator[bytes]
    extras: list[bytes]


def place_lines(table: HeaderTable, lines: Mapping[Shape, Sequence[bytes]]) -> Placed:
    """Fit the lines of all shapes of a table to its columns.

    Parameters
    ----------
    table : HeaderTable
        As it is in the database.
    lines : mapping of Shape to sequence of bytes
        Without newlines.

    Returns
    -------
    Placed
    """
    columns = table.by_keyword
    kept = {
        shape: [
            keyword in columns and fits(kind, columns[keyword].kind)
            for keyword, kind in zip(shape.keywords, shape.kinds, strict=True)
        ]
        for shape in lines
    }
    order = _order_keywords(lines, kept)
    extras = [
        extra
        for shape in lines
        for extra in _list_extras(lines[shape], shape, _list_reasons(shape, columns, kept[shape]))
    ]
    pieces = (_arrange(shape, lines[shape], kept[shape], order) for shape in lines)
    names = tuple(columns[keyword].name for keyword in order)
    return Placed((*FIXED, *names), pieces, extras)


def _order_keywords(
    lines: Mapping[Shape, Sequence[bytes]], kept: Mapping[Shape, Sequence[bool]]
) -> list[str]:
    """Return all keywords that have a column, those of the most usual shape first."""
    order: dict[str, None] = {}
    for shape in sorted(lines, key=lambda shape: len(lines[shape]), reverse=True):
        order.update(
            (keyword, None)
            for keyword, is_kept in zip(shape.keywords, kept[shape], strict=True)
            if is_kept
        )
    return list(order)


def _arrange(
    shape: Shape, lines: Sequence[bytes], kept: Sequence[bool], order: Sequence[str]
) -> bytes:
    """Return the lines of one shape with the fields in the order of the columns."""
    count = len(shape.keywords)
    if all(kept) and tuple(order[:count]) == shape.keywords:
        ending = b"\t\\N" * (len(order) - count) + b"\n"
        return ending.join(lines) + ending
    pick = _picker(shape, kept, order)
    return b"".join([b"\t".join(pick([*line.split(b"\t"), _NULL])) + b"\n" for line in lines])


def _picker(
    shape: Shape, kept: Sequence[bool], order: Sequence[str]
) -> Callable[[list[bytes]], tuple[bytes, ...]]:
    """Return what picks the fields of a line, and NULL, which stands after the last."""
    first = len(FIXED)
    places = {
        keyword: first + i
        for i, (keyword, is_kept) in enumerate(zip(shape.keywords, kept, strict=True))
        if is_kept
    }
    null = first + len(shape.keywords)
    return itemgetter(*range(first), *(places.get(keyword, null) for keyword in order))


def _list_reasons(
    shape: Shape, columns: Mapping[str, Column], kept: Sequence[bool]
) -> dict[int, str]:
    """Return why values have no place in a column, by the number of their field."""
    reasons = {}
    for i in (i for i, is_kept in enumerate(kept) if not is_kept):
        column = columns.get(shape.keywords[i])
        is_odd = column is not None and family_of(column.kind) != family_of(shape.kinds[i])
        reasons[i] = ODD if is_odd else NO_ROOM
    return reasons


def _list_extras(
    lines: Sequence[bytes], shape: Shape, reasons: Mapping[int, str]
) -> Iterator[bytes]:
    """Yield a line of `header_extras` for each field with a reason to be there."""
    for line in lines if reasons else ():
        fields = line.split(b"\t")
        for i, reason in reasons.items():
            yield b"\t".join(
                (
                    fields[_FILENAME],
                    fields[_EXT],
                    encode_line((escape(shape.keywords[i]), "1")),
                    fields[_ROOTNAME],
                    encode_line((shape.table, kind_of(shape.letters[i]))),
                    fields[len(FIXED) + i],
                    reason.encode() + b"\n",
                )
            )
