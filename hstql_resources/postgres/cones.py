"""Ask for the rows whose places lie in a circle on the sky."""

import math
from typing import Any

from sqlalchemy import ColumnElement, Double, and_, cast, func, or_
from sqlalchemy.orm import InstrumentedAttribute

from hstql_resources.sky import Cone
from hstql_resources.sky_index import find_ranges

Column = ColumnElement[Any] | InstrumentedAttribute[Any]


def within(
    cone: Cone,
    cell: Column,
    ra_deg: Column,
    dec_deg: Column,
) -> ColumnElement[bool]:
    """Return the condition that a row lies in a cone.

    Parameters
    ----------
    cone : Cone
    cell : column
        Has the number of the cell, and an index.
    ra_deg, dec_deg : column [deg]
        The place itself; by the haversine formula it is exact at any distance.
    """
    is_near = or_(*(cell.between(first, last) for first, last in find_ranges(cone)))
    haversine = func.power(func.sind((dec_deg - cone.dec_deg) / 2), 2) + func.cosd(dec_deg) * (
        math.cos(math.radians(cone.dec_deg)) * func.power(func.sind((ra_deg - cone.ra_deg) / 2), 2)
    )
    limit = math.sin(math.radians(min(cone.radius_deg, 180) / 2)) ** 2
    return and_(is_near, haversine <= cast(limit, Double))
