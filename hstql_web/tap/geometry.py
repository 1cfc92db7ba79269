"""Rewrite the geometry of a translated query: pgSphere's calls become conditions on the sky index.

Understood are circles and distances between places that are columns or numbers; the server needs
no extension. What else there is of pgSphere is refused.
"""

import re
from typing import Any

from sqlalchemy import ColumnClause, column
from sqlalchemy.dialects import postgresql

from hstql_resources.postgres.cones import within
from hstql_resources.sky import Cone

_NUMBER = r"-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_NAME = r"(?:\w+\.){0,2}[A-Za-z_]\w*"
_ONE = rf"RADIANS\(({_NUMBER}|{_NAME})\)"
_POINT = rf"spoint\({_ONE}, {_ONE}\)"
_CONTAINS = re.compile(rf"{_POINT} (!?)@ scircle\({_POINT}, {_ONE}\)")
_DISTANCE = re.compile(rf"DEGREES\({_POINT} <-> {_POINT}\)")
_LEFT = re.compile(r"\b(?:spoint|scircle|spoly|sbox)\b|<->|!?@|&&", re.IGNORECASE)
_PLACE = re.compile(r"((?:\w+\.){0,2})s_ra", re.IGNORECASE)


class GeometryError(ValueError):
    """Geometry that is not understood; the message is one sentence."""


def rewrite_geometry(sql: str) -> str:
    """Return a query without pgSphere.

    Parameters
    ----------
    sql : str
        As the translator of ADQL writes it, without literals in quotation marks.

    Raises
    ------
    GeometryError
        If something is left that is not understood.
    """
    sql = _CONTAINS.sub(_contain, sql)
    sql = _DISTANCE.sub(lambda found: f"({_separate(*found.groups())})", sql)
    if _LEFT.search(sql):
        raise GeometryError(
            "Of geometry CONTAINS(POINT(...), CIRCLE(...)) compared with 0 or 1, and "
            "DISTANCE(POINT(...), POINT(...)) are understood, of columns and numbers."
        )
    return sql


def _contain(found: re.Match[str]) -> str:
    ra, dec, negation, other_ra, other_dec, radius = found.groups()
    for (a, b), (lon, lat) in (
        ((ra, dec), (other_ra, other_dec)),
        ((other_ra, other_dec), (ra, dec)),
    ):
        place = _PLACE.fullmatch(a)
        is_fixed = all(re.fullmatch(_NUMBER, one) for one in (lon, lat, radius))
        if place and b.lower() == f"{place[1]}s_dec".lower() and is_fixed:
            condition = _search(place[1], float(lon), float(lat), float(radius))
            break
    else:
        condition = f"{_separate(ra, dec, other_ra, other_dec)} <= {radius}"
    return f"({'NOT ' if negation else ''}({condition}))"


def _search(prefix: str, ra: float, dec: float, radius: float) -> str:
    if not (-90 <= dec <= 90 and 0 <= radius <= 180):
        raise GeometryError(
            f"A circle of {radius:g} deg around Dec {dec:g} is none: a radius is 0 to 180 deg, a "
            "declination -90 to 90."
        )
    names: list[ColumnClause[Any]] = [
        column(f"{prefix}{one}", is_literal=True) for one in ("s_cell", "s_ra", "s_dec")
    ]
    condition = within(Cone(ra % 360, dec, radius), *names)
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    return str(condition.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))


def _separate(ra: str, dec: str, other_ra: str, other_dec: str) -> str:
    """Return the distance of two places by the haversine formula, deg."""
    return (
        f"2 * asind(least(1, sqrt(power(sind((({dec}) - ({other_dec})) / 2), 2) + cosd({dec}) * "
        f"cosd({other_dec}) * power(sind((({ra}) - ({other_ra})) / 2), 2))))"
    )
