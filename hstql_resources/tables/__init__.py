"""The tables of hstql, one module per domain; importing this package knows them all."""

from hstql_resources.tables.bad_data import BadData
from hstql_resources.tables.base import Base
from hstql_resources.tables.headers import DrizzleData, Header, HeaderCommentary, HeaderExtra
from hstql_resources.tables.image_statistics import ImageStatistics
from hstql_resources.tables.lightcurves import Composite, CompositeMember, Lightcurve, Statistics
from hstql_resources.tables.observations import File, Observation, Product
from hstql_resources.tables.outcomes import Outcome
from hstql_resources.tables.previews import Preview
from hstql_resources.tables.proposals import Proposal
from hstql_resources.tables.runs import Run
from hstql_resources.tables.spectra import PulseHeights, SpectrumStatistics
from hstql_resources.tables.targets import NamedPosition, TargetName

__all__ = [
    "BadData",
    "Base",
    "Composite",
    "CompositeMember",
    "DrizzleData",
    "File",
    "Header",
    "HeaderCommentary",
    "HeaderExtra",
    "ImageStatistics",
    "Lightcurve",
    "NamedPosition",
    "Observation",
    "Outcome",
    "Preview",
    "Product",
    "Proposal",
    "PulseHeights",
    "Run",
    "SpectrumStatistics",
    "Statistics",
    "TargetName",
]
