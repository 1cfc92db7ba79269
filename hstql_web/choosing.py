"""Read from an address which exposures are meant, and how they are sorted; write it again."""

import math
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Annotated, Any, NamedTuple

from fastapi import Depends, HTTPException
from starlette.datastructures import QueryParams
from starlette.requests import Request

from hstql_resources.sky import Cone
from hstql_web.queries.keys import Key
from hstql_web.queries.lists import LOOKS, SORTS, Choice, Order
from hstql_web.queries.terms import Term, TermError, read_term, split_term

MOST_VALUES = 500
MOST_TERMS = 30  # conditions, and columns beside those of every list
_LONGEST = 100
_LONGEST_TERM = 2000
# Columns of observations for which the form has a field.
FIELDS = (
    "target_name", "proposal_type", "ra_deg", "dec_deg", "exp_time_s", "aperture", "image_type",
    "exposure_type", "obs_type", "obs_mode", "is_subarray", "exp_flag", "cenwave", "ccd_gain",
    "ccd_amp", "is_moving_target",
)  # fmt: skip
FindKey = Callable[[str], Key | None]


class Listing(NamedTuple):
    """A list of exposures, as its address says.

    Attributes
    ----------
    choice : Choice
        Which exposures.
    order : Order
        How they are sorted.
    columns : tuple of Key
        What is shown of each beside what every list shows.
    """

    choice: Choice
    order: Order
    columns: tuple[Key, ...] = ()

    def to_query(self) -> dict[str, object]:
        """Return what stands behind the ? in its address."""
        query = self.choice.to_query()
        if self.order != Order():
            query["sort"] = ("-" if self.order.is_descending else "") + self.order.column
        if self.columns:
            query["column"] = tuple(key.text for key in self.columns)
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


def _read_cone(text: str) -> Cone:
    """Return a cone: RA and Dec (J2000; deg, or h:m:s and d:m:s), radius (arcsec)."""
    ra, dec, radius = _read_text(text).replace(",", " ").split()
    cone = Cone(_read_angle(ra, 15), _read_angle(dec, 1), _read_angle(radius, 1) / 3600)
    if not (abs(cone.ra_deg) <= 360 and abs(cone.dec_deg) <= 90 and 0 < cone.radius_deg <= 180):
        raise ValueError
    return cone


def _read_angle(text: str, per_unit: float) -> float:
    """Return degrees; where there are colons a unit is so many of them."""
    parts = [abs(float(part)) for part in text.split(":")]
    if not text.isascii() or "_" in text or len(parts) > 3 or not all(map(math.isfinite, parts)):
        raise ValueError
    value = sum(part / 60**place for place, part in enumerate(parts))
    return math.copysign(value, -1 if "-" in text[:1] else 1) * (per_unit if len(parts) > 1 else 1)


SEVERAL: Mapping[str, Callable[[str], Any]] = {
    "instrument": _read_lower, "detector": _read_text, "proposal": _read_proposal,
    "visit": _read_text, "target": _read_text, "rootname": _read_lower, "filter": _read_text,
    "opt_elem": _read_text, "anomaly": _read_text,
}  # fmt: skip
SINGLE: Mapping[str, Callable[[str], Any]] = {
    "begin": date.fromisoformat, "end": date.fromisoformat, "comes_since": date.fromisoformat,
    "looked": _read_looked, "cone": _read_cone,
}  # fmt: skip


def read_listing(query: QueryParams, find_key: FindKey) -> Listing:
    """Return the list that an address asks for; fields that were left empty say nothing.

    Raises
    ------
    HTTPException
        If a value cannot be meant.
    """
    values: dict[str, Any] = {}
    for name, read in {**SEVERAL, **SINGLE}.items():
        texts = _split(query.getlist(name)) if name in SEVERAL else query.getlist(name)[-1:]
        if len(texts) > MOST_VALUES:
            raise HTTPException(422, f"There are more than {MOST_VALUES} values of {name}.")
        try:
            found = tuple(dict.fromkeys(read(text) for text in texts if text))
        except ValueError:
            raise HTTPException(422, f"A value of {name} in the address is none.") from None
        if found:
            values[name] = found if name in SEVERAL else found[-1]
    fields = [(name, text) for name in FIELDS for text in query.getlist(name)]
    try:
        values["fields"] = _read_terms(fields, find_key)
        values["where"] = _read_terms(map(split_term, _written(query, "where")), find_key)
        columns = tuple(dict.fromkeys(name_key(one, find_key) for one in _written(query, "column")))
    except TermError as error:
        raise HTTPException(422, str(error)) from None
    order = _read_order(query.get("sort") or "-exp_start_mjd")
    return Listing(Choice(**values), order, columns)


def _split(texts: Iterable[str]) -> list[str]:
    return [one for text in texts for part in text.split(",") if (one := part.strip())]


def _written(query: QueryParams, name: str) -> list[str]:
    texts = [text for text in query.getlist(name) if text.strip()]
    if len(texts) > MOST_TERMS:
        raise TermError(f"There are more than {MOST_TERMS} of {name}: ask for less at once.")
    return texts


def _read_terms(written: Iterable[tuple[str, str]], find_key: FindKey) -> tuple[Term, ...]:
    found = []
    for number, (name, text) in enumerate(written):
        if number >= MOST_TERMS:
            raise TermError(f"There are more than {MOST_TERMS} conditions: ask for less at once.")
        if len(text) > _LONGEST_TERM or not text.isprintable():
            raise TermError(f"The condition on {name[:80]} is too long, or has odd characters.")
        if text.strip():
            found.append(read_term(name_key(name, find_key), text))
    return tuple(dict.fromkeys(found))


def name_key(written: str, find_key: FindKey) -> Key:
    """Return the column that somebody named.

    Raises
    ------
    TermError
        If there is none.
    """
    is_odd = len(written) > 2 * _LONGEST or not (written.isascii() and written.isprintable())
    key = None if is_odd else find_key(written)
    if key is None:
        raise TermError(f"There is no column {ascii(written[:130])[1:-1]} that one can ask by.")
    return key


def _read_order(sort: str) -> Order:
    order = Order(sort.removeprefix("-"), sort.startswith("-"))
    if order.column not in SORTS:
        raise HTTPException(422, f"Lists are sorted by one of {', '.join(SORTS)}.")
    return order


def _read(request: Request) -> Listing:
    return read_listing(request.query_params, request.app.state.desk.keys.find)


Listed = Annotated[Listing, Depends(_read)]
