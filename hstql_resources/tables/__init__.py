"""The tables of hstql, one module per domain; importing this package knows them all."""

from hstql_resources.tables.bad_data import BadData
from hstql_resources.tables.base import Base
from hstql_resources.tables.lightcurves import Composite, CompositeMember, Lightcurve, Statistics
from hstql_resources.tables.observations import File, Observation
from hstql_resources.tables.outcomes import Outcome
from hstql_resources.tables.runs import Run
from hstql_resources.tables.targets import NamedPosition, TargetName

__all__ = [
    "BadData",
    "Base",
    "Composite",
    "CompositeMember",
    "File",
    "Lightcurve",
    "NamedPosition",
    "Observation",
    "Outcome",
    "Run",
    "Statistics",
    "TargetName",
]
