"""Run the calibration pipelines on raw files, each in a scratch folder of its own.

Which files are to be calibrated, and where products go, is decided elsewhere; no asset is known
here. The order of use: `plan_units`, `choose_references` where crds is to choose,
`assemble_references`, `calibrate_all`.
"""

from hstql_resources.calibration.associations import Member, read_members
from hstql_resources.calibration.calibrating import calibrate_all
from hstql_resources.calibration.crds_choice import (
    CrdsChoice,
    best_references,
    choose_references,
    is_configured,
)
from hstql_resources.calibration.errors import (
    CalibrationError,
    CrdsError,
    MissingReferencesError,
    PipelineMissingError,
)
from hstql_resources.calibration.pipelines import PIPELINES, Pipeline, require_pipeline
from hstql_resources.calibration.planning import plan_units
from hstql_resources.calibration.reference_files import ReferenceSet, assemble_references
from hstql_resources.calibration.running import Calibrated, run_pipeline
from hstql_resources.calibration.units import CalibrationUnit, Fault, Plan

__all__ = [
    "PIPELINES",
    "Calibrated",
    "CalibrationError",
    "CalibrationUnit",
    "CrdsChoice",
    "CrdsError",
    "Fault",
    "Member",
    "MissingReferencesError",
    "Pipeline",
    "PipelineMissingError",
    "Plan",
    "ReferenceSet",
    "assemble_references",
    "best_references",
    "calibrate_all",
    "choose_references",
    "is_configured",
    "plan_units",
    "read_members",
    "require_pipeline",
    "run_pipeline",
]
