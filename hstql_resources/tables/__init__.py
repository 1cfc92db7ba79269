"""Declare the tables of hstql, a module per domain; importing this package knows them all."""

from hstql_resources.tables.acquisitions import Acquisition, JitterStatistics, Telemetry
from hstql_resources.tables.bad_data import BadData
from hstql_resources.tables.base import Base
from hstql_resources.tables.blobs import Blob, BlobSighting, BlobWindow
from hstql_resources.tables.bowtie import BowtieRatio
from hstql_resources.tables.darks import DarkCell, DarkRate, DarkSum
from hstql_resources.tables.eper_cte import EperCte
from hstql_resources.tables.exposure_sets import (
    BadPixelTable,
    ExposureSet,
    ExposureSetMember,
    FlatGain,
    FlatLevel,
    Superdark,
    UnstablePixel,
    UnstablePixelMap,
)
from hstql_resources.tables.gain import (
    CumulativeImage,
    CumulativeImageMember,
    FlaggedPixel,
    Gain,
    GainSagTable,
    GainTrend,
)
from hstql_resources.tables.headers import DrizzleData, Header, HeaderCommentary, HeaderExtra
from hstql_resources.tables.home import Home
from hstql_resources.tables.image_statistics import ImageStatistics
from hstql_resources.tables.ir_bias_levels import IrBiasLevel
from hstql_resources.tables.lightcurves import (
    Composite,
    CompositeMember,
    Extraction,
    Lightcurve,
    TimeResolvedSpectra,
)
from hstql_resources.tables.monitor_states import MonitorState, MonitorStateChange
from hstql_resources.tables.observations import File, Observation, Product
from hstql_resources.tables.osm_shifts import OsmShift, SmsExposure
from hstql_resources.tables.outcomes import Attempt, Outcome
from hstql_resources.tables.persistence import Persistence, PersistenceStimulus
from hstql_resources.tables.previews import Preview
from hstql_resources.tables.proposals import Proposal
from hstql_resources.tables.runs import Run
from hstql_resources.tables.site import (
    AnomalyFlag,
    AnomalyKind,
    Comment,
    Look,
    Person,
    ProgramKey,
    ProposalAccess,
    SavedQuery,
)
from hstql_resources.tables.snowballs import SnowballEvent, SnowballSearch
from hstql_resources.tables.spectra import PulseHeights, SpectrumStatistics
from hstql_resources.tables.statistics import Flare, Statistics
from hstql_resources.tables.stim_pulses import StimPulse
from hstql_resources.tables.targets import NamedPosition, TargetName
from hstql_resources.tables.throughput import Throughput, ThroughputSlope

__all__ = [
    "Acquisition",
    "AnomalyFlag",
    "AnomalyKind",
    "Attempt",
    "BadData",
    "BadPixelTable",
    "Base",
    "Blob",
    "BlobSighting",
    "BlobWindow",
    "BowtieRatio",
    "Comment",
    "Composite",
    "CompositeMember",
    "CumulativeImage",
    "CumulativeImageMember",
    "DarkCell",
    "DarkRate",
    "DarkSum",
    "DrizzleData",
    "EperCte",
    "ExposureSet",
    "ExposureSetMember",
    "Extraction",
    "File",
    "FlaggedPixel",
    "Flare",
    "FlatGain",
    "FlatLevel",
    "Gain",
    "GainSagTable",
    "GainTrend",
    "Header",
    "HeaderCommentary",
    "HeaderExtra",
    "Home",
    "ImageStatistics",
    "IrBiasLevel",
    "JitterStatistics",
    "Lightcurve",
    "Look",
    "MonitorState",
    "MonitorStateChange",
    "NamedPosition",
    "Observation",
    "OsmShift",
    "Outcome",
    "Persistence",
    "PersistenceStimulus",
    "Person",
    "Preview",
    "Product",
    "ProgramKey",
    "Proposal",
    "ProposalAccess",
    "PulseHeights",
    "Run",
    "SavedQuery",
    "SmsExposure",
    "SnowballEvent",
    "SnowballSearch",
    "SpectrumStatistics",
    "Statistics",
    "StimPulse",
    "Superdark",
    "TargetName",
    "Telemetry",
    "Throughput",
    "ThroughputSlope",
    "TimeResolvedSpectra",
    "UnstablePixel",
    "UnstablePixelMap",
]
