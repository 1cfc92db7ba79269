"""Define what is calibrated in one run of a pipeline, and what cannot be."""

from dataclasses import dataclass, field
from pathlib import Path

from hstql_resources.calibration.associations import Member

Alternatives = tuple[str, ...]


@dataclass(frozen=True)
class CalibrationUnit:
    """One run of a pipeline: an exposure, or an association with its members.

    Attributes
    ----------
    name : str
        Rootname of the exposure or association.
    instrument : str
        `cos`, `stis`, `acs` or `wfc3`.
    entry : str
        Name of the file that the pipeline is started with.
    inputs : tuple of Path
        All that it reads; may be gzipped. They are copied, never touched.
    raws : tuple of Path
        Those of the inputs that are calibrated.
    generated_members : tuple of Member
        The rows of the association that is written for this run, for an exposure with its
        wavecals; empty if `entry` is among the inputs.
    makes : tuple of str
        The rootnames whose products are kept.
    expected : tuple of tuple of str
        Names of products that make a success: of each tuple one at least.
    memory_bytes : int
        What the run needs at its peak.
    """

    name: str
    instrument: str
    entry: str
    inputs: tuple[Path, ...]
    raws: tuple[Path, ...]
    makes: tuple[str, ...]
    expected: tuple[Alternatives, ...]
    memory_bytes: int
    generated_members: tuple[Member, ...] = ()


@dataclass(frozen=True)
class Fault:
    """Why something that was asked for cannot be calibrated now.

    Attributes
    ----------
    name : str
        Rootname.
    sentence : str
        For the user.
    lacks : tuple of str
        Rootnames whose uncalibrated files would mend it.
    """

    name: str
    sentence: str
    lacks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """How what was asked for is to be calibrated.

    Attributes
    ----------
    units : tuple of CalibrationUnit
        What to run. No rootname is made by two of them.
    faults : tuple of Fault
        What cannot be calibrated.
    nothing : dict
        By rootname why there is nothing to make, one sentence.
    """

    units: tuple[CalibrationUnit, ...] = ()
    faults: tuple[Fault, ...] = ()
    nothing: dict[str, str] = field(default_factory=dict)
