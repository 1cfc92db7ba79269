"""Read from an address which exposures are meant, and how they are sorted; write it again."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Annotated, Any, NamedTuple

from fastapi import Depends, HTTPException
from starlette.datastructures import QueryParams
from starlette.requests import Request

from hstql_web.queries.lists import LOOKS, SORTS, Choice, Order

MOST_VALUES = 500
_LONGEST = 100


class Listing(NamedTuple):
    """A list of exposures, as its address says.

    Attributes
    ----------
    choice : Choice
        Which exposures.
    order : Order
        How they are sorted.
    """

    choice: Choice
    order: Order

    def to_query(self) -> dict[str, object]:
        """Return what stands behind the ? in its address."""
        query = self.choice.to_query()
        if self.order != Order():
            query["sort"] = ("-" if self.order.is_descending else "") + self.order.column
        return query


def _read_text(text: str) -> str:
    if len(text) > _LONGEST or not text.isprintable():
        raise ValueError
    return text


def _read_lower(text: str) -> str:
    return _read_text(text).lower()


def _read_proposal(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and 0 < int(text[:11]) < 2**31):
        raise ValueError
    return int(text)


def _read_looked(text: str) -> str:
    if text not in LOOKS:
        raise ValueError
    return text


SEVERAL: Mapping[str, Callable[[str], Any]] = {
    "instrument": _read_lower, "detector": _read_text, "proposal": _read_proposal,
    "visit": _read_text, "target": _read_text, "rootname": _read_lower, "filter": _read_text,
    "opt_elem": _read_text, "anomaly": _read_text,
}  # fmt: skip
SINGLE: Mapping[str, Callable[[str], Any]] = {
    "begin": date.fromisoformat, "end": date.fromisoformat, "comes_since": date.fromisoformat,
    "looked": _read_looked,
}  # fmt: skip


def read_listing(query: QueryParams) -> Listing:
    """Return the list that an address asks for; fields that were left empty say nothing.

    Raises
    ------
    HTTPException
        If a value cannot be meant.
    """
    values: dict[str, Any] = {}
    for name, read in {**SEVERAL, **SINGLE}.items():
        texts = [text for text in query.getlist(name) if text != ""]
        if len(texts) > MOST_VALUES:
            raise HTTPException(422, f"There are more than {MOST_VALUES} values of {name}.")
        try:
            found = tuple(dict.fromkeys(read(text) for text in texts))
        except ValueError:
            raise HTTPException(422, f"A value of {name} in the address is none.") from None
        if found:
            values[name] = found if name in SEVERAL else found[-1]
    return Listing(Choice(**values), _read_order(query.get("sort") or "-exp_start_mjd"))


def _read_order(sort: str) -> Order:
    order = Order(sort.removeprefix("-"), sort.startswith("-"))
    if order.column not in SORTS:
        raise HTTPException(422, f"Lists are sorted by one of {', '.join(SORTS)}.")
    return order


def _read(request: Request) -> Listing:
    return read_listing(request.query_params)


Listed = Annotated[Listing, Depends(_read)]
